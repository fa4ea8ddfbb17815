//! Many steps: more than the request holds in itself, so that the definition goes by S3.

use pipewright::prelude::*;

use crate::prep;

#[derive(Pipeline)]
#[pipeline(name = "large")]
pub(crate) struct Large {}

impl Steps for Large {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        for number in 0..110 {
            p.add(format!("S{number:03}"), prep!().argument("x".repeat(200)));
        }
        Ok(())
    }
}
