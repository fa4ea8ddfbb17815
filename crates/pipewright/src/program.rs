//! A pipeline program: what [`main!`](crate::main) runs.
//!
//! The program reads one request on stdin and writes one answer on stdout; see
//! [`protocol`](pipewright_model::protocol). It is started by `cargo xtask`.

use std::io::{self, Read as _, Write as _};
use std::process::ExitCode;

use pipewright_model::protocol::{Answer, Operation, PROTOCOL, PipelineAnswer, Request};
use serde_json::value::RawValue;

use crate::{Pipeline, Steps, synth};

/// A pipeline of a program.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    name: &'static str,
    answer: fn(&Request) -> PipelineAnswer<Box<RawValue>>,
}

impl Entry {
    /// The entry of a pipeline.
    pub const fn of<P: Pipeline + Steps>() -> Self {
        Self { name: P::NAME, answer: synth::answer::<P> }
    }

    pub(crate) const fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) fn answer(&self, request: &Request) -> PipelineAnswer<Box<RawValue>> {
        (self.answer)(request)
    }
}

/// Answers the request on stdin on stdout.
///
/// Exits 0 whenever there is an answer, mistakes of the pipelines included; 2 where the request
/// can't be understood.
pub fn main(entries: &[Entry]) -> ExitCode {
    match run(entries) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where stderr is closed there is nobody to tell.
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(entries: &[Entry]) -> Result<(), String> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).map_err(|error| format!("the request can't be read: {error}"))?;
    if text.trim().is_empty() {
        let names: Vec<&str> = entries.iter().map(|entry| entry.name).collect();
        return Err(format!(
            "this is the program of {}: `cargo xtask synth` asks it for its definitions",
            names.join(", ")
        ));
    }
    let answer = answer(entries, &text)?;
    let mut stdout = io::stdout().lock();
    let written = serde_json::to_writer(io::BufWriter::new(&mut stdout), &answer).map_err(io::Error::from);
    written.and_then(|()| stdout.flush()).map_err(|error| format!("the answer can't be written: {error}"))
}

fn answer(entries: &[Entry], text: &str) -> Result<Answer<Box<RawValue>>, String> {
    // The version comes first: a request of another one need not look like ours.
    let version: Version =
        serde_json::from_str(text).map_err(|error| format!("the request is no JSON object: {error}"))?;
    if version.protocol != Some(PROTOCOL) {
        return Err(format!(
            "this program speaks protocol {PROTOCOL}, the request {}: build both from one workspace",
            version.protocol.map_or_else(|| "none".to_owned(), |v| v.to_string())
        ));
    }
    let request: Request =
        serde_json::from_str(text).map_err(|error| format!("the request can't be understood: {error}"))?;
    let asked = |entry: &&Entry| {
        let names = request.pipelines.as_ref();
        request.operation == Operation::List
            || names.is_none_or(|names| names.iter().any(|n| n == entry.name))
    };
    let pipelines = entries.iter().filter(asked).map(|entry| (entry.answer)(&request)).collect();
    Ok(Answer { protocol: PROTOCOL, pipelines })
}

#[derive(serde::Deserialize)]
struct Version {
    protocol: Option<u32>,
}
