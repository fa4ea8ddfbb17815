//! A type that can't be read from a configuration.

use pipewright::prelude::*;

struct Epochs(u32);

#[derive(Pipeline)]
struct Example {
    epochs: Epochs,
}

impl Steps for Example {
    fn steps(&self, _: &mut Graph) -> Result<()> {
        Ok(())
    }
}

pipewright::main!(Example);
