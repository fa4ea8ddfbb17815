//! A variant with fields.

use pipewright::prelude::*;

#[derive(Config)]
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
