//! Runs one task of a step in a container: the program behind `cargo xtask run --runner container`.
//!
//! `pipewright-container run` is told what to run by one line of JSON on its standard input, which is a socket: [`order`]
//! says what is in it. The container's output comes on standard output. `end` and `kill` on the socket end it, as does the
//! socket's own end: whoever started this has died then. How it ended is told on the socket, one line of JSON. The container is
//! removed in any case; what is left after this program was killed, the next one removes.
//!
//! `pipewright-container probe IMAGE…` says as JSON which engine answers, and which images can't be had.
//!
//! It is a program of its own so that what talks to engines is compiled only where one is used. It knows no steps and no S3.

mod engine;
mod image;
mod lifecycle;
mod order;
mod owner;
mod registry;
mod socket;

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, Result};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["run"] => within(lifecycle::run()),
        ["probe", ref images @ ..] => within(probe(images)),
        _ => {
            tell("usage: pipewright-container run | probe IMAGE…; `cargo xtask run` starts it");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn tell(text: &str) {
    // There is nobody to be told that nobody hears.
    let _unheard = writeln!(std::io::stderr(), "{text}");
}

fn within(work: impl Future<Output = Result<()>>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.context("can't start threads")?;
    let done = runtime.block_on(work);
    // A read of standard input that never ends is no reason to stay.
    runtime.shutdown_background();
    done
}

async fn probe(images: &[&str]) -> Result<()> {
    let answer = match engine::Engine::connect().await {
        Ok(engine) => {
            owner::remove_leftovers(&engine).await;
            let mut unavailable = Vec::new();
            for image in images {
                if !image::can_be_had(&engine, image).await {
                    unavailable.push(*image);
                }
            }
            serde_json::json!({ "engine": engine.name, "unavailable": unavailable })
        }
        Err(error) => serde_json::json!({ "engine": null, "error": format!("{error:#}") }),
    };
    writeln!(std::io::stdout(), "{answer}").context("can't answer")
}
