//! A struct without the derive.

use pipewright::prelude::*;

struct Example {
    name: String,
}

impl Steps for Example {
    fn steps(&self, _: &mut Graph) -> Result<()> {
        let _ = &self.name;
        Ok(())
    }
}

pipewright::main!(Example);
