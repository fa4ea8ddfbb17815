//! A constraint on numbers, on a text.

use pipewright::prelude::*;

#[derive(Pipeline)]
struct Example {
    #[config(ge = 1)]
    name: String,
}

impl Steps for Example {
    fn steps(&self, _: &mut Graph) -> Result<()> {
        Ok(())
    }
}

pipewright::main!(Example);
