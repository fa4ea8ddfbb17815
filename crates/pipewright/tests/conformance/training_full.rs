//! Every option of a training step.

use pipewright::prelude::*;
use pipewright::requests::{
    DebugHookConfig, ProfilerConfig, TrainingImageConfig, TrainingRepositoryAuthConfig, VpcConfig,
};

use crate::{IMAGE, KEY, data};

#[derive(Pipeline)]
#[pipeline(name = "training-full")]
pub(crate) struct TrainingFull {
    #[parameter(name = "LR", default = 0.1)]
    learning_rate: Parameter<f64>,
    #[parameter(name = "N", default = 2)]
    instances: Parameter<i64>,
}

/// A training job with the hook and the profiler that the SDK adds to each.
fn estimator() -> Training {
    Training::new(IMAGE)
        .output_path(data("models"))
        .debug_hook(DebugHookConfig::new(data("models")).collection_configurations([]))
        .profiler(ProfilerConfig::new().s3_output_path(data("models")).disable_profiler(false))
}

impl Steps for TrainingFull {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        let credentials = "arn:aws:lambda:eu-west-1:123456789012:function:cred";
        let private_registry = TrainingImageConfig::new("Vpc")
            .training_repository_auth_config(TrainingRepositoryAuthConfig::new(credentials));
        p.add(
            "Full",
            estimator()
                .instances(&self.instances, "ml.m5.xlarge")
                .volume_gb(100)
                .volume_kms_key(KEY)
                .output_kms_key(KEY)
                .max_runtime_seconds(3600)
                .spot(7200)
                .checkpoints(data("ckpt"), "/opt/ml/checkpoints")
                .vpc(VpcConfig::new(["sg-1"], ["subnet-1"]))
                .inter_container_encryption(true)
                .network_isolation(true)
                .environment("A", "1")
                .tag("team", "ds")
                .hyperparameter("epochs", 3)
                .hyperparameter("lr", &self.learning_rate)
                // Python's `True`: the script was written for it.
                .hyperparameter("flag", "True")
                .hyperparameter("s", "text")
                .metric("val:rmse", "rmse=(.*)")
                .metrics_time_series(true)
                .max_retry_attempts(2)
                .entrypoint(["/run"])
                .arguments(["--a"])
                .training_image(private_registry)
                .channel(
                    "train",
                    Channel::csv(data("t"))
                        .compression("Gzip")
                        .distribution("ShardedByS3Key")
                        .input_mode("Pipe")
                        .record_wrapping("RecordIO")
                        .shuffle(42)
                        .attribute_names(["a", "b"]),
                )
                .channel("ff", Channel::s3(data("f")).input_mode("FastFile"))
                .channel("plain", data("p"))
                .cache(Cache::disabled())
                .retry(Retry::for_minutes(120).on(StepException::ServiceFault).on(StepException::Throttling))
                .retry(
                    Retry::attempts(3)
                        .on(JobException::ResourceLimit)
                        .on(JobException::CapacityError)
                        .on(JobException::InternalError)
                        .interval_seconds(5)
                        .backoff_rate(1.5),
                )
                .display_name("d")
                .description("desc"),
        );
        p.add("Warm", estimator().instances(1, "ml.m5.xlarge").keep_alive_seconds(600));
        Ok(())
    }
}
