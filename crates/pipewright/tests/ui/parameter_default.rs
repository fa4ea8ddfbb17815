//! A parameter's default of another type.

use pipewright::prelude::*;

#[derive(Pipeline)]
struct Example {
    #[parameter(default = "1")]
    count: Parameter<i64>,
}

impl Steps for Example {
    fn steps(&self, _: &mut Graph) -> Result<()> {
        Ok(())
    }
}

pipewright::main!(Example);
