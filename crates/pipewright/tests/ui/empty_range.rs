//! Bounds between which there is nothing.

use pipewright::prelude::*;

#[derive(Pipeline)]
struct Example {
    #[config(ge = 10, le = 1)]
    epochs: u32,
}

impl Steps for Example {
    fn steps(&self, _: &mut Graph) -> Result<()> {
        Ok(())
    }
}

pipewright::main!(Example);
