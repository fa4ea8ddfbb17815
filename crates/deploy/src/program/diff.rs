//! `diff`.

use std::process::ExitCode;

use pipewright_cli::DiffArgs;
use pipewright_deploy::Session;
use pipewright_deploy::diff::diff;
use pipewright_deploy::error::{Error, Kind, Result};
use pipewright_deploy::show::text::Ink;
use pipewright_diff::{Style, render};
use pipewright_terminal::canvas::{ink, size};
use serde_json::{Map, Value};

use super::{Of, print};

/// The exit status of `--exit-code` when something differs.
const DIFFERS: u8 = 3;

pub(super) async fn run(args: &Of<DiffArgs>) -> Result<ExitCode> {
    let own = &args.own;
    if own.against.is_some() {
        return Err(Error::new(Kind::Usage, "--against compares offline: there is nothing to deploy")
            .hint("use `cargo xtask diff --against DIR`"));
    }
    let assembly = args.open()?;
    let session = Session::open(&own.target, &assembly.marker().target).await?;
    let differences = diff(&session, &assembly, &own.stacks).await?;
    if own.json {
        let all: Map<String, Value> =
            differences.iter().map(|(stack, difference)| (stack.clone(), difference.to_json())).collect();
        print::data(&Value::Object(all));
    } else {
        let ink = ink();
        for (stack, difference) in &differences {
            let style = Style { color: ink == Ink::Colours, width: size().0.max(60) };
            print::line(&format!("Stack {stack}\n{}", render(difference, style)));
        }
    }
    let differs = differences.iter().any(|(_, difference)| !difference.is_empty());
    Ok(if differs && own.exit_code { ExitCode::from(DIFFERS) } else { ExitCode::SUCCESS })
}
