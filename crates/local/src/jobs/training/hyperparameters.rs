//! Hyperparameters, as the training toolkit of SageMaker's framework images reads them: each text is JSON where it can be.
//!
//! Those that begin with `sagemaker_` are for the toolkit; the others are arguments of the script.

use std::collections::BTreeMap;

use pipewright_interpreter::S3Uri;
use serde_json::{Map, Value};

use super::python;

/// What begins the names of those that are not for the script.
const PREFIX: &str = "sagemaker_";
/// Those the toolkit itself knows; other ones with the prefix are the framework's.
const OF_TOOLKIT: [&str; 9] = [
    "sagemaker_program",
    "sagemaker_submit_directory",
    "sagemaker_enable_cloudwatch_metrics",
    "sagemaker_region",
    "sagemaker_container_log_level",
    "sagemaker_job_name",
    "default_user_module_name",
    "_tuning_objective_metric",
    "sagemaker_s3_output",
];

/// The hyperparameters of a job.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Hyperparameters {
    /// For the script.
    pub(crate) own: Map<String, Value>,
    /// For the toolkit.
    toolkit: BTreeMap<String, Value>,
    /// For the framework.
    pub(crate) framework: Map<String, Value>,
}

impl Hyperparameters {
    /// Reads the texts of the request.
    pub(crate) fn read(texts: &BTreeMap<String, String>) -> Self {
        let mut read = Self::default();
        for (name, text) in texts {
            let value = serde_json::from_str(text).unwrap_or_else(|_| Value::from(text.clone()));
            if OF_TOOLKIT.contains(&name.as_str()) {
                read.toolkit.insert(name.clone(), value);
            } else if name.starts_with(PREFIX) {
                read.framework.insert(name.clone(), value);
            } else {
                read.own.insert(name.clone(), value);
            }
        }
        read
    }

    /// One of the toolkit's, as text.
    pub(crate) fn toolkit(&self, name: &str) -> Option<String> {
        self.toolkit.get(name).filter(|value| !value.is_null()).map(python::text)
    }

    /// The script's arguments: `--name value`, and `-n value` where the name is one character; sorted by name.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let mut own: Vec<_> = self.own.iter().collect();
        own.sort_by_key(|(name, _)| *name);
        let argument = |(name, value): (&String, &Value)| {
            let name = match name.chars().count() {
                0 => String::new(),
                1 => format!("-{name}"),
                _ => format!("--{name}"),
            };
            [name, python::argument(value)]
        };
        own.into_iter().flat_map(argument).collect()
    }
}

/// A script that trains, and where its folder is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Script {
    /// `sagemaker_program`: a file of the folder.
    pub(crate) program: String,
    /// `sagemaker_submit_directory`: an archive in S3. `None`: the code is in the image.
    pub(crate) directory: Option<S3Uri>,
}

impl Script {
    /// The job's script, where it has one.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn of(
        hyperparameters: &Hyperparameters,
        environment: &BTreeMap<String, String>,
    ) -> Result<Option<Self>, String> {
        let said = |name: &str| {
            hyperparameters.toolkit(name).or_else(|| environment.get(&name.to_uppercase()).cloned())
        };
        let Some(program) = said("sagemaker_program") else { return Ok(None) };
        let bad = |part: &str| matches!(part, "" | "." | "..") || part.contains('\0');
        if program.split('/').any(bad) {
            return Err(format!(
                "HyperParameters.sagemaker_program: `{program}` is no path in the sources; give one relative to their folder"
            ));
        }
        let directory = match said("sagemaker_submit_directory") {
            Some(place) if place.starts_with("s3://") => Some(S3Uri::parse(&place).ok_or_else(|| {
                format!("HyperParameters.sagemaker_submit_directory: `{place}` is no place in S3; give s3://BUCKET/KEY")
            })?),
            _ => None,
        };
        Ok(Some(Self { program, directory }))
    }

    /// What starts it, inside of `/opt/ml/code`.
    pub(crate) fn command(&self) -> Vec<String> {
        let path = format!("/opt/ml/code/{}", self.program);
        let command: &[&str] =
            if has_ending(&self.program, "py") { &["python3", &path] } else { &["/bin/sh", &path] };
        command.iter().map(|part| (*part).to_owned()).collect()
    }

    /// The program's name as a module.
    pub(crate) fn module(&self) -> &str {
        if has_ending(&self.program, "py") { self.program.trim_end_matches(".py") } else { &self.program }
    }
}

fn has_ending(path: &str, ending: &str) -> bool {
    std::path::Path::new(path).extension().is_some_and(|found| found == ending)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
        entries.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn hyperparameters_become_arguments() {
        let check = |entries: &[(&str, &str)], expected: &[&str]| {
            assert_eq!(Hyperparameters::read(&texts(entries)).arguments(), expected, "{entries:?}");
        };
        check(&[], &[]);
        check(&[("epochs", "3"), ("batch-size", "32")], &["--batch-size", "32", "--epochs", "3"]);
        check(&[("lr", "0.0010")], &["--lr", "0.001"]);
        check(&[("name", "\"a b\"")], &["--name", "a b"]);
        check(&[("name", "a b")], &["--name", "a b"]);
        check(&[("flag", "true"), ("x", "1")], &["--flag", "True", "-x", "1"]);
        check(&[("none", "null")], &["--none", ""]);
        check(&[("objective", "reg:linear")], &["--objective", "reg:linear"]);
        check(&[("sagemaker_program", "\"t.py\""), ("sagemaker_mpi_enabled", "true")], &[]);
        check(&[("_tuning_objective_metric", "\"m\"")], &[]);
    }

    #[test]
    fn a_script_is_named_by_hyperparameters_or_variables() {
        let check =
            |hyper: &[(&str, &str)], environment: &[(&str, &str)], expected: Option<(&str, Option<&str>)>| {
                let found = Script::of(&Hyperparameters::read(&texts(hyper)), &texts(environment)).unwrap();
                let expected = expected.map(|(program, directory)| Script {
                    program: program.to_owned(),
                    directory: directory.map(|place| S3Uri::parse(place).unwrap()),
                });
                assert_eq!(found, expected, "{hyper:?}");
            };
        check(&[("epochs", "3")], &[], None);
        check(
            &[
                ("sagemaker_program", "\"train.py\""),
                ("sagemaker_submit_directory", "\"s3://b/k/sourcedir.tar.gz\""),
            ],
            &[],
            Some(("train.py", Some("s3://b/k/sourcedir.tar.gz"))),
        );
        check(&[("sagemaker_program", "a/train.py")], &[], Some(("a/train.py", None)));
        check(
            &[("sagemaker_program", "t.py"), ("sagemaker_submit_directory", "/opt/ml/code")],
            &[],
            Some(("t.py", None)),
        );
        check(&[], &[("SAGEMAKER_PROGRAM", "t.py")], Some(("t.py", None)));
    }

    #[test]
    fn a_script_stays_in_its_folder() {
        let check = |program: &str| {
            let hyper = Hyperparameters::read(&texts(&[("sagemaker_program", program)]));
            let problem = Script::of(&hyper, &BTreeMap::new()).unwrap_err();
            assert!(problem.contains("sagemaker_program"), "{problem}");
        };
        check("../train.py");
        check("/etc/passwd");
        check("a//b.py");
        check("");
    }
}
