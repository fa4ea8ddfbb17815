//! Names and parameters of a pipeline.

use std::collections::{BTreeSet, HashSet};

use crate::expr::Expression;
use crate::graph::Graph;
use crate::parameter::{Literal, ParameterDecl, ParameterKind};
use crate::problem::Problem;

/// The most characters of a pipeline's name. The API says 256; `CreatePipeline` refuses more than 82.
const PIPELINE_NAME: usize = 82;
/// The most characters of a step's name.
const STEP_NAME: usize = 64;
/// The most characters of a parameter's name.
const PARAMETER_NAME: usize = 256;
/// The most parameters that `StartPipelineExecution` takes.
const PARAMETERS: usize = 200;
/// The most characters of a parameter's value.
const PARAMETER_VALUE: usize = 1024;
/// The most values that a parameter can be chosen from.
const CHOICES: usize = 16;

pub(super) fn check(name: &str, parameters: &[ParameterDecl], graph: &Graph, problems: &mut Vec<Problem>) {
    if !is_dashed_name(name) || name.len() > PIPELINE_NAME {
        problems.push(
            Problem::error(
                "graph/pipeline-name",
                "PipelineName",
                format!("{name:?} can't be a pipeline's name"),
            )
            .value(name)
            .limit(format!("1 to {PIPELINE_NAME} letters, digits and dashes, with no dash first or last")),
        );
    }
    if graph.settings.parallelism == Some(0) {
        problems.push(
            Problem::error("limit/range", "MaxParallelExecutionSteps", "no step could ever run")
                .value("0")
                .limit("at least 1"),
        );
    }
    step_names(graph, problems);
    declarations(parameters, problems);
}

fn is_dashed_name(name: &str) -> bool {
    let alphanumeric = |c: char| c.is_ascii_alphanumeric();
    name.starts_with(alphanumeric)
        && name.ends_with(alphanumeric)
        && name.chars().all(|c| alphanumeric(c) || c == '-')
}

fn is_plain_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn step_names(graph: &Graph, problems: &mut Vec<Problem>) {
    let mut seen = HashSet::new();
    let mut twice = BTreeSet::new();
    graph.visit(&mut |step, _| {
        if !seen.insert(&*step.name) {
            twice.insert(&*step.name);
        }
        if !is_plain_name(&step.name) || step.name.len() > STEP_NAME {
            problems.push(
                Problem::error(
                    "graph/step-name",
                    "Name",
                    format!("{:?} can't be a step's name", &*step.name),
                )
                .in_step(&*step.name)
                .value(&*step.name)
                .limit(format!("1 to {STEP_NAME} letters, digits, - and _")),
            );
        }
    });
    if seen.is_empty() {
        problems.push(
            Problem::error("graph/empty", "Steps", "the pipeline has no step")
                .limit("at least 1 step")
                .help("add one in `Steps::steps`: `p.add(\"Name\", …)`"),
        );
    }
    for name in twice {
        let mut places = Vec::new();
        graph.visit(&mut |step, parent| {
            if &*step.name == name {
                places.push(parent.map_or_else(|| "the pipeline".to_owned(), |c| format!("a branch of {c}")));
            }
        });
        problems.push(
            Problem::error(
                "graph/duplicate-step",
                "Name",
                format!("{} steps are called {name:?}", places.len()),
            )
            .in_step(name)
            .value(format!("in {}", places.join(", in ")))
            .limit("one step of a name in a pipeline, branches included")
            .help("rename all but one"),
        );
    }
}

fn declarations(parameters: &[ParameterDecl], problems: &mut Vec<Problem>) {
    if parameters.len() > PARAMETERS {
        problems.push(
            Problem::error(
                "limit/count",
                "Parameters",
                format!("{} parameters are too many", parameters.len()),
            )
            .value(parameters.len().to_string())
            .limit(format!("at most {PARAMETERS}")),
        );
    }
    let mut seen = BTreeSet::new();
    for decl in parameters {
        let path = format!("Parameters.{}", decl.name);
        if !is_plain_name(&decl.name) || decl.name.len() > PARAMETER_NAME {
            problems.push(
                Problem::error(
                    "graph/parameter-name",
                    &path,
                    format!("{:?} can't be a parameter's name", decl.name),
                )
                .value(&decl.name)
                .limit(format!("1 to {PARAMETER_NAME} letters, digits, - and _")),
            );
        }
        if !seen.insert(&decl.name) {
            problems.push(
                Problem::error(
                    "graph/duplicate-parameter",
                    &path,
                    format!("two parameters are called {:?}", decl.name),
                )
                .value(&decl.name)
                .help("name one of the fields otherwise: `#[parameter(name = \"…\")]`"),
            );
        }
        values(decl, &path, problems);
    }
}

fn values(decl: &ParameterDecl, path: &str, problems: &mut Vec<Problem>) {
    if decl.choices.len() > CHOICES {
        problems.push(
            Problem::error(
                "limit/count",
                format!("{path}.EnumValues"),
                format!("{} choices are too many", decl.choices.len()),
            )
            .value(decl.choices.len().to_string())
            .limit(format!("at most {CHOICES}")),
        );
    }
    if !decl.choices.is_empty() && decl.kind != ParameterKind::String {
        problems.push(
            Problem::error(
                "graph/choices",
                format!("{path}.EnumValues"),
                "only a text parameter can have choices",
            )
            .value(format!("{:?}", decl.kind))
            .limit("String"),
        );
    }
    let default = decl.default.as_ref();
    if let Some(Literal::String(default)) = default
        && !decl.choices.is_empty()
        && !decl.choices.contains(default)
    {
        problems.push(
            Problem::error(
                "limit/value",
                format!("{path}.DefaultValue"),
                "the default is none of the choices",
            )
            .value(format!("{default:?}"))
            .limit(format!("one of {}", decl.choices.join(", "))),
        );
    }
    let defaults = default.into_iter().filter_map(|d| match d {
        Literal::String(text) => Some(text),
        _ => None,
    });
    let (min, max) =
        (decl.min_length.unwrap_or(0), decl.max_length.unwrap_or(PARAMETER_VALUE).min(PARAMETER_VALUE));
    for text in defaults.chain(&decl.choices) {
        let chars = text.chars().count();
        if !(min..=max).contains(&chars) {
            problems.push(
                Problem::error("limit/length", path, format!("a value of {chars} characters"))
                    .value(super::shortened(text))
                    .limit(format!("{min} to {max} characters")),
            );
        }
    }
    if let Some(Literal::Float(f)) = default
        && !f.is_finite()
    {
        problems.push(
            Problem::error(
                "limit/number",
                format!("{path}.DefaultValue"),
                format!("{f} can't be written as JSON"),
            )
            .value(f.to_string())
            .limit("a finite number"),
        );
    }
}

/// Which parameters are used.
pub(super) struct Uses<'a> {
    parameters: &'a [ParameterDecl],
    declared: BTreeSet<&'a str>,
    used: BTreeSet<&'a str>,
    undeclared: BTreeSet<(Option<&'a str>, &'a str)>,
}

impl<'a> Uses<'a> {
    pub(super) fn of(parameters: &'a [ParameterDecl]) -> Self {
        let declared = parameters.iter().map(|p| p.name.as_str()).collect();
        Self { parameters, declared, used: BTreeSet::new(), undeclared: BTreeSet::new() }
    }

    /// Notes a use, and reports one of a parameter that is not declared: once for each step.
    pub(super) fn note(
        &mut self,
        step: Option<&'a str>,
        expression: &'a Expression,
        problems: &mut Vec<Problem>,
    ) {
        let name = match expression {
            Expression::Parameter(decl) => decl.name.as_str(),
            Expression::Get(get) => match get.strip_prefix("Parameters.") {
                Some(name) => name,
                None => return,
            },
            _ => return,
        };
        self.used.insert(name);
        if self.declared.contains(name) || !self.undeclared.insert((step, name)) {
            return;
        }
        let message = format!("the pipeline has no parameter {name:?}");
        let path = if step.is_some() { "Arguments" } else { "PipelineExperimentConfig" };
        let mut problem = Problem::error("graph/undeclared-parameter", path, message)
            .value(format!("Parameters.{name}"))
            .help("declare it as a field of the pipeline's struct");
        problem.step = step.map(str::to_owned);
        problems.push(problem);
    }

    /// Reports the parameters that nobody used.
    pub(super) fn finish(self, problems: &mut Vec<Problem>) {
        let unused = |p: &&ParameterDecl| !self.used.contains(p.name.as_str()) && p.unused_reason.is_none();
        for decl in self.parameters.iter().filter(unused) {
            problems.push(
                Problem::error(
                    "graph/unused-parameter",
                    format!("Parameters.{}", decl.name),
                    "no step uses this parameter",
                )
                .value(&decl.name)
                .help("use it, remove the field, or say why it stays: `#[parameter(unused = \"…\")]`"),
            );
        }
    }
}
