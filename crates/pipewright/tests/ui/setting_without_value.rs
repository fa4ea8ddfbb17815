//! A setting without its value.

use pipewright::prelude::*;

#[derive(Pipeline)]
struct Example {
    #[config(ge)]
    epochs: u32,
}

impl Steps for Example {
    fn steps(&self, _: &mut Graph) -> Result<()> {
        Ok(())
    }
}

pipewright::main!(Example);
