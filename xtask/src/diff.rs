//! `diff --against DIR`: what differs between two assemblies, without AWS.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::io::{self, IsTerminal as _};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use pipewright_assembly::{Assembly, BodyRecord};
use pipewright_cli::DiffArgs;
use pipewright_diff::{Difference, Lookups, Style, compare, render};
use serde_json::{Value, json};

use crate::report;

/// The exit status that says that something differs.
const DIFFERENT: u8 = 3;

/// Columns, where the terminal doesn't say how many it has.
const WIDTH: usize = 100;

/// Prints what the assembly `new` would change in stacks that were deployed from the assembly `old`.
///
/// # Errors
/// When there is no assembly in one of the folders, it is damaged, or a stack that was asked for is in neither.
pub(crate) fn offline(old: &Path, new: &Path, args: &DiffArgs) -> Result<ExitCode> {
    let differences = differences(&Assembly::open(old)?, &Assembly::open(new)?, &args.stacks)?;
    if args.json {
        report::data(&to_json(&differences))?;
    } else {
        let columns = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let color =
            io::stdout().is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let style = Style { color, width: columns.unwrap_or(WIDTH) };
        report::line(to_text(&differences, style).trim_end())?;
    }
    let different = differences.values().any(|difference| !difference.is_empty());
    Ok(if args.exit_code && different { ExitCode::from(DIFFERENT) } else { ExitCode::SUCCESS })
}

/// The differences by stack: those of both assemblies, or those asked for.
fn differences(old: &Assembly, new: &Assembly, wanted: &[String]) -> Result<BTreeMap<String, Difference>> {
    let (before, after) = (Side::read(old)?, Side::read(new)?);
    let known: BTreeSet<&String> = before.templates.keys().chain(after.templates.keys()).collect();
    let unknown: Vec<&str> = wanted.iter().filter(|name| !known.contains(name)).map(String::as_str).collect();
    if !unknown.is_empty() {
        let known: Vec<&str> = known.iter().map(|name| name.as_str()).collect();
        bail!("no stack {} in either assembly; there are {}", unknown.join(", "), known.join(", "));
    }
    let stored = |location: &Value| -> Option<String> {
        let key = location.get("Key")?.as_str()?;
        before.definitions.get(key).or_else(|| after.definitions.get(key)).cloned()
    };
    let lookups = Lookups { stored: &stored, ..Lookups::default() };
    let chosen = known.into_iter().filter(|name| wanted.is_empty() || wanted.contains(name));
    Ok(chosen
        .map(|name| {
            let difference = compare(before.templates.get(name), after.templates.get(name), &lookups);
            (name.clone(), difference)
        })
        .collect())
}

/// What is compared of an assembly.
struct Side {
    /// By stack. The tags that the stack gives to all of its resources are a section of their own.
    templates: BTreeMap<String, Value>,
    /// Definitions that are kept in S3, by key.
    definitions: BTreeMap<String, String>,
}

impl Side {
    fn read(assembly: &Assembly) -> Result<Self> {
        let mut side = Self { templates: BTreeMap::new(), definitions: BTreeMap::new() };
        for stack in assembly.stacks() {
            let text = assembly.template(stack)?;
            let mut template: Value = serde_json::from_str(&text).with_context(|| {
                format!("the template of stack {:?} in {} is no JSON", stack.name, assembly.root().display())
            })?;
            if let (Some(sections), false) = (template.as_object_mut(), stack.tags.is_empty()) {
                sections.insert("StackTags".to_owned(), json!(stack.tags));
            }
            side.templates.insert(stack.name.clone(), template);
        }
        for pipeline in assembly.pipelines() {
            if let BodyRecord::S3 { key } = &pipeline.body {
                side.definitions.insert(key.clone(), assembly.definition(pipeline)?.to_string());
            }
        }
        Ok(side)
    }
}

/// An object of stacks, by name; each as [`Difference::to_json`] has it.
fn to_json(differences: &BTreeMap<String, Difference>) -> Value {
    let stacks: BTreeMap<&String, Value> =
        differences.iter().map(|(name, difference)| (name, difference.to_json())).collect();
    json!({"stacks": stacks})
}

fn to_text(differences: &BTreeMap<String, Difference>, style: Style) -> String {
    let mut out = String::new();
    for (name, difference) in differences {
        let rendered = render(difference, style);
        out.extend(["Stack ", name, "\n", &rendered, "\n"]);
    }
    out
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use pipewright_assembly::{Contents, Stack, Target, write};

    use super::*;

    /// A stack's name, template and tags.
    type Described<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

    /// An assembly of these stacks.
    fn assembly(folder: &Path, stacks: &[Described<'_>]) -> PathBuf {
        let stacks = stacks.iter().map(|(name, template, tags)| Stack {
            name: (*name).to_owned(),
            template: (*template).to_owned(),
            tags: tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            depends_on: Vec::new(),
            assets: Vec::new(),
        });
        let contents = Contents {
            target: Target {
                environment: "dev".into(),
                prefix: "p".into(),
                account: None,
                region: None,
                source_bucket: "s".into(),
                data_bucket: "d".into(),
            },
            partial: false,
            stacks: stacks.collect(),
            pipelines: Vec::new(),
        };
        write(folder, &contents).unwrap().path
    }

    fn queue(delay: u32) -> String {
        json!({"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": delay}}}})
            .to_string()
    }

    fn compare_all(old: &[Described<'_>], new: &[Described<'_>], wanted: &[&str]) -> Result<String> {
        let folder = tempfile::tempdir()?;
        let [old, new] = [("old", old), ("new", new)]
            .map(|(name, stacks)| Assembly::open(&assembly(&folder.path().join(name), stacks)).unwrap());
        let wanted: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
        Ok(to_text(&differences(&old, &new, &wanted)?, Style::default()))
    }

    #[test]
    fn stacks_are_compared_by_name() {
        let (one, two) = (queue(1), queue(2));
        let check = |old: &[Described<'_>], new: &[Described<'_>], wanted: &[&str], expected: &str| {
            assert_eq!(compare_all(old, new, wanted).unwrap(), expected);
        };
        check(&[("a", &one, &[])], &[("a", &one, &[])], &[], "Stack a\nThere were no differences\n\n");
        check(
            &[("a", &one, &[])],
            &[("a", &two, &[])],
            &[],
            "Stack a\nResources\n[~] AWS::SQS::Queue Q\n    [~] DelaySeconds: 1 → 2\n\n",
        );
        check(
            &[("a", &one, &[("k", "1")])],
            &[("a", &one, &[("k", "2")])],
            &[],
            "Stack a\nStackTags\n[~] StackTags.k: \"1\" → \"2\"\n\n",
        );
        check(
            &[],
            &[("a", &one, &[])],
            &[],
            "Stack a\nThe stack is new\n\nResources\n[+] AWS::SQS::Queue Q\n\n",
        );
        check(
            &[("a", &one, &[]), ("b", &one, &[])],
            &[("a", &two, &[]), ("b", &one, &[])],
            &["b"],
            "Stack b\nThere were no differences\n\n",
        );
    }

    #[test]
    fn a_stack_that_is_nowhere_is_a_mistake() {
        let one = queue(1);
        let error = compare_all(&[("a", &one, &[])], &[("b", &one, &[])], &["c", "a"]).unwrap_err();
        assert_eq!(error.to_string(), "no stack c in either assembly; there are a, b");
    }

    #[test]
    fn the_status_says_that_something_differs() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (queue(1), queue(2));
        let old = assembly(&folder.path().join("old"), &[("a", &one, &[])]);
        let new = assembly(&folder.path().join("new"), &[("a", &two, &[])]);
        let check = |old: &Path, new: &Path, exit_code: bool, expected: ExitCode| {
            let args = DiffArgs { exit_code, json: true, ..DiffArgs::default() };
            assert_eq!(format!("{:?}", offline(old, new, &args).unwrap()), format!("{expected:?}"));
        };
        check(&old, &new, true, ExitCode::from(DIFFERENT));
        check(&old, &new, false, ExitCode::SUCCESS);
        check(&old, &old, true, ExitCode::SUCCESS);
        assert!(offline(&old, &folder.path().join("absent"), &DiffArgs::default()).is_err());
    }
}
