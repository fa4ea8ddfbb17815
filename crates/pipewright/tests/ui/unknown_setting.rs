//! A setting that does not exist.

use pipewright::prelude::*;

#[derive(Pipeline)]
struct Example {
    #[config(minimum = 1)]
    epochs: u32,
}

impl Steps for Example {
    fn steps(&self, _: &mut Graph) -> Result<()> {
        Ok(())
    }
}

pipewright::main!(Example);
