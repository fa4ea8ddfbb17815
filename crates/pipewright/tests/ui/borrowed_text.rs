//! A field that borrows.

use pipewright::prelude::*;

#[derive(Pipeline)]
struct Example {
    name: &'static str,
}

impl Steps for Example {
    fn steps(&self, _: &mut Graph) -> Result<()> {
        Ok(())
    }
}

pipewright::main!(Example);
