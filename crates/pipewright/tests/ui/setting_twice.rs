//! The same setting twice.

use pipewright::prelude::*;

#[derive(Pipeline)]
struct Example {
    #[config(ge = 1, le = 9, ge = 2)]
    epochs: u32,
}

impl Steps for Example {
    fn steps(&self, _: &mut Graph) -> Result<()> {
        Ok(())
    }
}

pipewright::main!(Example);
