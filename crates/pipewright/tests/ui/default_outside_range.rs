//! A default outside its own range.

use pipewright::prelude::*;

#[derive(Pipeline)]
struct Example {
    #[config(ge = 1, le = 10, default = 11)]
    epochs: u32,
}

impl Steps for Example {
    fn steps(&self, _: &mut Graph) -> Result<()> {
        Ok(())
    }
}

pipewright::main!(Example);
