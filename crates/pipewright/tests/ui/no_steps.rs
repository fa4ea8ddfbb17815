//! A pipeline without steps.

use pipewright::prelude::*;

#[derive(Pipeline)]
struct Example {
    name: String,
}

pipewright::main!(Example);
