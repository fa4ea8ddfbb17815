//! A default that an Option can't have.

use pipewright::prelude::*;

#[derive(Pipeline)]
struct Example {
    #[config(default = 3)]
    epochs: Option<u32>,
}

impl Steps for Example {
    fn steps(&self, _: &mut Graph) -> Result<()> {
        Ok(())
    }
}

pipewright::main!(Example);
