//! Retry policies, dependencies by hand, and settings beside the definition.

use pipewright::prelude::*;

use crate::{IMAGE, data, prep};

#[derive(Pipeline)]
#[pipeline(name = "retry-depends-parallel")]
pub(crate) struct RetryDependsParallel {}

impl Steps for RetryDependsParallel {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        p.parallelism(3).tag("team", "ds");

        let faults = Retry::attempts(5).on(StepException::ServiceFault).interval_seconds(2).backoff_rate(2.0);
        let internal = Retry::for_minutes(60).on(JobException::InternalError);

        let first = p.add("A", prep!().retry(faults.clone()).retry(internal));
        let left = p.add("L", prep!().depends_on(&first));
        let right = p.add("R", prep!().depends_on(&first));
        let container = Container::new(IMAGE).model_data(data("models/model.tar.gz"));
        let model = p.add("M-CreateModel", Model::new(container).retry(faults).depends_on(&left));
        p.add("Z", prep!().depends_on(&left).depends_on(&right).depends_on(&model).depends_on(&first));
        Ok(())
    }
}
