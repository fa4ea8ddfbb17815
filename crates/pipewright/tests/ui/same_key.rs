//! Two fields with one key.

use pipewright::prelude::*;

#[derive(Pipeline)]
struct Example {
    name: String,
    #[config(alias = "name")]
    title: String,
}

impl Steps for Example {
    fn steps(&self, _: &mut Graph) -> Result<()> {
        Ok(())
    }
}

pipewright::main!(Example);
