//! A mistake in the struct has no echo in the steps.

use pipewright::prelude::*;

#[derive(Pipeline)]
struct Example {
    /// How many times the data is seen.
    #[config(ge = 3, le = 2)]
    epochs: u32,
    #[parameter(default = 1)]
    instance_type: Parameter<String>,
}

impl Steps for Example {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        let message = join!("epochs: ", i64::from(self.epochs), " on ", &self.instance_type);
        p.add("Stop", Fail::new(message));
        Ok(())
    }
}

pipewright::main!(Example);
