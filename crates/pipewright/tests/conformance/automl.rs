//! The best model of a table, found by SageMaker.

use pipewright::prelude::*;

use crate::{KEY, data};

#[derive(Pipeline)]
#[pipeline(name = "automl")]
pub(crate) struct Automl {}

impl Steps for Automl {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        let search = p.add(
            "AML",
            AutoML::new("y", data("t"))
                .validation(data("v"))
                .problem("Regression", "MSE")
                .max_candidates(3)
                .max_runtime_per_training_job_seconds(600)
                .max_runtime_seconds(3600)
                .output_path(data("aml"))
                .output_kms_key(KEY)
                .volume_kms_key(KEY)
                .cache(Cache::days(1)),
        );
        p.add("Best-CreateModel", Model::new(search.best_container()));
        Ok(())
    }
}
