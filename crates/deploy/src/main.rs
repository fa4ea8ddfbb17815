//! The program that deploys an assembly. `cargo xtask` starts it; where there is only an assembly, it stands alone.
//!
//! Data goes to standard output, everything else to standard error. Exit status: 0 done, 1 the deployment is at fault,
//! 2 wrong usage, 3 `diff --exit-code` found differences.

mod program;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let cli = program::Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    match runtime {
        Ok(runtime) => {
            let code = runtime.block_on(program::run(cli));
            // A prompt that nobody answered may still wait for a line: the process ends without it.
            runtime.shutdown_background();
            code
        }
        Err(error) => {
            anstream::eprintln!("error: can't start: {error}");
            ExitCode::FAILURE
        }
    }
}
