//! A constraint on texts, on a number.

use pipewright::prelude::*;

#[derive(Pipeline)]
struct Example {
    #[config(min_length = 1)]
    epochs: i64,
}

impl Steps for Example {
    fn steps(&self, _: &mut Graph) -> Result<()> {
        Ok(())
    }
}

pipewright::main!(Example);
