//! A pattern that is none.

use pipewright::prelude::*;

#[derive(Pipeline)]
struct Example {
    #[config(pattern = "[a-z")]
    name: String,
}

impl Steps for Example {
    fn steps(&self, _: &mut Graph) -> Result<()> {
        Ok(())
    }
}

pipewright::main!(Example);
