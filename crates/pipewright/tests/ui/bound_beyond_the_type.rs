//! A bound that the type can't reach.

use pipewright::prelude::*;

#[derive(Pipeline)]
struct Example {
    #[config(le = 300)]
    epochs: u8,
}

impl Steps for Example {
    fn steps(&self, _: &mut Graph) -> Result<()> {
        Ok(())
    }
}

pipewright::main!(Example);
