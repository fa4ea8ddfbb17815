//! A default that is none of the enum's names.

use pipewright::prelude::*;

#[derive(Config)]
enum Capacity {
    Spot,
    OnDemand,
}

#[derive(Pipeline)]
struct Example {
    #[config(default = "on-demand")]
    capacity: Capacity,
}

impl Steps for Example {
    fn steps(&self, _: &mut Graph) -> Result<()> {
        Ok(())
    }
}

pipewright::main!(Example);
