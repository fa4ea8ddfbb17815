//! Who says whether prepared changes are made: [`Approver`], and [`Ask`], which asks a person.

use std::collections::BTreeMap;
use std::io::{self, BufRead, IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};

use pipewright_cli::Approval;

use crate::changes::Changes;
use crate::error::{Error, Kind, Result};
use crate::show::console::Console;
use crate::show::table::table;
use crate::show::text::harmless;
use crate::stack::Prepared;

/// Says whether what was prepared may be executed.
pub trait Approver: Send + Sync {
    /// Shows what was prepared and returns when it may be executed. Blocks for as long as a person thinks: call it where that
    /// holds nothing else up.
    ///
    /// `old` is the text of the deployed template, where there is one; `new` the one that the change set was made of.
    ///
    /// # Errors
    /// [`Kind::Refused`] when it was not approved.
    fn approve(&self, prepared: &Prepared, old: Option<&str>, new: &str) -> Result<()>;

    /// Shows what was prepared and is not to be executed now.
    fn show(&self, _prepared: &Prepared, _old: Option<&str>, _new: &str) {}
}

/// Asks nobody: what is executed was approved before, as a plan.
#[derive(Clone, Copy, Debug, Default)]
pub struct Approved;

impl Approver for Approved {
    fn approve(&self, _: &Prepared, _: Option<&str>, _: &str) -> Result<()> {
        Ok(())
    }
}

/// Shows the table of changes, and asks where the policy wants it.
///
/// `--yes` answers every question but one: a SageMaker domain that is or may be replaced stops, unless the policy is
/// [`Approval::Never`], which is never the default.
#[derive(Clone)]
pub struct Ask {
    /// Which changes need approval.
    pub policy: Approval,
    /// Whether all changes are approved beforehand.
    pub yes: bool,
    /// Where the table and the question are shown.
    pub console: Console,
    /// What was shown, by stack.
    shown: Arc<Mutex<BTreeMap<String, Changes>>>,
}

impl Ask {
    /// Asks on this console.
    pub fn new(policy: Approval, yes: bool, console: Console) -> Self {
        Self { policy, yes, console, shown: Arc::default() }
    }

    /// What was shown until now, by stack: the table for programs.
    pub fn shown(&self) -> BTreeMap<String, Changes> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads what was prepared, remembers it, and makes a table of it.
    fn read(&self, prepared: &Prepared, old: Option<&str>, new: &str) -> (Changes, String) {
        let changes = Changes::of(prepared, old, new);
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.insert(changes.stack.clone(), changes.clone());
        let text = table(&changes, self.console.columns(), self.console.ink());
        (changes, text)
    }
}

/// What is done about changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They are made.
    Go,
    /// Somebody is asked; for these reasons.
    Ask(Vec<String>),
    /// They are not made; which resources forbid it.
    Stop(Vec<String>),
}

/// What is done about changes under a policy.
pub fn judge(changes: &Changes, policy: Approval, yes: bool) -> Verdict {
    let stops: Vec<String> = changes.stops().map(|row| row.logical_id.clone()).collect();
    if policy != Approval::Never && !stops.is_empty() {
        return Verdict::Stop(stops);
    }
    let reasons = changes.needs_approval(policy);
    if yes || reasons.is_empty() { Verdict::Go } else { Verdict::Ask(reasons) }
}

impl Approver for Ask {
    fn approve(&self, prepared: &Prepared, old: Option<&str>, new: &str) -> Result<()> {
        let (changes, shown) = self.read(prepared, old, new);
        if !changes.anything {
            return Ok(());
        }
        let verdict = judge(&changes, self.policy, self.yes);
        let Verdict::Ask(reasons) = verdict else {
            self.console.say(&shown);
            return match verdict {
                Verdict::Stop(domains) => Err(stopped(&changes.stack, &domains)),
                Verdict::Go | Verdict::Ask(_) => Ok(()),
            };
        };
        if !is_interactive() {
            self.console.say(&shown);
            return Err(unasked(&changes.stack, &reasons));
        }
        let question = format!("{shown}Make these changes to {}? [y/N] ", harmless(&changes.stack));
        if ask(&self.console, &question)?.is_some_and(|answer| is_yes(&answer)) {
            Ok(())
        } else {
            Err(Error::new(
                Kind::Refused,
                format!("the changes to stack {} were not approved", changes.stack),
            ))
        }
    }

    fn show(&self, prepared: &Prepared, old: Option<&str>, new: &str) {
        let (_, shown) = self.read(prepared, old, new);
        self.console.say(&shown);
    }
}

/// Whether there is somebody to ask: both what is asked on and what is answered on are a terminal.
pub fn is_interactive() -> bool {
    io::stderr().is_terminal() && io::stdin().is_terminal()
}

/// Asks on standard error and reads a line from standard input; one question at a time. `None` when there is no more input.
///
/// # Errors
/// [`Kind::Refused`] when standard input can't be read.
pub fn ask(console: &Console, question: &str) -> Result<Option<String>> {
    console.aside(|| {
        let failed = |error: io::Error| {
            Error::new(Kind::Refused, "no answer could be read from standard input").caused_by(error)
        };
        let mut out = io::stderr();
        out.write_all(question.as_bytes()).and_then(|()| out.flush()).map_err(failed)?;
        let mut answer = String::new();
        let read = io::stdin().lock().read_line(&mut answer).map_err(failed)?;
        if read == 0 {
            // The cursor stands after the question.
            let _ = out.write_all(b"\n");
            return Ok(None);
        }
        Ok(Some(answer.trim().to_owned()))
    })
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.to_lowercase().as_str(), "y" | "yes")
}

/// Approval is wanted, and nobody is there.
fn unasked(stack: &str, reasons: &[String]) -> Error {
    let reasons = reasons.join(", and ");
    let message =
        format!("the changes to stack {stack} need approval, and there is no terminal to ask on: {reasons}");
    Error::new(Kind::Refused, message)
        .hint("add --yes to approve them beforehand")
        .hint("or write a plan with `plan --out FILE`, look at it, and execute it with `deploy --plan FILE`")
}

/// A domain would be replaced.
fn stopped(stack: &str, domains: &[String]) -> Error {
    let domains = domains.join(", ");
    let message = format!(
        "the changes to stack {stack} replace, or may replace, the SageMaker domain {domains}: its users would get an empty one, and their apps, spaces and files would stay behind"
    );
    Error::new(Kind::Refused, message)
        .hint("undo the change of what can't be changed in place (the table says which property it is)")
        .hint("if it is meant, save the users' files first and add --require-approval never; --yes is not enough")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::Change;

    fn prepared(action: &str, kind: &str, replacement: Option<&str>) -> Prepared {
        let change = Change {
            action: action.to_owned(),
            logical_id: "It".to_owned(),
            kind: format!("AWS::{kind}"),
            replacement: replacement.map(str::to_owned),
            ..Change::default()
        };
        Prepared {
            stack: "dsm".to_owned(),
            stack_id: None,
            change_set: Some("pipewright-1".to_owned()),
            change_set_id: None,
            template_sha256: String::new(),
            deployed_sha256: None,
            changes: vec![change],
        }
    }

    #[test]
    fn verdicts() {
        let check = |prepared: &Prepared, policy: Approval, yes: bool, expected: &str| {
            let verdict = judge(&Changes::of(prepared, None, "{}"), policy, yes);
            let found = match &verdict {
                Verdict::Go => "go",
                Verdict::Ask(_) => "ask",
                Verdict::Stop(_) => "stop",
            };
            assert_eq!(found, expected, "{policy:?} {yes}");
        };
        let pipeline = prepared("Add", "SageMaker::Pipeline", None);
        check(&pipeline, Approval::Broadening, false, "go");
        check(&pipeline, Approval::Any, false, "ask");
        check(&pipeline, Approval::Any, true, "go");
        check(&pipeline, Approval::Never, false, "go");
        let bucket = prepared("Remove", "S3::Bucket", None);
        check(&bucket, Approval::Broadening, false, "ask");
        check(&bucket, Approval::Broadening, true, "go");
        check(&bucket, Approval::Never, false, "go");
        let domain = prepared("Modify", "SageMaker::Domain", Some("Conditional"));
        check(&domain, Approval::Broadening, true, "stop");
        check(&domain, Approval::Any, true, "stop");
        check(&domain, Approval::Never, false, "go");
        let mut nothing = prepared("Modify", "SageMaker::Pipeline", None);
        nothing.change_set = None;
        nothing.changes.clear();
        check(&nothing, Approval::Any, false, "go");
    }

    #[test]
    fn what_is_shown_is_remembered() {
        let ask = Ask::new(Approval::Broadening, true, Console::nowhere());
        ask.show(&prepared("Add", "SageMaker::Pipeline", None), None, "{}");
        ask.approve(&prepared("Remove", "S3::Bucket", None), None, "{}").unwrap();
        let domain = prepared("Modify", "SageMaker::Domain", Some("True"));
        assert_eq!(ask.approve(&domain, None, "{}").unwrap_err().kind, Kind::Refused);
        assert_eq!(ask.shown()["dsm"].rows[0].kind, "AWS::SageMaker::Domain");
    }

    #[test]
    fn answers() {
        for (answer, expected) in [("y", true), ("YES", true), ("", false), ("n", false), ("yep", false)] {
            assert_eq!(is_yes(answer), expected, "{answer}");
        }
    }

    #[test]
    fn refusals_say_what_to_add() {
        let error = unasked("dsm", &["it allows more than before".to_owned()]);
        assert_eq!(error.kind, Kind::Refused);
        assert!(error.hints[0].contains("--yes") && error.hints[1].contains("--plan"));
        let error = stopped("dsm", &["Domain".to_owned()]);
        assert!(
            error.message.contains("domain Domain") && error.hints[1].contains("--require-approval never")
        );
    }
}
