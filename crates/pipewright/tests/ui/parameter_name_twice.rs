//! Two parameters with one name.

use pipewright::prelude::*;

#[derive(Pipeline)]
struct Example {
    instance_type: Parameter<String>,
    #[parameter(name = "InstanceType")]
    other: Parameter<String>,
}

impl Steps for Example {
    fn steps(&self, _: &mut Graph) -> Result<()> {
        Ok(())
    }
}

pipewright::main!(Example);
