//! `doctor`: looks at what a deployment needs, before it needs it.
//!
//! It changes nothing. Each finding stands for itself: one that fails does not keep the others from being looked at.

mod clock;
mod tools;

use aws_sdk_cloudformation::types::StackStatus;
use pipewright_assembly::Assembly;
use pipewright_cli as cli;
use serde::Serialize;

use crate::error::{Error, Kind};
use crate::session::{self, Session};

pub(crate) use self::clock::Clock;

/// How a finding is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As it should be.
    Good,
    /// Could not be looked at, because of another finding or for want of a permission.
    Unknown,
    /// Works, and deserves a look.
    Warning,
    /// A deployment would fail.
    Bad,
}

/// What was found about one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub about: String,
    /// How it is meant.
    pub verdict: Verdict,
    /// What was found.
    pub says: String,
    /// What to do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<String>,
}

impl Finding {
    fn new(about: impl Into<String>, verdict: Verdict, says: impl Into<String>) -> Self {
        Self { about: about.into(), verdict, says: says.into(), hints: Vec::new() }
    }

    fn hint(mut self, text: impl Into<String>) -> Self {
        self.hints.push(text.into());
        self
    }

    fn of_error(about: impl Into<String>, error: &Error) -> Self {
        // What may not be asked need not be wrong.
        let verdict = if matches!(error.kind, Kind::Denied { .. }) { Verdict::Unknown } else { Verdict::Bad };
        Self { about: about.into(), verdict, says: error.message.clone(), hints: error.hints.clone() }
    }
}

/// Looks at everything; the findings in the order in which a deployment would come upon them.
pub async fn examine(assembly: &Assembly, args: &cli::DoctorArgs) -> Vec<Finding> {
    let target = &assembly.marker().target;
    let mut findings = vec![of_assembly(assembly)];
    let config = session::config(&args.target, target.region.as_deref()).await;
    let clock = Clock::default();
    let session = Session::with(config, &args.target, target, Some(clock.clone())).await;
    match session {
        Ok(session) => {
            findings.push(Finding::new("credentials", Verdict::Good, session.caller_arn.clone()));
            findings.push(Finding::new(
                "account",
                Verdict::Good,
                account(&session, target.account.as_deref()),
            ));
            findings.push(Finding::new("region", Verdict::Good, session.region.clone()));
            findings.push(clock.finding());
            for (what, bucket) in
                [("source bucket", &target.source_bucket), ("data bucket", &target.data_bucket)]
            {
                findings.push(of_bucket(&session, what, &session.fill(bucket)).await);
            }
            for stack in assembly.stacks() {
                findings.push(of_stack(&session, &stack.name).await);
            }
            findings.push(of_quota(&session, assembly).await);
        }
        Err(error) => {
            let about = match error.kind {
                Kind::Account => "account",
                Kind::Usage => "region",
                Kind::Network => "network",
                _ => "credentials",
            };
            findings.push(Finding::of_error(about, &error));
            findings.push(clock.finding());
        }
    }
    findings.extend(tools::findings());
    findings
}

fn of_assembly(assembly: &Assembly) -> Finding {
    let marker = assembly.marker();
    let names: Vec<&str> = assembly.stacks().iter().map(|stack| stack.name.as_str()).collect();
    let says = format!("environment {:?} with {}", marker.target.environment, names.join(", "));
    if marker.partial {
        return Finding::new(
            "assembly",
            Verdict::Bad,
            format!("{says}; it holds some of the pipelines only"),
        )
        .hint("synthesise all of them: deploying this one would delete the others");
    }
    Finding::new("assembly", Verdict::Good, says)
}

fn account(session: &Session, wanted: Option<&str>) -> String {
    match wanted {
        Some(_) => format!("{}, as the environment says", session.account),
        None => format!("{}; the environment names none", session.account),
    }
}

async fn of_bucket(session: &Session, what: &str, bucket: &str) -> Finding {
    let about = format!("{what} {bucket}");
    let answer =
        session.s3().head_bucket().bucket(bucket).expected_bucket_owner(&session.account).send().await;
    let Err(error) = answer else {
        return Finding::new(about, Verdict::Good, "is there, and belongs to this account");
    };
    // The answer to HEAD has no body: its status is all there is.
    match error.raw_response().map(|response| response.status().as_u16()) {
        Some(404) => Finding::new(about, Verdict::Good, "is not there yet, and the name is free"),
        Some(301 | 307) => Finding::new(about, Verdict::Bad, "is in another region")
            .hint("names of buckets are shared by all regions: choose another name in pipewright.toml"),
        Some(403) => Finding::new(about, Verdict::Bad, "belongs to another account, or may not be looked at")
            .hint("choose another prefix or bucket name in pipewright.toml, or allow s3:ListBucket"),
        _ => Finding::of_error(about, &Error::from_sdk("look at the bucket", error)),
    }
}

async fn of_stack(session: &Session, name: &str) -> Finding {
    let about = format!("stack {name}");
    let answer = session.cloudformation().describe_stacks().stack_name(name).send().await;
    match answer {
        Ok(answer) => {
            let status = answer.stacks().first().and_then(|stack| stack.stack_status()).cloned();
            of_status(about, status.as_ref().map_or("", StackStatus::as_str))
        }
        Err(error) => {
            let error = Error::from_sdk(&format!("look at stack {name}"), error);
            if error.message.contains("does not exist") {
                Finding::new(about, Verdict::Good, "is not there yet")
            } else {
                Finding::of_error(about, &error)
            }
        }
    }
}

fn of_status(about: String, status: &str) -> Finding {
    let says = format!("is {status}");
    match status {
        "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "CREATE_FAILED" | "DELETE_FAILED" => {
            Finding::new(about, Verdict::Warning, says).hint("deploy deletes it and makes it again")
        }
        "UPDATE_ROLLBACK_FAILED" => Finding::new(about, Verdict::Warning, says)
            .hint("deploy continues the rollback first; see its events for what stopped it"),
        "REVIEW_IN_PROGRESS" => {
            Finding::new(about, Verdict::Good, format!("{says}: it has change sets, and no resources"))
        }
        status if status.ends_with("_IN_PROGRESS") => Finding::new(about, Verdict::Warning, says)
            .hint("somebody's operation is under way: deploy waits for it, `deploy --attach` follows it"),
        _ => Finding::new(about, Verdict::Good, says),
    }
}

async fn of_quota(session: &Session, assembly: &Assembly) -> Finding {
    let about = "quota of stacks";
    let client = session.cloudformation();
    let limits = match client.describe_account_limits().send().await {
        Ok(limits) => limits,
        Err(error) => {
            let error = Error::from_sdk("read the account's limits", error);
            return Finding { verdict: Verdict::Unknown, ..Finding::of_error(about, &error) };
        }
    };
    let limit = limits
        .account_limits()
        .iter()
        .find(|limit| limit.name() == Some("StackLimit"))
        .and_then(|limit| usize::try_from(limit.value()?).ok());
    let Some(limit) = limit else {
        return Finding::new(about, Verdict::Unknown, "the service does not say");
    };
    let mut names = Vec::new();
    let mut pages = client.describe_stacks().into_paginator().items().send();
    while let Some(stack) = pages.next().await {
        match stack {
            Ok(stack) => names.extend(stack.stack_name),
            Err(error) => {
                let error = Error::from_sdk("count the stacks", error);
                return Finding { verdict: Verdict::Unknown, ..Finding::of_error(about, &error) };
            }
        }
    }
    let new = assembly.stacks().iter().filter(|stack| !names.contains(&stack.name)).count();
    of_count(about, names.len(), new, limit)
}

fn of_count(about: &str, there: usize, new: usize, limit: usize) -> Finding {
    let says = format!("{there} of {limit} are there, {new} would be new");
    if there + new <= limit {
        Finding::new(about, Verdict::Good, says)
    } else {
        Finding::new(about, Verdict::Bad, says).hint("delete stacks, or ask for more in Service Quotas")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_is_judged_by_its_status() {
        for (status, verdict) in [
            ("CREATE_COMPLETE", Verdict::Good),
            ("UPDATE_ROLLBACK_COMPLETE", Verdict::Good),
            ("REVIEW_IN_PROGRESS", Verdict::Good),
            ("ROLLBACK_COMPLETE", Verdict::Warning),
            ("UPDATE_ROLLBACK_FAILED", Verdict::Warning),
            ("UPDATE_IN_PROGRESS", Verdict::Warning),
            ("DELETE_FAILED", Verdict::Warning),
        ] {
            assert_eq!(of_status("stack a".to_owned(), status).verdict, verdict, "{status}");
        }
    }

    #[test]
    fn what_is_new_counts_too() {
        assert_eq!(of_count("quota", 1998, 2, 2000).verdict, Verdict::Good);
        assert_eq!(of_count("quota", 1999, 2, 2000).verdict, Verdict::Bad);
    }
}
