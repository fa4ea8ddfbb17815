//! A model and a transform job with it: what the SDK's `EstimatorTransformer` makes.

use pipewright::prelude::*;

use crate::{IMAGE, data};

#[derive(Pipeline)]
#[pipeline(name = "estimator-transformer")]
pub(crate) struct EstimatorTransformer {}

impl Steps for EstimatorTransformer {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        let model =
            p.add("ETCreateModelStep", Model::new(Container::new(IMAGE).model_data(data("m.tar.gz"))));
        p.add(
            "ETTransformStep",
            Transform::new(model.model_name(), data("i"))
                .instances(1, "ml.m5.large")
                .content_type("text/csv")
                .split_type("Line")
                .batch_strategy("SingleRecord")
                .environment("a", "b")
                .output_path(data("o")),
        );
        Ok(())
    }
}
