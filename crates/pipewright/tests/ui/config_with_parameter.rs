//! A configuration value with the attribute of a parameter.

use pipewright::prelude::*;

#[derive(Pipeline)]
struct Example {
    #[parameter(default = 1)]
    count: i64,
}

impl Steps for Example {
    fn steps(&self, _: &mut Graph) -> Result<()> {
        Ok(())
    }
}

pipewright::main!(Example);
