//! [`Plan`]: what `plan` writes and `deploy --plan` executes, and nothing else.
//!
//! The file is JSON. It holds no template and no secret: names and ids of change sets, hashes, and the list of changes that
//! somebody approves. Whether it is still true of the cloud is `stack`'s to say; here it is held against the assembly and the
//! credentials.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::Path;

use jiff::Timestamp;
use pipewright_assembly::Assembly;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::aside::{self, Readers};
use crate::error::{Error, Kind, Result};
use crate::session::Session;
use crate::stack::{Prepared, sha256};

/// The version of the file. A reader refuses another one.
pub const FORMAT: u32 = 1;

/// The largest file that is read as a plan, in bytes.
const LARGEST: u64 = 64 << 20;

/// Prepared changes, and what they were prepared for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// [`FORMAT`].
    pub format: u32,
    /// The version of the program that wrote it.
    pub created_by: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// The environment, by its name in `pipewright.toml`.
    pub environment: String,
    /// The account, twelve digits.
    pub account: String,
    /// The region.
    pub region: String,
    /// What the assembly was made of; see [`fingerprint`].
    pub assembly: String,
    /// What was prepared, each stack after those it depends on. A stack with nothing to change is among them.
    pub stacks: Vec<Prepared>,
}

/// Something that a plan says and that is otherwise now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// What: `account`, `region`, `environment`, `assembly`, or the stack's name.
    pub of: String,
    /// One sentence.
    pub message: String,
}

impl Plan {
    /// A plan of what was prepared with these credentials for this assembly.
    ///
    /// # Errors
    /// [`Kind::Assembly`] when a template can't be read.
    pub fn new(session: &Session, assembly: &Assembly, stacks: Vec<Prepared>) -> Result<Self> {
        Ok(Self {
            format: FORMAT,
            created_by: env!("CARGO_PKG_VERSION").to_owned(),
            created_at: Timestamp::now(),
            environment: assembly.marker().target.environment.clone(),
            account: session.account.clone(),
            region: session.region.clone(),
            assembly: fingerprint(assembly)?,
            stacks,
        })
    }

    /// Writes it, readable for its owner alone, in one step.
    ///
    /// # Errors
    /// [`Kind::Usage`] when the file can't be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let failed = |error: std::io::Error| {
            let message = format!("can't write plan {}: {error}", path.display());
            Error::new(Kind::Usage, message).hint("name another file with --out")
        };
        let mut text = serde_json::to_string_pretty(self).map_err(|error| failed(error.into()))?;
        text.push('\n');
        aside::write(path, text.as_bytes(), Readers::Owner).map_err(failed)
    }

    /// Reads one.
    ///
    /// # Errors
    /// [`Kind::Usage`] when there is none, it is of another version, or something in it can't be: all that can't at once.
    pub fn read(path: &Path) -> Result<Self> {
        let failed = |why: String| {
            let message = format!("can't read plan {}: {why}", path.display());
            Error::new(Kind::Usage, message).hint("make a new one with `cargo xtask plan`")
        };
        let file = File::open(path).map_err(|error| failed(error.to_string()))?;
        let metadata = file.metadata().map_err(|error| failed(error.to_string()))?;
        if metadata.is_dir() {
            return Err(failed("it is a folder".to_owned()));
        }
        let mut bytes = Vec::new();
        file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| failed(error.to_string()))?;
        if bytes.len() as u64 > LARGEST {
            return Err(failed(format!("it is larger than {LARGEST} bytes")));
        }
        Self::parse(&bytes).map_err(failed)
    }

    /// Reads one that is in memory.
    fn parse(bytes: &[u8]) -> std::result::Result<Self, String> {
        let value: Value =
            serde_json::from_slice(bytes).map_err(|error| format!("it is no JSON: {error}"))?;
        // First the format alone: the rest may be different in another one.
        match value.get("format").and_then(Value::as_u64) {
            Some(format) if format == u64::from(FORMAT) => {}
            Some(format) => return Err(format!("it has format {format}, and this program reads {FORMAT}")),
            None => return Err("it has no number `format`, so it is no plan".to_owned()),
        }
        let plan: Self = serde_json::from_value(value).map_err(|error| error.to_string())?;
        let problems = plan.problems();
        if problems.is_empty() { Ok(plan) } else { Err(problems.join("; ")) }
    }

    /// What in it can't be.
    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut check = |is_good: bool, problem: String| {
            if !is_good {
                problems.push(problem);
            }
        };
        let digits = |text: &str| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
        check(digits(&self.account), format!("account {:?} is not twelve digits", self.account));
        let plain =
            |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        check(plain(&self.region), format!("{:?} is no region", self.region));
        check(is_sha256(&self.assembly), "`assembly` is no SHA-256".to_owned());
        let mut names = BTreeSet::new();
        for stack in &self.stacks {
            let name = &stack.stack;
            check(is_name(name), format!("{name:?} is no name of a stack"));
            check(names.insert(name), format!("stack {name:?} is there twice"));
            check(
                is_sha256(&stack.template_sha256),
                format!("the template of stack {name:?} has no SHA-256"),
            );
            let deployed = stack.deployed_sha256.as_deref().is_none_or(is_sha256);
            check(deployed, format!("the deployed template of stack {name:?} has no SHA-256"));
            let set = stack.change_set.as_deref();
            check(set.is_none_or(is_name), format!("{set:?} of stack {name:?} is no name of a change set"));
            let id = stack.change_set_id.as_deref();
            check(
                id.is_none_or(|id| is_arn(id, ":changeSet/")),
                format!("{id:?} of stack {name:?} is no change set's ARN"),
            );
            check(
                set.is_some() == id.is_some(),
                format!("stack {name:?} has a change set's name or id alone"),
            );
            check(
                set.is_some() || stack.changes.is_empty(),
                format!("stack {name:?} has changes and no change set"),
            );
            let of = stack.stack_id.as_deref();
            check(
                of.is_none_or(|of| is_arn(of, ":stack/")),
                format!("{of:?} of stack {name:?} is no stack's ARN"),
            );
        }
        problems
    }

    /// What it says and is otherwise in this assembly and with these credentials: everything at once, in a fixed order.
    ///
    /// # Errors
    /// [`Kind::Assembly`] when a template can't be read.
    pub fn verify(&self, assembly: &Assembly, session: &Session) -> Result<Vec<Mismatch>> {
        let now = Now {
            environment: &assembly.marker().target.environment,
            account: &session.account,
            region: &session.region,
            assembly: &fingerprint(assembly)?,
            templates: &templates(assembly)?,
        };
        Ok(self.against(&now))
    }

    /// The same as an error: [`Kind::Drifted`].
    ///
    /// # Errors
    /// When something is otherwise; as [`Plan::verify`] too.
    pub fn check(&self, assembly: &Assembly, session: &Session) -> Result<()> {
        let mismatches = self.verify(assembly, session)?;
        if mismatches.is_empty() {
            return Ok(());
        }
        let lines: Vec<&str> = mismatches.iter().map(|mismatch| mismatch.message.as_str()).collect();
        let message = format!("the plan is no longer true: {}", lines.join("\n  "));
        Err(Error::new(Kind::Drifted, message)
            .hint("nothing was executed; make a new plan with `cargo xtask plan`, and look at it"))
    }

    fn against(&self, now: &Now<'_>) -> Vec<Mismatch> {
        let mut found = Vec::new();
        let mut differ = |of: &str, message: String| found.push(Mismatch { of: of.to_owned(), message });
        for (of, planned, now) in [
            ("environment", &self.environment, now.environment),
            ("account", &self.account, now.account),
            ("region", &self.region, now.region),
        ] {
            if planned != now {
                differ(of, format!("it was made for {of} {planned}, and this is {now}"));
            }
        }
        for (stack, message) in changed_templates(&self.stacks, now.templates) {
            differ(&stack, message);
        }
        if self.assembly != now.assembly {
            differ(
                "assembly",
                "the assembly is another one than it was made of: templates or code changed since".to_owned(),
            );
        }
        found
    }
}

/// What a plan is held against.
struct Now<'a> {
    environment: &'a str,
    account: &'a str,
    region: &'a str,
    assembly: &'a str,
    /// SHA-256 of the templates by stack.
    templates: &'a BTreeMap<String, String>,
}

/// The stacks whose templates are others than planned, or gone.
fn changed_templates(stacks: &[Prepared], templates: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let differs = stacks.iter().filter_map(|planned| {
        let name = &planned.stack;
        let message = match templates.get(name) {
            None => format!("the assembly has no stack {name}"),
            Some(sha256) if *sha256 != planned.template_sha256 => {
                format!("the template of stack {name} changed since")
            }
            Some(_) => return None,
        };
        Some((name.clone(), message))
    });
    differs.collect()
}

/// SHA-256 over everything in an assembly that a deployment depends on: environment, stacks with their templates, tags and
/// order, and the files for S3 with their keys. Not over definitions and records, which templates and keys follow from.
///
/// # Errors
/// [`Kind::Assembly`] when a template can't be read.
pub fn fingerprint(assembly: &Assembly) -> Result<String> {
    let templates = templates(assembly)?;
    let stacks: Vec<Value> = assembly
        .stacks()
        .iter()
        .map(|stack| json!([stack.name, templates.get(&stack.name), stack.tags, stack.depends_on]))
        .collect();
    let mut assets: Vec<(&str, &str)> = assembly
        .pipelines()
        .iter()
        .flat_map(|pipeline| &pipeline.assets)
        .map(|asset| (asset.key.as_str(), asset.file_sha256.as_str()))
        .collect();
    assets.sort_unstable();
    assets.dedup();
    let marker = assembly.marker();
    let all = json!([FORMAT, marker.target, marker.partial, stacks, assets]);
    Ok(sha256(&all.to_string()))
}

/// SHA-256 of the templates by stack, lower-case hex.
fn templates(assembly: &Assembly) -> Result<BTreeMap<String, String>> {
    let hash = |stack: &pipewright_assembly::StackRecord| {
        let template = assembly.template(stack).map_err(|error| {
            Error::new(Kind::Assembly, format!("can't read the template of stack {}: {error}", stack.name))
        })?;
        Ok((stack.name.clone(), sha256(&template)))
    };
    assembly.stacks().iter().map(hash).collect()
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// Whether CloudFormation takes it as the name of a stack or a change set.
fn is_name(text: &str) -> bool {
    text.len() <= 128
        && text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn is_arn(text: &str, what: &str) -> bool {
    text.len() <= 1600
        && text.starts_with("arn:")
        && text.contains(what)
        && text.bytes().all(|b| b.is_ascii_graphic())
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
