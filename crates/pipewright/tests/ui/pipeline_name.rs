//! A name that SageMaker refuses.

use pipewright::prelude::*;

#[derive(Pipeline)]
#[pipeline(name = "my pipeline")]
struct Example {}

impl Steps for Example {
    fn steps(&self, _: &mut Graph) -> Result<()> {
        Ok(())
    }
}

pipewright::main!(Example);
