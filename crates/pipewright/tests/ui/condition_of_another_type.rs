use pipewright::prelude::*;

fn main() {
    let _ = execution::pipeline_name().equals(3);
}
