//! Jobs whose names begin as their author says.

use pipewright::prelude::*;
use pipewright::requests::{DebugHookConfig, ProfilerConfig};

use crate::{IMAGE, data, prep};

#[derive(Pipeline)]
#[pipeline(name = "custom-job-prefixes")]
pub(crate) struct CustomJobPrefixes {}

impl Steps for CustomJobPrefixes {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        p.add("P", prep!().job_name_prefix("proc-prefix"));
        p.add(
            "T",
            Training::new(IMAGE)
                .job_name_prefix("train-prefix")
                .instances(1, "ml.m5.xlarge")
                .output_path(data("models"))
                .debug_hook(DebugHookConfig::new(data("models")).collection_configurations([]))
                .profiler(ProfilerConfig::new().s3_output_path(data("models")).disable_profiler(false))
                .channel("t", data("t")),
        );
        p.add(
            "X",
            Transform::new("m", data("i"))
                .job_name_prefix("tf-prefix")
                .instances(1, "ml.m5.large")
                .output_path(data("o")),
        );
        Ok(())
    }
}
