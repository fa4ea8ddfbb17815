//! Script mode, a heterogeneous cluster, and file systems.

use pipewright::prelude::*;
use pipewright::requests::{DebugHookConfig, FileSystemDataSource, InstanceGroup, ProfilerConfig, VpcConfig};

use crate::{IMAGE, code, data};

#[derive(Pipeline)]
#[pipeline(name = "training-frameworks")]
pub(crate) struct TrainingFrameworks {}

/// A job with the hook and the profiler that the SDK adds to each, and all its results in one place.
fn sdk(job: Training, results: &Expr<String>) -> Training {
    job.output_path(results)
        .debug_hook(DebugHookConfig::new(results).collection_configurations([]))
        .profiler(ProfilerConfig::new().s3_output_path(results).disable_profiler(false))
}

/// The SDK's framework estimators write to the root of the default bucket.
fn framework(job: Training) -> Training {
    sdk(job, &join!("s3://", Deploy::SourceBucket, "/")).channel("train", data("t"))
}

fn estimator() -> Training {
    sdk(Training::new(IMAGE), &data("models"))
}

impl Steps for TrainingFrameworks {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        let pytorch = image::pytorch("2.1.0").training().gpu();
        p.add(
            "PT",
            framework(Training::script(pytorch, code::pkg::Train::new()))
                .instances(2, "ml.p4d.24xlarge")
                .hyperparameter("epochs", 1)
                .distribution(Distribution::TorchDistributed)
                .metrics_time_series(true),
        );
        p.add(
            "XGB",
            framework(Training::script(image::xgboost("1.7-1"), code::Train::new()))
                .instances(1, "ml.m5.xlarge"),
        );
        p.add(
            "SK",
            framework(Training::script(image::sklearn("1.2-1"), code::Train::new()))
                .instances(1, "ml.m5.xlarge"),
        );

        p.add(
            "Het",
            estimator()
                .instance_groups([
                    InstanceGroup::new("ml.c5.xlarge", 1, "a"),
                    InstanceGroup::new("ml.m5.xlarge", 2, "b"),
                ])
                .channel("train", Channel::s3(data("t")).instance_groups(["a"])),
        );

        let files = |mode: &str, kind: &str, folder: &str| {
            Channel::file_system(FileSystemDataSource::new("fs-01234567", mode, kind, folder))
        };
        p.add(
            "FS",
            estimator()
                .instances(1, "ml.m5.xlarge")
                .vpc(VpcConfig::new(["sg-1"], ["subnet-1"]))
                .channel("efs", files("ro", "EFS", "/d"))
                .channel("fsx", files("rw", "FSxLustre", "/fsx")),
        );
        Ok(())
    }
}
