//! The environment variables that pipelines are told of, those of `.env` files among them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use pipewright_config::{Source, env_file, named_variables};
use pipewright_model::protocol::{ConfigSource, SetValue, variable_prefix};

use crate::report::Report;
use crate::sources;

/// What the names of variables begin with that set values of a pipeline.
const PREFIX: &str = "PIPEWRIGHT_";

/// The variables of `.env` files, later files over earlier ones, and over them those of the process.
pub(crate) struct Variables(BTreeMap<String, String>);

impl Variables {
    /// Reads the files, whose names count from the workspace's root; one that can't be read is reported.
    pub(crate) fn read(root: &Path, files: &[String], reports: &mut Vec<Report>) -> Self {
        let mut variables = BTreeMap::new();
        for file in files {
            match sources::text(&root.join(file), root) {
                Ok(text) => match env_file(&Source::new(file, text)) {
                    Ok(found) => variables.extend(found),
                    // The lines are not shown: secrets are kept in such files.
                    Err(problems) => reports.extend(problems.into_iter().map(|problem| {
                        let place = problem.place.as_ref().map(ToString::to_string).unwrap_or_default();
                        let report =
                            Report::error("config/env-file", format!("{place}: {}", problem.message));
                        problem.help.into_iter().fold(report, Report::help)
                    })),
                },
                Err(why) => {
                    reports.push(Report::error("config/env-file", format!("can't read {file}: {why}")));
                }
            }
        }
        // What is not UTF-8 is no value of a configuration.
        let own = std::env::vars_os();
        variables.extend(
            own.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))),
        );
        Self(variables)
    }

    /// What is wrong with the names of those that set values: a warning for each that is of no pipeline.
    pub(crate) fn strays<'p>(&self, pipelines: impl Iterator<Item = &'p str>) -> Vec<Report> {
        let prefixes: Vec<String> = pipelines.map(variable_prefix).collect();
        let stray = |name: &&String| sets(name) && !prefixes.iter().any(|prefix| name.starts_with(prefix));
        let report = |name: &String| {
            let known: Vec<String> = prefixes.iter().map(|prefix| format!("{prefix}…")).collect();
            Report::error("config/variable", format!("the variable {name} sets a value of no pipeline"))
                .warning()
                .help(format!("known: {}", known.join(", ")))
        };
        self.0.keys().filter(stray).map(report).collect()
    }

    /// Those that a program is told: what sets values, and what its texts name.
    pub(crate) fn told<'t>(
        &self,
        sources: impl Iterator<Item = &'t ConfigSource>,
        set: &[SetValue],
    ) -> BTreeMap<String, String> {
        let texts =
            sources.map(|source| source.text.as_str()).chain(set.iter().map(|set| set.value.as_str()));
        let named: BTreeSet<String> = texts.flat_map(named_variables).collect();
        let told = self.0.iter().filter(|(name, _)| sets(name) || named.contains(*name));
        let mut told: BTreeMap<String, String> =
            told.map(|(name, value)| (name.clone(), value.clone())).collect();
        // A variable's value may name others.
        let more: BTreeSet<String> = told.values().flat_map(|value| named_variables(value)).collect();
        told.extend(more.into_iter().filter_map(|name| Some((name.clone(), self.0.get(&name)?.clone()))));
        told
    }
}

/// Whether a variable is there to set a value.
fn sets(name: &str) -> bool {
    name.strip_prefix(PREFIX).is_some_and(|rest| rest.contains("__"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_asked_for_is_told() {
        let all = [
            ("PIPEWRIGHT_A__B", "${env:NAMED}"),
            ("PIPEWRIGHT_PYTHON", "x"),
            ("NAMED", "1"),
            ("HOME", "2"),
            ("SECRET", "3"),
        ];
        let variables = Variables(all.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
        let source = ConfigSource { name: "c.toml".into(), text: "a = '${env:HOME}$${env:SECRET}'".into() };
        let told = variables.told([&source].into_iter(), &[]);
        assert_eq!(told.keys().collect::<Vec<_>>(), ["HOME", "NAMED", "PIPEWRIGHT_A__B"]);
        assert!(variables.strays(["a", "b"].into_iter()).is_empty());
        let strays = variables.strays(["b"].into_iter());
        assert_eq!(strays[0].message(), "the variable PIPEWRIGHT_A__B sets a value of no pipeline");
    }

    #[test]
    fn files_are_read_and_their_mistakes_reported_without_values() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(".env"), "PIPEWRIGHT_A__B=1\n").unwrap();
        std::fs::write(folder.path().join("bad.env"), "X='s3cret' y\n").unwrap();
        let mut reports = Vec::new();
        let files = [".env", "bad.env", "none.env"].map(str::to_owned);
        let variables = Variables::read(folder.path(), &files, &mut reports);
        assert_eq!(variables.0["PIPEWRIGHT_A__B"], "1");
        let messages: Vec<_> = reports.iter().map(Report::message).collect();
        assert_eq!(messages.len(), 2);
        assert_eq!(messages[0], "bad.env:1:1: there is more behind the value of \"X\"");
        assert!(messages[1].starts_with("can't read none.env: "), "{messages:?}");
    }
}
