//! A variant of an untagged enum that nothing tells from the others.

use pipewright::prelude::*;

#[derive(Config)]
#[config(untagged)]
enum Capacity {
    Spot { wait: u32 },
    OnDemand,
}

#[derive(Pipeline)]
struct Example {
    capacity: Capacity,
}

impl Steps for Example {
    fn steps(&self, _: &mut Graph) -> Result<()> {
        Ok(())
    }
}

pipewright::main!(Example);
