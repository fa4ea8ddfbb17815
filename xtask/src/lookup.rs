//! `lookup`: what synth can't know is asked for once, and written down.

use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context as _, Result, anyhow, bail};
use pipewright_cli::{FoundVpc, LookupArgs, VpcQuery};

use crate::context::{self, Context};
use crate::report::{self, Texts};
use crate::settings;
use crate::workspace::Workspace;
use crate::{DEPLOY, cloud};

// No documentation: clap would show it in the place of that of the arguments.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    own: LookupArgs,

    /// The environment of pipewright.toml [default: what the file says, or dev].
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let workspace = Workspace::find()?;
    let mut texts = Texts::new();
    let asked = settings::query(&workspace.root, args.env.as_deref(), &mut texts)
        .and_then(|asked| Ok((asked, Context::read(&workspace.root, &mut texts)?)));
    let ((environment, query), context) = match asked {
        Ok(asked) => asked,
        Err(reports) => {
            report::print(&reports, &texts);
            return Ok(ExitCode::FAILURE);
        }
    };
    let Some(query) = query else {
        report::say(&format!(
            "environment {environment:?} names no VPC by name or tag: there is nothing to look up"
        ));
        return Ok(ExitCode::SUCCESS);
    };
    let Some(found) = ask(&workspace, args, &query)? else {
        return Ok(ExitCode::FAILURE);
    };
    if args.own.json {
        report::data(&found)?;
    }
    let mut renewed = context.clone();
    renewed.set(query, found).map_err(|why| anyhow!("{DEPLOY} found what can't be: {why}"))?;
    let is_same = renewed == context;
    if args.own.check && !is_same {
        report::say(&format!(
            "{} differs from what was found; `cargo xtask lookup --env {environment}` writes it",
            context::FILE
        ));
        return Ok(ExitCode::FAILURE);
    }
    if !is_same {
        renewed.write(&workspace.root)?;
    }
    report::say(&format!("{} is {}", context::FILE, if is_same { "unchanged" } else { "written" }));
    Ok(ExitCode::SUCCESS)
}

/// Has the program that talks to AWS answer; `None` when it failed, which it said.
fn ask(workspace: &Workspace, args: &Args, query: &VpcQuery) -> Result<Option<FoundVpc>> {
    let program = cloud::program(&workspace.root, DEPLOY)?;
    let mut command = Command::new(program);
    command.args(["lookup", "--query", &serde_json::to_string(query)?]);
    let target = &args.own.target;
    for (option, value) in [("--profile", &target.profile), ("--region", &target.region)] {
        if let Some(value) = value {
            command.args([option, value]);
        }
    }
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let output = child.and_then(std::process::Child::wait_with_output);
    let output = output.with_context(|| format!("can't start {}", command.get_program().display()))?;
    if !output.status.success() {
        return Ok(None);
    }
    match serde_json::from_slice(&output.stdout) {
        Ok(found) => Ok(Some(found)),
        Err(error) => bail!("can't read what {DEPLOY} found: {error}"),
    }
}
