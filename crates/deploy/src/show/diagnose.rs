//! [`diagnose`]: an error as the last thing on the screen.

use std::error::Error as StdError;

use serde_json::{Value, json};

use crate::error::{Error, Kind};
use crate::show::text::{Ink, LONGEST, Role, excerpt, wrap};

/// How many causes of causes are shown.
const DEEPEST: usize = 12;

/// What went wrong, what caused it, and what to do, in lines of at most so many columns where spaces allow. Ends with a line break.
pub fn diagnose(error: &Error, columns: usize, ink: Ink) -> String {
    let columns = columns.max(40);
    let mut lines = Vec::new();
    let mut paragraph = |lead: &str, role: Role, text: &str, indent: usize| {
        // The lines of a message are its own; what stands in them is not trusted.
        for (position, line) in limited(text).lines().enumerate() {
            let depth = line.len() - line.trim_start_matches(' ').len();
            let lead_here = if position == 0 { lead } else { "" };
            let left = indent + depth.min(8);
            let first = columns.saturating_sub(left + lead_here.chars().count());
            let parts = wrap(&excerpt(line), first.max(20));
            for (part, text) in parts.iter().enumerate() {
                if part == 0 && position == 0 {
                    lines.push(format!("{}{}{text}", " ".repeat(indent), ink.paint(role, lead)));
                } else {
                    lines.push(format!(
                        "{}{text}",
                        " ".repeat(left + if depth == 0 { lead.chars().count() } else { 0 })
                    ));
                }
            }
        }
    };
    paragraph("error: ", Role::Bad, &error.message, 0);
    for cause in causes(error) {
        paragraph("because: ", Role::Quiet, &cause, 2);
    }
    for hint in &error.hints {
        paragraph("try: ", Role::Good, hint, 2);
    }
    lines.push(String::new());
    lines.join("\n")
}

/// The same for programs: `kind`, `message`, `causes`, `hints`, and `action` where a permission is missing.
pub fn diagnose_json(error: &Error) -> Value {
    let mut value = json!({
        "kind": kind(&error.kind),
        "message": error.message,
        "causes": causes(error),
        "hints": error.hints,
    });
    match &error.kind {
        Kind::Denied { action: Some(action) } => value["action"] = json!(action),
        Kind::Service { code: Some(code) } => value["code"] = json!(code),
        _ => {}
    }
    value
}

/// What caused it, outermost first, without what says the same again.
fn causes(error: &Error) -> Vec<String> {
    let mut causes: Vec<String> = Vec::new();
    let mut next: Option<&(dyn StdError + 'static)> = error.source();
    while let Some(cause) = next
        && causes.len() < DEEPEST
    {
        let text = cause.to_string();
        let said = error.message.contains(&text) || causes.iter().any(|earlier| earlier.contains(&text));
        if !text.is_empty() && !said {
            causes.push(text);
        }
        next = cause.source();
    }
    causes
}

/// A message of many lines, cut.
fn limited(text: &str) -> &str {
    let end = text.char_indices().nth(LONGEST * 2).map_or(text.len(), |(end, _)| end);
    &text[..end]
}

/// The kind as one word.
pub fn kind(kind: &Kind) -> &'static str {
    match kind {
        Kind::Assembly => "assembly",
        Kind::Credentials => "credentials",
        Kind::Expired => "expired",
        Kind::Denied { .. } => "denied",
        Kind::Throttled => "throttled",
        Kind::Network => "network",
        Kind::Account => "account",
        Kind::Stack => "stack",
        Kind::Drifted => "drifted",
        Kind::Refused => "refused",
        Kind::Interrupted => "interrupted",
        Kind::Busy => "busy",
        Kind::Publish => "publish",
        Kind::Usage => "usage",
        Kind::Service { .. } => "service",
        Kind::Fault => "fault",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_it() {
        let source = std::io::Error::other("the socket\u{1b}[2J is closed");
        let error = Error::new(Kind::Stack, "can't create stack dsm:\n  Role (AWS::IAM::Role) in stack dsm: Role dsm already exists\n  Bucket (AWS::S3::Bucket) in stack dsm: taken")
            .hint("delete what an earlier stack left behind, or import it, or choose another prefix in pipewright.toml")
            .hint("ask")
            .caused_by(source);
        insta::assert_snapshot!(diagnose(&error, 72, Ink::Plain), @r"
        error: can't create stack dsm:
          Role (AWS::IAM::Role) in stack dsm: Role dsm already exists
          Bucket (AWS::S3::Bucket) in stack dsm: taken
          because: the socket\u{1b}[2J is closed
          try: delete what an earlier stack left behind, or import it, or choose
               another prefix in pipewright.toml
          try: ask
        ");
        let value = diagnose_json(&error);
        assert_eq!(value["kind"], "stack");
        assert_eq!(value["causes"], json!(["the socket\u{1b}[2J is closed"]));
        assert_eq!(value["hints"][1], "ask");
        let denied = Error::new(Kind::Denied { action: Some("s3:PutObject".to_owned()) }, "no");
        assert_eq!(diagnose_json(&denied)["action"], "s3:PutObject");
    }

    #[test]
    fn whatever_is_said_it_is_harmless() {
        let error = Error::new(Kind::Network, format!("a\u{1b}[31m\u{7}{}", "x ".repeat(1_000_000)));
        let text = diagnose(&error, 0, Ink::Plain);
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
        assert!(text.len() < 30_000, "{}", text.len());
        assert!(diagnose(&error, 80, Ink::Colours).starts_with("\u{1b}[1;31merror: \u{1b}[0ma\\u{1b}"));
    }

    #[test]
    fn causes_are_not_repeated() {
        let error =
            Error::new(Kind::Network, "can't reach it: refused").caused_by(std::io::Error::other("refused"));
        assert!(causes(&error).is_empty());
    }
}
