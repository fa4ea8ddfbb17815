//! A pipeline that is an enum.

use pipewright::prelude::*;

#[derive(Pipeline)]
enum Example {
    A,
}

impl Steps for Example {
    fn steps(&self, _: &mut Graph) -> Result<()> {
        Ok(())
    }
}

pipewright::main!(Example);
