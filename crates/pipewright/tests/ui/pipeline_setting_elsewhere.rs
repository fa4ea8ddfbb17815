//! A setting of the struct under the wrong attribute.

use pipewright::prelude::*;

#[derive(Pipeline)]
#[config(name = "example")]
struct Example {}

impl Steps for Example {
    fn steps(&self, _: &mut Graph) -> Result<()> {
        Ok(())
    }
}

pipewright::main!(Example);
