//! Models that are served with a script of one's own.

use pipewright::prelude::*;
use pipewright::requests::{DebugHookConfig, ProfilerConfig};

use crate::{IMAGE, code, data};

#[derive(Pipeline)]
#[pipeline(name = "model-repack")]
pub(crate) struct ModelRepack {}

impl Steps for ModelRepack {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        let train = p.add(
            "Train",
            Training::new(IMAGE)
                .instances(1, "ml.m5.xlarge")
                .output_path(data("models"))
                .debug_hook(DebugHookConfig::new(data("models")).collection_configurations([]))
                .profiler(ProfilerConfig::new().s3_output_path(data("models")).disable_profiler(false))
                .channel("train", data("t")),
        );
        let sklearn = Container::new(image::sklearn("1.2-1"))
            .model_data(train.model())
            .script(code::pkg::Inference::new());
        p.add(
            "Sk-CreateModel",
            Model::new(sklearn).retry(Retry::attempts(3).on(StepException::Throttling)).depends_on(&train),
        );
        let xgboost = Container::new(image::xgboost("1.7-1"))
            .model_data(train.model())
            .script(code::Inference::new())
            .framework("XGBOOST");
        p.add(
            "Xg-RegisterModel",
            RegisterModel::new("g", xgboost)
                .content_types(["text/csv"])
                .response_types(["text/csv"])
                .inference_instances(["ml.m5.large"]),
        );
        Ok(())
    }
}
