//! No choice at all.

use pipewright::prelude::*;

#[derive(Pipeline)]
struct Example {
    #[config(choices = [])]
    name: String,
}

impl Steps for Example {
    fn steps(&self, _: &mut Graph) -> Result<()> {
        Ok(())
    }
}

pipewright::main!(Example);
