//! A key that the environments have.

use pipewright::prelude::*;

#[derive(Pipeline)]
struct Example {
    env: String,
}

impl Steps for Example {
    fn steps(&self, _: &mut Graph) -> Result<()> {
        Ok(())
    }
}

pipewright::main!(Example);
