//! References between steps: each leads to a step that was added before, and to something it has.

use std::collections::{BTreeSet, HashMap};

use crate::check::shortened;
use crate::expr::{Document, Expression, JsonGet};
use crate::graph::Graph;
use crate::node::Node;
use crate::parameter::ParameterKind;
use crate::problem::Problem;
use crate::resolver::Resolver;
use crate::step::StepNode;

/// The steps of a graph by name, with their position.
pub(super) struct Steps<'g>(HashMap<&'g str, (usize, &'g StepNode)>);

impl<'g> Steps<'g> {
    /// A Condition step begins before the steps of its branches, but its conditions are evaluated
    /// with what came before it: in the order of `visit`, both only look back.
    pub(super) fn of(graph: &'g Graph) -> Self {
        let mut steps = HashMap::new();
        let mut position = 0;
        graph.visit(&mut |step, _| {
            steps.entry(&*step.name).or_insert((position, step));
            position += 1;
        });
        Self(steps)
    }

    /// Checks the references of the step at a position.
    pub(super) fn check(
        &self,
        step: &'g StepNode,
        position: usize,
        resolver: &Resolver<'_>,
        problems: &mut Vec<Problem>,
    ) {
        Here { step, position, steps: &self.0, resolver }.check(problems);
    }
}

struct Here<'a, 'g> {
    step: &'g StepNode,
    position: usize,
    steps: &'a HashMap<&'g str, (usize, &'g StepNode)>,
    resolver: &'a Resolver<'a>,
}

impl Here<'_, '_> {
    fn check(&self, problems: &mut Vec<Problem>) {
        for wait in &self.step.common.depends_on {
            self.earlier(&wait.step, &|| "DependsOn".to_owned(), problems);
        }
        self.property_files(problems);
        self.output_parameters(problems);
        let first = problems.len();
        for (prefix, object) in [("Arguments.", &self.step.arguments), ("", &self.step.members)] {
            for (name, node) in object.iter() {
                node.expressions(&mut |expression| {
                    let path = || format!("{prefix}{name}");
                    let known = problems.len();
                    self.expression(expression, &path, problems);
                    // One mistake in several places of a member is told once.
                    if problems.len() > known && problems[first..known].contains(&problems[known]) {
                        problems.truncate(known);
                    }
                });
            }
        }
    }

    fn report(&self, code: &'static str, path: &dyn Fn() -> String, message: String, value: &str) -> Problem {
        Problem::error(code, path(), message).in_step(&*self.step.name).value(value)
    }

    /// The step of a name, where it was added before this one.
    fn earlier(
        &self,
        name: &str,
        path: &dyn Fn() -> String,
        problems: &mut Vec<Problem>,
    ) -> Option<&StepNode> {
        match self.steps.get(name) {
            Some((position, step)) if *position < self.position => Some(step),
            Some(_) => {
                let message = format!("step {name:?} is not added before this one");
                problems.push(
                    self.report("graph/order", path, message, name)
                        .help("add it first: a pipeline has no cycles"),
                );
                None
            }
            None => {
                let nearest = self
                    .steps
                    .keys()
                    .map(|known| (strsim::jaro_winkler(known, name), known))
                    .filter(|(score, _)| *score > 0.8)
                    .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)));
                let mut problem = self.report(
                    "graph/unknown-step",
                    path,
                    format!("the pipeline has no step {name:?}"),
                    name,
                );
                problem.help = nearest.map(|(_, known)| format!("did you mean {known:?}?"));
                problems.push(problem);
                None
            }
        }
    }

    fn expression(&self, expression: &Expression, path: &dyn Fn() -> String, problems: &mut Vec<Problem>) {
        match expression {
            Expression::Property { step, path: property } => {
                if let Some(target) = self.earlier(step, path, problems) {
                    self.property(target, property, path, problems);
                }
            }
            Expression::Output { step, name, kind } => {
                if let Some(target) = self.earlier(step, path, problems) {
                    self.output_parameter(target, name, *kind, path, problems);
                }
            }
            Expression::JsonGet(get) => self.json_get(get, path, problems),
            Expression::Deploy(deploy) => {
                if let Err(error) = self.resolver.account_of_image(deploy) {
                    let regions: Vec<&str> =
                        error.registry.accounts.iter().map(|(region, _)| *region).collect();
                    problems.push(
                        self.report("graph/image-region", path, error.to_string(), &error.region)
                            .limit(regions.join(", ")),
                    );
                }
            }
            Expression::Parameter(_)
            | Expression::Execution(_)
            | Expression::Get(_)
            | Expression::Join(_) => {}
        }
    }

    /// What can be told about a property without the shape: quotes in keys, and that a processing
    /// output exists.
    fn property(
        &self,
        target: &StepNode,
        property: &str,
        path: &dyn Fn() -> String,
        problems: &mut Vec<Problem>,
    ) {
        if !property.matches('\'').count().is_multiple_of(2) {
            let message = "a key in a property path can't hold a quote".to_owned();
            problems.push(self.report("graph/property", path, message, property));
        }
        let Some(output) =
            property.strip_prefix("ProcessingOutputConfig.Outputs['").and_then(|rest| rest.split_once("']"))
        else {
            return;
        };
        self.output(target, output.0, path, problems);
    }

    fn output(
        &self,
        target: &StepNode,
        output: &str,
        path: &dyn Fn() -> String,
        problems: &mut Vec<Problem>,
    ) {
        let outputs = outputs(target);
        if target.kind == "Processing" && !outputs.contains(&output) {
            let message = format!("step {:?} has no output {output:?}", &*target.name);
            let limit = if outputs.is_empty() {
                "it has no outputs".to_owned()
            } else {
                format!("one of {}", outputs.join(", "))
            };
            problems.push(self.report("graph/unknown-output", path, message, output).limit(limit));
        }
    }

    /// A Lambda's or Callback's output is declared there, with the type that it is read as.
    fn output_parameter(
        &self,
        target: &StepNode,
        name: &str,
        kind: ParameterKind,
        path: &dyn Fn() -> String,
        problems: &mut Vec<Problem>,
    ) {
        let declared = output_parameters(target);
        let wanted = format!("{kind:?}");
        match declared.iter().find(|(known, _)| *known == name) {
            None => {
                let message = format!("step {:?} returns no {name:?}", &*target.name);
                let names: Vec<&str> = declared.iter().map(|(known, _)| *known).collect();
                let limit = if names.is_empty() { "it returns nothing".to_owned() } else { names.join(", ") };
                problems.push(
                    self.report("graph/unknown-output-parameter", path, message, name)
                        .limit(limit)
                        .help("declare it on that step: `.returns::<f64>(name)`"),
                );
            }
            Some((_, declared)) if *declared != wanted => {
                let message = format!("{name:?} of step {:?} is no {wanted}", &*target.name);
                let problem = self.report("graph/output-parameter-type", path, message, &wanted);
                problems.push(problem.limit(format!("it is declared as {declared}")));
            }
            Some(_) => {}
        }
    }

    /// What a step declares that it gives back.
    fn output_parameters(&self, problems: &mut Vec<Problem>) {
        const MOST: usize = 50;
        let declared = output_parameters(self.step);
        let path = || "OutputParameters".to_owned();
        if declared.len() > MOST {
            let message = "a step returns too many values".to_owned();
            let count = declared.len().to_string();
            problems.push(self.report("graph/output-parameters", &path, message, &count).limit("at most 50"));
        }
        let mut names = BTreeSet::new();
        for (name, _) in declared {
            if !names.insert(name) {
                let message = format!("two outputs are called {name:?}");
                problems.push(self.report("graph/duplicate-output-parameter", &path, message, name));
            }
            let fits = (1..=256).contains(&name.len())
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
            if !fits {
                let message = "an output can't have this name".to_owned();
                problems.push(
                    self.report("graph/output-parameter-name", &path, message, &shortened(name))
                        .limit("1 to 256 letters, digits, - and _"),
                );
            }
        }
    }

    fn json_get(&self, get: &JsonGet, path: &dyn Fn() -> String, problems: &mut Vec<Problem>) {
        if get.path.is_empty() {
            let message = "a JSON path names at least one member".to_owned();
            problems.push(self.report("graph/json-path", path, message, "\"\""));
        }
        let Document::PropertyFile { step, name } = &get.document else {
            return;
        };
        let Some(target) = self.earlier(step, path, problems) else {
            return;
        };
        let files: Vec<&str> = target.common.property_files.iter().map(|f| f.name.as_ref()).collect();
        if target.kind == "Processing" && !files.contains(&name.as_ref()) {
            let message = format!("step {:?} declares no property file {name:?}", &*target.name);
            let limit = if files.is_empty() {
                "it declares none".to_owned()
            } else {
                format!("one of {}", files.join(", "))
            };
            problems.push(
                self.report("graph/unknown-property-file", path, message, name)
                    .limit(limit)
                    .help("declare it on that step: `.property_file(PropertyFile::new(name, output, path))`"),
            );
        }
    }

    /// Every property file has its output, its own name, and a path inside of the output.
    fn property_files(&self, problems: &mut Vec<Problem>) {
        let outputs = outputs(self.step);
        let mut names = BTreeSet::new();
        for file in &self.step.common.property_files {
            let path = || format!("PropertyFiles.{}", file.name);
            if !outputs.contains(&file.output.as_ref()) {
                let message = format!("the property file's output {:?} does not exist", file.output);
                let limit = if outputs.is_empty() {
                    "the step has no outputs".to_owned()
                } else {
                    outputs.join(", ")
                };
                problems.push(
                    self.report("graph/property-file-output", &path, message, &file.output)
                        .limit(limit)
                        .help(format!(
                            "add the output: `.output(\"{}\", \"/opt/ml/processing/…\")`",
                            file.output
                        )),
                );
            }
            if !names.insert(&file.name) {
                let message = format!("two property files are called {:?}", file.name);
                problems.push(self.report("graph/duplicate-property-file", &path, message, &file.name));
            }
            if file.path.is_empty()
                || file.path.starts_with('/')
                || file.path.split('/').any(|part| part == "..")
            {
                let message = "a property file's path stays inside of its output".to_owned();
                problems.push(
                    self.report("graph/property-file-path", &path, message, &shortened(&file.path))
                        .limit("a relative path without `..`"),
                );
            }
        }
    }
}

/// The names of a processing job's outputs.
fn outputs(step: &StepNode) -> Vec<&str> {
    let outputs = step.arguments.get("ProcessingOutputConfig").and_then(|config| config.at(&["Outputs"]));
    let outputs = outputs.and_then(Node::as_list).unwrap_or_default();
    outputs.iter().filter_map(|o| o.at(&["OutputName"])?.as_str()).collect()
}

/// Names and types of what a step declares that it gives back; of a raw step as well.
fn output_parameters(step: &StepNode) -> Vec<(&str, &str)> {
    let list = step.members.get("OutputParameters").and_then(Node::as_list).unwrap_or_default();
    list.iter()
        .filter_map(|node| Some((node.at(&["OutputName"])?.as_str()?, node.at(&["OutputType"])?.as_str()?)))
        .collect()
}
