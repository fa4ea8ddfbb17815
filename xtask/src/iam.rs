//! `iam`: what a pipeline's role is allowed, and which steps need it.

use std::process::ExitCode;

use anyhow::Result;
use pipewright_model::Permission;
use pipewright_model::protocol::Operation;
use pipewright_stacks::{Added, added_problems};
use serde::Serialize;
use serde_json::json;

use crate::asked::{Asked, ask};
use crate::compose::permissions;
use crate::report::{self, Report, Texts};
use crate::settings::Settings;
use crate::synth::Asking;
use crate::workspace::Workspace;

/// Shows what a pipeline's role is allowed, each statement with the steps that need it.
///
/// It is derived from the pipeline's graph: the jobs it makes, the places in S3, images and keys that it names. What
/// pipewright.toml adds is marked.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The pipeline.
    #[arg(value_name = "PIPELINE")]
    pipeline: String,

    #[command(flatten)]
    asking: Asking,

    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let workspace = Workspace::find()?;
    let names = [args.pipeline.clone()];
    let asked = match ask(&workspace, &args.asking, Operation::Synth, &names, &[])? {
        Ok(asked) => asked,
        Err((reports, texts)) => return finish(args, None, &reports, &texts),
    };
    let Asked { settings, mut selection } = asked;
    let strays = selection.strays(&settings);
    selection.reports.extend(strays);
    let found = selection.pipelines.pop().filter(|_| !selection.reports.iter().any(Report::is_error));
    let role = found.map(|found| Role {
        arn: found.answer.role_arn.clone(),
        statements: settings.environment.role_arn.is_none().then(|| {
            let derived = permissions(&settings, &found.answer);
            let added = settings.pipeline(&args.pipeline).added;
            selection.reports.extend(wrong_added(&settings, &args.pipeline, &derived, &added));
            let derived = derived.into_iter().map(|permission| Statement { permission, by_hand: None });
            derived.chain(added.into_iter().map(Statement::from)).collect()
        }),
    });
    let role = role.filter(|_| !selection.reports.iter().any(Report::is_error));
    finish(args, role.as_ref(), &selection.reports, &selection.texts)
}

struct Role {
    arn: String,
    /// `None` where the environment gives one role for all, of which nothing is known.
    statements: Option<Vec<Statement>>,
}

/// A statement, and how it came to be there.
#[derive(Serialize)]
struct Statement {
    #[serde(flatten)]
    permission: Permission,
    /// The reason given, which may be none, where it was added by hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    by_hand: Option<ByHand>,
}

#[derive(Serialize)]
struct ByHand {
    reason: Option<String>,
}

impl From<Added> for Statement {
    fn from(Added { permission, reason }: Added) -> Self {
        Self { permission, by_hand: Some(ByHand { reason }) }
    }
}

fn wrong_added(settings: &Settings, pipeline: &str, derived: &[Permission], added: &[Added]) -> Vec<Report> {
    added_problems(pipeline, derived, added).into_iter().map(|problem| settings.report(problem)).collect()
}

fn finish(args: &Args, role: Option<&Role>, reports: &[Report], texts: &Texts) -> Result<ExitCode> {
    if args.json {
        report::data(&json!({
            "pipeline": args.pipeline,
            "role_arn": role.map(|role| &role.arn),
            "statements": role.and_then(|role| role.statements.as_ref()),
            "diagnostics": report::to_json(reports, texts),
        }))?;
    } else {
        report::print(reports, texts);
        if let Some(Role { arn, statements }) = role {
            report::line(arn)?;
            match statements {
                Some(statements) => {
                    for statement in statements {
                        report::line(&shown(statement))?;
                    }
                }
                None => report::say(
                    "the environment gives this role by role_arn: what it is allowed is not made here",
                ),
            }
        }
    }
    Ok(if role.is_some() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A statement over several lines.
fn shown(Statement { permission, by_hand }: &Statement) -> String {
    let Permission { sid, actions, resources, conditions, steps } = permission;
    let why = match by_hand {
        Some(ByHand { reason: Some(reason) }) => format!("added by hand: {reason}"),
        Some(ByHand { reason: None }) => "added by hand".to_owned(),
        None if steps.is_empty() => "for the pipeline".to_owned(),
        None => format!("for {}", steps.join(", ")),
    };
    let mut lines = vec![String::new(), format!("{sid}  {why}")];
    lines.extend(actions.iter().map(|action| format!("  {action}")));
    lines.extend(resources.iter().map(|resource| format!("    on {resource}")));
    for (operator, keys) in conditions {
        lines.extend(
            keys.iter().map(|(key, values)| format!("    where {key} {operator} {}", values.join(" or "))),
        );
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_statement_says_who_needs_it() {
        let values = BTreeMap::from([("s3:prefix".to_owned(), vec!["a".to_owned(), "a/*".to_owned()])]);
        let permission = Permission {
            sid: "List".into(),
            actions: vec!["s3:ListBucket".into()],
            resources: vec!["arn:aws:s3:::data".into()],
            conditions: BTreeMap::from([("StringLike".to_owned(), values)]),
            steps: vec!["clean".into(), "train".into()],
        };
        let mut statement = Statement { permission, by_hand: None };
        assert_eq!(
            shown(&statement),
            "\nList  for clean, train\n  s3:ListBucket\n    on arn:aws:s3:::data\n    where s3:prefix StringLike a or a/*"
        );
        statement.permission.steps.clear();
        assert!(shown(&statement).starts_with("\nList  for the pipeline\n"));
        statement.by_hand = Some(ByHand { reason: None });
        assert!(shown(&statement).starts_with("\nList  added by hand\n"));
        statement.by_hand = Some(ByHand { reason: Some("a probe".into()) });
        assert!(shown(&statement).starts_with("\nList  added by hand: a probe\n"));
    }
}
