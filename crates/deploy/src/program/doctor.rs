//! `doctor`.

use std::process::ExitCode;

use pipewright_cli::DoctorArgs;
use pipewright_deploy::doctor::{Finding, Verdict, examine};
use pipewright_deploy::error::Result;
use pipewright_deploy::show::text::harmless;
use serde_json::json;

use super::{Of, print};

pub(super) async fn run(args: &Of<DoctorArgs>) -> Result<ExitCode> {
    let assembly = args.open()?;
    let findings = examine(&assembly, &args.own).await;
    if args.own.json {
        print::data(&json!({ "findings": findings }));
    } else {
        for finding in &findings {
            print::line(&shown(finding));
        }
    }
    let bad = findings.iter().filter(|finding| finding.verdict == Verdict::Bad).count();
    if bad == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    print::say(&format!("{bad} of these would make a deployment fail"));
    Ok(ExitCode::FAILURE)
}

fn shown(finding: &Finding) -> String {
    let mark = match finding.verdict {
        Verdict::Good => "ok     ",
        Verdict::Unknown => "?      ",
        Verdict::Warning => "warning",
        Verdict::Bad => "error  ",
    };
    let mut text = format!("{mark}  {}: {}", harmless(&finding.about), harmless(&finding.says));
    for hint in &finding.hints {
        text.push_str("\n           ");
        text.push_str(&harmless(hint));
    }
    text
}
