//! Many mistakes, all in one compile, each at its place, and none of them twice.

use pipewright::prelude::*;

/// The top struct.
#[derive(Pipeline)]
#[pipeline(nam = "example", display_name = "An example")]
struct Example {
    #[config(ge = 3, le = 2, foo = 1)]
    epochs: u32,
    #[config(pattern = "(", min_length = 2, max_length = 1)]
    name: String,
    #[parameter(default = 1, name = "a b")]
    instance_type: Parameter<String>,
    count: Parameter<u32>,
    training: Training,
    #[config(alias = "epochs", default = 3)]
    rounds: String,
}

#[derive(Config)]
struct Training {
    #[config(ge 1, default = 300)]
    rate: u8,
    mode: Mode,
}

#[derive(Config)]
enum Mode {
    Fast(u8),
    #[config(alias = "fast")]
    Slow,
}

impl Steps for Example {
    fn steps(&self, _: &mut Graph) -> Result<()> {
        Ok(())
    }
}

pipewright::main!(Example);
