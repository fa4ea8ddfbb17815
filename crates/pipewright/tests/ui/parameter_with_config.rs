//! A parameter with the attribute of a configuration value.

use pipewright::prelude::*;

#[derive(Pipeline)]
struct Example {
    #[config(default = 1)]
    count: Parameter<i64>,
}

impl Steps for Example {
    fn steps(&self, _: &mut Graph) -> Result<()> {
        Ok(())
    }
}

pipewright::main!(Example);
