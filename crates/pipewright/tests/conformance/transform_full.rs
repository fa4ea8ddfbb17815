//! Every option of a transform step.

use pipewright::prelude::*;
use pipewright::requests::BatchDataCaptureConfig;

use crate::{KEY, data};

#[derive(Pipeline)]
#[pipeline(name = "transform-full")]
pub(crate) struct TransformFull {
    #[parameter(default = "m")]
    model_name: Parameter<String>,
}

impl Steps for TransformFull {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        p.add(
            "T",
            Transform::new(&self.model_name, data("i"))
                .instances(1, "ml.m5.large")
                .content_type("text/csv")
                .compression("Gzip")
                .split_type("Line")
                .output_path(data("o"))
                .output_kms_key(KEY)
                .assemble_with("Line")
                .accept("text/csv")
                .volume_kms_key(KEY)
                .batch_strategy("MultiRecord")
                .max_concurrent_transforms(4)
                .max_payload_mb(6)
                .environment("K", "V")
                .tag("a", "b")
                .input_filter("$[1:]")
                .output_filter("$[0,-1]")
                .join_source("Input")
                .model_client(60, 1)
                .data_capture(
                    BatchDataCaptureConfig::new(data("cap")).kms_key_id(KEY).generate_inference_id(true),
                )
                .cache(Cache::days(1)),
        );
        Ok(())
    }
}
