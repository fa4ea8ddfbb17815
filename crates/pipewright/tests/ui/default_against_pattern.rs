//! A default that its own pattern does not match.

use pipewright::prelude::*;

#[derive(Pipeline)]
struct Example {
    #[config(pattern = "^s3://", default = "/data")]
    data: String,
}

impl Steps for Example {
    fn steps(&self, _: &mut Graph) -> Result<()> {
        Ok(())
    }
}

pipewright::main!(Example);
