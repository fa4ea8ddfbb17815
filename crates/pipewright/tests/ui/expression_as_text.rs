use pipewright::prelude::*;

fn main() {
    let run: Expr<String> = execution::pipeline_execution_id();
    let _ = format!("s3://bucket/{run}");
}
