//! A constraint that choices make pointless.

use pipewright::prelude::*;

#[derive(Pipeline)]
struct Example {
    #[config(choices = ["a", "b"], max_length = 1)]
    name: String,
}

impl Steps for Example {
    fn steps(&self, _: &mut Graph) -> Result<()> {
        Ok(())
    }
}

pipewright::main!(Example);
