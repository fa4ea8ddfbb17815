//! Asks one pipeline program, and tells an answer from anything else.

use std::process::Command;

use pipewright_model::protocol::{Answer, PROTOCOL, Request};
use serde::Deserialize;

use crate::build::Program;
use crate::process::{Failed, Limits, run};
use crate::report::Report;

/// The largest answer, in bytes.
pub(crate) const OUTPUT_LIMIT: usize = 64 << 20;

/// How much of what a program printed is shown, in characters.
const EXCERPT: usize = 200;

/// How many lines of a crashed program's standard error are shown: the last.
const LAST_LINES: usize = 20;

/// Variables without which a program does not start on some systems. It gets no others: its answer depends on
/// the request alone.
const ENVIRONMENT: [&str; 3] = ["LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "SystemRoot"];

/// What a program said.
#[derive(Debug)]
pub(crate) struct Said {
    /// Its answer.
    pub(crate) answer: Answer,
    /// What it printed to standard error.
    pub(crate) stderr: String,
}

/// Runs the program with this request.
///
/// # Errors
/// One report, when it can't be started, crashes, takes too long, or prints anything but an answer.
pub(crate) fn ask(program: &Program<'_>, request: &Request, limits: Limits) -> Result<Said, Box<Report>> {
    let name = program.path.file_stem().unwrap_or_default().to_string_lossy();
    let error = |code: &str, message: String| Report::error(code, message).of_crate(&program.member.name);
    let input = match serde_json::to_vec(request) {
        Ok(input) => input,
        Err(why) => {
            return Err(Box::new(error("program/request", format!("can't ask program {name}: {why}"))));
        }
    };
    let mut command = Command::new(&program.path);
    command.env_clear();
    for variable in ENVIRONMENT {
        if let Some(value) = std::env::var_os(variable) {
            command.env(variable, value);
        }
    }
    if let Some(folder) = program.path.parent() {
        // Not its crate: a program that reads a file by a relative path fails for everybody, not just for some.
        command.current_dir(folder);
    }
    let output = match run(&mut command, input, limits) {
        Ok(output) => output,
        Err(Failed::Io(why)) => {
            return Err(Box::new(error("program/start", format!("can't run program {name}: {why}"))));
        }
        Err(Failed::TimedOut) => {
            let seconds = limits.time.as_secs_f64();
            return Err(Box::new(
                error("program/timeout", format!("program {name} did not answer within {seconds} seconds"))
                    .limit(format!("{seconds} seconds"))
                    .help("give it more with --timeout, or see what it waits for"),
            ));
        }
        Err(Failed::TooLong) => {
            return Err(Box::new(
                error("program/output", format!("program {name} printed more than an answer may have"))
                    .limit(format!("{} bytes", limits.output)),
            ));
        }
    };
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() {
        return Err(Box::new(
            error("program/crashed", format!("program {name} crashed ({})", output.status))
                .value(last_lines(&stderr)),
        ));
    }
    match read(&output.stdout) {
        Ok(answer) => Ok(Said { answer, stderr }),
        Err(Unreadable::Protocol(found)) => Err(Box::new(
            error("program/protocol", format!("program {name} speaks protocol {found}, and not {PROTOCOL}"))
                .help("its crate depends on another version of pipewright than xtask does"),
        )),
        Err(Unreadable::Rubbish(why)) => Err(Box::new(
            error("program/output", format!("program {name} printed something that is no answer: {why}"))
                .value(excerpt(&output.stdout))
                .help("standard output is for the answer alone; print other things with eprintln!"),
        )),
    }
}

enum Unreadable {
    Protocol(u64),
    Rubbish(serde_json::Error),
}

fn read(stdout: &[u8]) -> Result<Answer, Unreadable> {
    /// What every version of the protocol has.
    #[derive(Deserialize)]
    struct Header {
        protocol: u64,
    }
    let answer = serde_json::from_slice::<Answer>(stdout);
    match answer {
        Ok(answer) if answer.protocol == PROTOCOL => Ok(answer),
        Ok(answer) => Err(Unreadable::Protocol(answer.protocol.into())),
        Err(why) => match serde_json::from_slice::<Header>(stdout) {
            Ok(header) if header.protocol != u64::from(PROTOCOL) => {
                Err(Unreadable::Protocol(header.protocol))
            }
            _ => Err(Unreadable::Rubbish(why)),
        },
    }
}

fn excerpt(bytes: &[u8]) -> String {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(EXCERPT * 4)]).into_owned();
    let mut shown: String = head.chars().take(EXCERPT).collect();
    if shown.is_empty() {
        "nothing".clone_into(&mut shown);
    } else if shown.len() < bytes.len() {
        shown.push('…');
    }
    shown
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    let shown = &lines[lines.len().saturating_sub(LAST_LINES)..];
    if shown.is_empty() { "it said nothing".to_owned() } else { shown.join("\n") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(stdout: &str, expected: &str) {
        let found = match read(stdout.as_bytes()) {
            Ok(_) => "answer".to_owned(),
            Err(Unreadable::Protocol(found)) => format!("protocol {found}"),
            Err(Unreadable::Rubbish(why)) => format!("rubbish: {why}"),
        };
        assert!(found.starts_with(expected), "{found}");
    }

    #[test]
    fn an_answer_is_told_from_other_things() {
        check(r#"{"protocol": 1, "pipelines": []}"#, "answer");
        check(r#"{"protocol": 1, "pipelines": [], "later": true}"#, "answer");
        check(r#"{"protocol": 2, "pipelines": []}"#, "protocol 2");
        check(r#"{"protocol": 2, "steps": []}"#, "protocol 2");
        check("", "rubbish: EOF");
        check("hello", "rubbish: expected value");
        check(r#"hello {"protocol": 1, "pipelines": []}"#, "rubbish");
        check(r#"{"protocol": 1, "pipelines": []} hello"#, "rubbish: trailing");
        check(&"[".repeat(100_000), "rubbish: ");
        check(&format!(r#"{{"protocol": 1, "pipelines": {}"#, "[".repeat(100_000)), "rubbish: ");
    }

    #[test]
    fn what_is_shown_is_short() {
        assert_eq!(excerpt(b""), "nothing");
        assert_eq!(excerpt(b"abc"), "abc");
        assert_eq!(excerpt("é".repeat(1000).as_bytes()), format!("{}…", "é".repeat(200)));
        assert_eq!(last_lines(&"x\n".repeat(100)).lines().count(), 20);
    }
}
