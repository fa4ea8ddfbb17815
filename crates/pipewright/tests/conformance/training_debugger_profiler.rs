//! A training that Debugger and Profiler watch.

use pipewright::prelude::*;
use pipewright::requests::{
    CollectionConfiguration, DebugHookConfig, ProfilerConfig, TensorBoardOutputConfig,
};

use crate::{IMAGE, data};

#[derive(Pipeline)]
#[pipeline(name = "training-debugger-profiler")]
pub(crate) struct TrainingDebuggerProfiler {}

impl Steps for TrainingDebuggerProfiler {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        let losses =
            CollectionConfiguration::new().collection_name("losses").collection_parameters([("k", 1)]);
        let hook = DebugHookConfig::new(data("dbg"))
            .hook_parameters([("save_interval", 10)])
            .collection_configurations([losses]);
        let profiler = ProfilerConfig::new()
            .s3_output_path(data("prof"))
            .disable_profiler(false)
            .profiling_interval_in_milliseconds(500);
        p.add(
            "Debug",
            Training::new(IMAGE)
                .instances(1, "ml.m5.xlarge")
                .output_path(data("models"))
                .channel("train", data("t"))
                .debug_hook(hook)
                .debug_rule(
                    DebugRule::built_in("LossNotDecreasing")
                        .parameter("tensor_regex", ".*")
                        .collection("losses", [("save_interval", 500)]),
                )
                .tensor_board(TensorBoardOutputConfig::new(data("tb")))
                .profiler(profiler)
                .profiler_rule(ProfilerRule::built_in("ProfilerReport")),
        );
        Ok(())
    }
}
