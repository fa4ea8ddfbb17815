//! A parameter that may not be there.

use pipewright::prelude::*;

#[derive(Pipeline)]
struct Example {
    count: Option<Parameter<i64>>,
}

impl Steps for Example {
    fn steps(&self, _: &mut Graph) -> Result<()> {
        Ok(())
    }
}

pipewright::main!(Example);
