//! The check of a graph: every mistake that can be seen at synth, all at once.
//!
//! [`check`] looks at the graph as a whole (names, references, parameters); `arguments` holds
//! each step's request against SageMaker's shapes.

mod arguments;
mod bounds;
mod pipeline;
mod place;
mod references;

use crate::deploy::Environment;
use crate::graph::Graph;
use crate::node::Node;
use crate::parameter::ParameterDecl;
use crate::problem::Problem;
use crate::resolver::Resolver;
use crate::step::StepNode;
use place::Place;

pub(crate) use bounds::length;

/// Finds everything that is wrong with a pipeline.
///
/// First comes what is wrong with the pipeline as a whole, then the steps in their order, then
/// parameters that nobody uses. An empty list, or one with warnings alone, means that the
/// [`Definition`](crate::Definition) can be written.
pub fn check(
    name: &str,
    parameters: &[ParameterDecl],
    graph: &Graph,
    environment: &Environment,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    pipeline::check(name, parameters, graph, &mut problems);
    let resolver = Resolver::new(name, environment);
    let steps = references::Steps::of(graph);
    let mut uses = pipeline::Uses::of(parameters);
    graph.experiment_expressions(&mut |expression| uses.note(None, expression, &mut problems));
    let mut matched = arguments::Matched::default();
    let mut position = 0;
    // All about one step at a time: a large graph is walked through memory once.
    graph.visit(&mut |step, _| {
        steps.check(step, position, &resolver, &mut problems);
        step.expressions(&mut |expression| uses.note(Some(&step.name), expression, &mut problems));
        check_step(step, &resolver, &mut matched, &mut problems);
        position += 1;
    });
    uses.finish(&mut problems);
    problems
}

fn check_step(
    step: &StepNode,
    resolver: &Resolver<'_>,
    matched: &mut arguments::Matched,
    problems: &mut Vec<Problem>,
) {
    let first = problems.len();
    let common = &step.common;
    let mut walk = arguments::Walk::new(resolver, problems, matched);
    match step.shape {
        Some(shape) => walk.structure(&step.arguments, shape, &Place::root("Arguments")),
        None => walk.object(&step.arguments, &Place::root("Arguments")),
    }
    walk.object(&step.members, &Place::root(""));
    for (index, retry) in common.retry.iter().enumerate() {
        walk.node(&retry.node(), &Place::root("RetryPolicies").index(index));
    }
    if let Some(cache) = &common.cache {
        walk.node(&cache.node(), &Place::root("CacheConfig"));
    }
    for (path, text, most) in
        [("DisplayName", &common.display_name, 256), ("Description", &common.description, 3072)]
    {
        if let Some(text) = text
            && text.chars().count() > most
        {
            let found = text.chars().count();
            problems.push(
                Problem::error("limit/length", path, format!("{found} characters are too many"))
                    .value(format!("{found} characters"))
                    .limit(format!("at most {most} characters")),
            );
        }
    }
    if matches!(step.kind.as_ref(), "Model" | "RegisterModel") {
        for exception in common.retry.iter().flat_map(crate::Retry::job_exceptions) {
            problems.push(
                Problem::error(
                    "graph/retry",
                    "RetryPolicies",
                    format!("a {} step can't be retried on {exception}", step.kind),
                )
                .value(exception)
                .limit("Step.SERVICE_FAULT, Step.THROTTLING")
                .help("it runs no job: retry on a `StepException`"),
            );
        }
    }
    for problem in &mut problems[first..] {
        problem.step.get_or_insert_with(|| step.name.to_string());
    }
}

/// What a literal looks like in a message.
fn shown(node: &Node) -> String {
    match node {
        Node::Null => "null".to_owned(),
        Node::Bool(b) => b.to_string(),
        Node::Int(i) => i.to_string(),
        Node::Float(f) => format!("{f:?}"),
        Node::Str(s) | Node::Vouched(s) => shortened(s),
        Node::List(list) => format!("a list of {}", list.len()),
        Node::Object(object) => format!("an object of {}", object.len()),
        Node::Expr(_) => "an expression".to_owned(),
        Node::Invalid(invalid) => shortened(&invalid.value),
    }
}

/// A text in quotes, cut where it is long: a message is no place for a whole document.
fn shortened(text: &str) -> String {
    const MOST: usize = 80;
    if text.chars().count() <= MOST {
        return format!("{text:?}");
    }
    let start: String = text.chars().take(MOST).collect();
    format!("{start:?}… ({} characters)", text.chars().count())
}
