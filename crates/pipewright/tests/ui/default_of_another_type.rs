//! A default of another type.

use pipewright::prelude::*;

#[derive(Pipeline)]
struct Example {
    #[config(default = "3")]
    epochs: u32,
}

impl Steps for Example {
    fn steps(&self, _: &mut Graph) -> Result<()> {
        Ok(())
    }
}

pipewright::main!(Example);
