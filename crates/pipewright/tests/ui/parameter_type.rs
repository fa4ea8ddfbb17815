//! A parameter of a type that SageMaker does not have.

use pipewright::prelude::*;

#[derive(Pipeline)]
struct Example {
    count: Parameter<u32>,
}

impl Steps for Example {
    fn steps(&self, _: &mut Graph) -> Result<()> {
        Ok(())
    }
}

pipewright::main!(Example);
