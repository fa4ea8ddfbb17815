//! A parameter in a nested struct.

use pipewright::prelude::*;

#[derive(Config)]
struct Training {
    count: Parameter<i64>,
}

#[derive(Pipeline)]
struct Example {
    training: Training,
}

impl Steps for Example {
    fn steps(&self, _: &mut Graph) -> Result<()> {
        Ok(())
    }
}

pipewright::main!(Example);
