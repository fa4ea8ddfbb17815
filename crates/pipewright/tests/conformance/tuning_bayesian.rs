//! A search over three hyperparameters, and a model of the best training.

use pipewright::prelude::*;

use crate::{IMAGE, data};

#[derive(Pipeline)]
#[pipeline(name = "tuning-bayesian")]
pub(crate) struct TuningBayesian {
    #[parameter(name = "MaxJobs", default = 4)]
    max_jobs: Parameter<i64>,
}

impl Steps for TuningBayesian {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        let training = Training::new(IMAGE)
            .instances(1, "ml.m5.xlarge")
            .output_path(data("models"))
            .hyperparameter("static", 1)
            .metric("val:rmse", "rmse=(.*)")
            .channel("train", data("t"));
        let tune = p.add(
            "Tune",
            Tuning::new(training, Objective::minimize("val:rmse"))
                .range("eta", TuningRange::continuous(0.01, 0.3).scaling("Logarithmic"))
                .range("depth", TuningRange::integer(2, 10))
                .range("booster", TuningRange::categorical(["gbtree", "dart"]))
                .max_jobs(&self.max_jobs)
                .max_parallel_jobs(2)
                .max_runtime_seconds(9000)
                .early_stopping()
                .random_seed(7)
                .stop_after_no_improvement(5)
                .stop_at(0.1)
                .warm_start("IdenticalDataAndAlgorithm", ["parent-job"])
                .tag("a", "b")
                .cache(Cache::hours(1)),
        );
        let best = Container::new(IMAGE).model_data(tune.top_model(0, data("models")));
        p.add("Best-CreateModel", Model::new(best));
        Ok(())
    }
}
