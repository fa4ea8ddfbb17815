//! Executions recorded in an experiment of one's own.

use pipewright::prelude::*;

use crate::prep;

#[derive(Pipeline)]
#[pipeline(name = "experiment-custom")]
pub(crate) struct ExperimentCustom {
    #[parameter(name = "Exp", default = "e")]
    experiment: Parameter<String>,
}

impl Steps for ExperimentCustom {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        p.experiment(&self.experiment, join!("t-", execution::pipeline_execution_id()));
        p.add("A", prep!());
        Ok(())
    }
}
