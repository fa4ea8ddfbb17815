//! Executions recorded in no experiment.

use pipewright::prelude::*;

use crate::prep;

#[derive(Pipeline)]
#[pipeline(name = "no-experiment")]
pub(crate) struct NoExperiment {}

impl Steps for NoExperiment {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        p.no_experiment().add("A", prep!());
        Ok(())
    }
}
