//! Every option of a processing step that runs a script.

use pipewright::prelude::*;
use pipewright::requests::{NetworkConfig, VpcConfig};

use crate::{IMAGE, KEY, code, data};

#[derive(Pipeline)]
#[pipeline(name = "processing-script-full")]
pub(crate) struct ProcessingScriptFull {}

impl Steps for ProcessingScriptFull {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        p.add(
            "Full",
            Processing::script(code::Preprocess::new())
                .image(IMAGE)
                .command(["python3", "-v"])
                .instances(2, "ml.m5.4xlarge")
                .volume_gb(50)
                .volume_kms_key(KEY)
                .output_kms_key(KEY)
                .max_runtime_seconds(7200)
                .environment("A", 1)
                .environment("RUN", execution::pipeline_execution_id())
                .network(
                    NetworkConfig::new()
                        .enable_network_isolation(true)
                        .enable_inter_container_traffic_encryption(true)
                        .vpc_config(VpcConfig::new(["sg-1"], ["subnet-1", "subnet-2"])),
                )
                .tag("team", "ds")
                .arguments(["--a", "1", "--run"])
                .argument(execution::pipeline_name())
                .with_input(
                    Input::s3(data("in"), "/opt/ml/processing/in")
                        .name("in")
                        .data_type("ManifestFile")
                        .input_mode("Pipe")
                        .data_distribution("ShardedByS3Key")
                        .compression("Gzip"),
                )
                .with_input(Input::code(&code::Helper::new(), "/opt/ml/processing/helper").name("local"))
                .output_to(
                    "report",
                    "/opt/ml/processing/report",
                    join!("s3://", Deploy::DataBucket, "/out/", execution::pipeline_execution_id()),
                )
                .upload_mode("Continuous")
                .output("auto", "/opt/ml/processing/auto")
                .output_to("fs", "/opt/ml/processing/fs", data("fs"))
                .app_managed()
                .feature_group("fg")
                .property_file(PropertyFile::new("Report", "report", "a/report.json"))
                .cache(Cache::expire_after("P30DT12H"))
                .display_name("Full step")
                .description("Everything"),
        );
        Ok(())
    }
}
