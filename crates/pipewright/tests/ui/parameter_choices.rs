//! Choices of a parameter that is no text.

use pipewright::prelude::*;

#[derive(Pipeline)]
struct Example {
    #[parameter(choices = [1, 2])]
    count: Parameter<i64>,
}

impl Steps for Example {
    fn steps(&self, _: &mut Graph) -> Result<()> {
        Ok(())
    }
}

pipewright::main!(Example);
