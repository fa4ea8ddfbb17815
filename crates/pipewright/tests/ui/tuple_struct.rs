//! Fields without names.

use pipewright::prelude::*;

#[derive(Pipeline)]
struct Example(String);

impl Steps for Example {
    fn steps(&self, _: &mut Graph) -> Result<()> {
        Ok(())
    }
}

pipewright::main!(Example);
