//! Synthesis: configuration in, definition out. Pure: no file, no environment, no clock.

use std::collections::{BTreeMap, BTreeSet};

use pipewright_config::{self as config, Override, Source};
use pipewright_model::protocol::{
    ConfigSource, ConfigValue, Diagnostic, Operation, ParameterAnswer, PipelineAnswer, Place, Request,
    SetValue, StepAnswer,
};
use pipewright_model::{
    CodeAsset, Definition, Deploy, Environment, Graph, Literal, ParameterDecl, Problem, Severity, check,
    graph, permissions,
};
use serde_json::value::{RawValue, to_raw_value};

use crate::{Pipeline, Steps};

/// The most characters that SageMaker takes for a definition.
const DEFINITION: usize = 1_048_576;

/// Answers a request for one pipeline.
pub(crate) fn answer<P: Pipeline + Steps>(request: &Request) -> PipelineAnswer<Box<RawValue>> {
    let mut answer = empty::<P>();
    if request.operation == Operation::Schema {
        answer.schema = Some(config::file_schema::<P>());
        return answer;
    }
    let environment = &request.environment;
    let Some(pipeline) = configure::<P>(request, &mut answer) else { return answer };
    let parameters = pipeline.parameters();
    answer.parameters = parameters.iter().map(parameter).collect();
    let mut graph = Graph::new();
    if let Err(error) = pipeline.steps(&mut graph) {
        answer.diagnostics.push(Problem::error("steps", P::NAME, error.to_string()).into());
    }
    let problems = check::check(P::NAME, &parameters, &graph, environment);
    describe(&graph, &mut answer);
    let failed = answer.diagnostics.iter().map(|d| d.severity).chain(problems.iter().map(|p| p.severity));
    let failed = failed.min() == Some(Severity::Error);
    answer.diagnostics.extend(problems.into_iter().map(Diagnostic::from));
    if !failed && request.operation == Operation::Synth {
        write(&parameters, &graph, environment, &mut answer);
    }
    answer
}

fn empty<P: Pipeline>() -> PipelineAnswer<Box<RawValue>> {
    PipelineAnswer {
        name: P::NAME.to_owned(),
        display_name: P::DISPLAY_NAME.map(str::to_owned),
        description: P::DESCRIPTION.to_owned(),
        parameters: Vec::new(),
        steps: Vec::new(),
        definition: None,
        portable: false,
        substitutions: BTreeMap::new(),
        role_arn: String::new(),
        parallelism: None,
        tags: BTreeMap::new(),
        permissions: Vec::new(),
        assets: Vec::new(),
        config: Vec::new(),
        schema: None,
        diagnostics: Vec::new(),
    }
}

/// Reads the configuration; `None` where it has errors.
fn configure<P: Pipeline>(request: &Request, answer: &mut PipelineAnswer<Box<RawValue>>) -> Option<P> {
    let sources: Vec<Source> =
        own_source(&request.sources, P::NAME).map(|s| Source::new(&s.name, &s.text)).into_iter().collect();
    let mine = |set: &&SetValue| set.pipeline == P::NAME;
    let set: Vec<Override> =
        request.set.iter().filter(mine).map(|set| Override::new(&set.key, &set.value)).collect();
    match config::load::<P>(&sources, Some(&request.environment.name), &set) {
        Ok(loaded) => {
            answer.config = loaded.resolved.into_iter().map(resolved).collect();
            answer.diagnostics.extend(loaded.warnings.into_iter().map(diagnostic));
            Some(loaded.value)
        }
        Err(problems) => {
            answer.diagnostics.extend(problems.into_vec().into_iter().map(diagnostic));
            if sources.is_empty() {
                let help = "the crate has no config.toml: write one beside its Cargo.toml";
                answer.diagnostics.iter_mut().for_each(|d| d.help = Some(with(d.help.take(), help)));
            }
            None
        }
    }
}

fn with(help: Option<String>, more: &str) -> String {
    help.map_or_else(|| more.to_owned(), |help| format!("{help}; {more}"))
}

/// The pipeline's own file, `NAME.toml`, or else the crate's `config.toml`.
fn own_source<'a>(sources: &'a [ConfigSource], pipeline: &str) -> Option<&'a ConfigSource> {
    let named = |file: &str| sources.iter().find(|s| s.name.rsplit('/').next() == Some(file));
    named(&format!("{pipeline}.toml")).or_else(|| named("config.toml"))
}

fn resolved(value: config::Resolved) -> ConfigValue {
    let origin = match &value.origin {
        None => "default".to_owned(),
        Some(config::Place::File { source, line, .. }) => format!("{source}:{line}"),
        Some(place) => place.source().into_owned(),
    };
    ConfigValue { path: value.path, value: value.value, origin }
}

fn diagnostic(problem: config::Problem) -> Diagnostic {
    let place = problem.place.as_ref().map(|place| {
        let span = place.span();
        Place { source: place.source().into_owned(), start: span.start, end: span.end }
    });
    Diagnostic {
        severity: match problem.severity {
            config::Severity::Error => Severity::Error,
            config::Severity::Warning => Severity::Warning,
        },
        code: problem.code.to_owned(),
        message: problem.message,
        place,
        path: problem.path,
        value: problem.value,
        limit: problem.limit,
        help: problem.help,
    }
}

fn parameter(decl: &ParameterDecl) -> ParameterAnswer {
    ParameterAnswer {
        name: decl.name.clone(),
        kind: format!("{:?}", decl.kind),
        default: decl.default.as_ref().map(|default| match default {
            Literal::String(text) => text.as_str().into(),
            Literal::Integer(i) => (*i).into(),
            Literal::Float(f) => (*f).into(),
            Literal::Boolean(b) => (*b).into(),
        }),
        choices: decl.choices.clone(),
        description: decl.description.clone(),
    }
}

/// Steps, edges, assets and settings.
fn describe(graph: &Graph, answer: &mut PipelineAnswer<Box<RawValue>>) {
    let mut edges: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    graph.references(&mut |step, target| {
        edges.entry(step).or_default().insert(target.to_owned());
    });
    let mut assets: BTreeSet<CodeAsset> = BTreeSet::new();
    graph.visit(&mut |step, parent| {
        answer.steps.push(StepAnswer {
            name: step.name.to_string(),
            kind: step.kind.to_string(),
            parent: parent.map(str::to_owned),
            depends_on: edges.remove(&*step.name).unwrap_or_default().into_iter().collect(),
        });
        assets.extend(step.common.assets.iter().cloned());
    });
    answer.assets = assets.into_iter().collect();
    let graph::Settings { parallelism, tags } = graph.settings();
    answer.parallelism = *parallelism;
    answer.tags.clone_from(tags);
}

fn write(
    parameters: &[ParameterDecl],
    graph: &Graph,
    environment: &Environment,
    answer: &mut PipelineAnswer<Box<RawValue>>,
) {
    let definition = Definition::new(&answer.name, parameters, graph, environment);
    let portable = definition.is_portable();
    let substitutions = definition.substitutions();
    let role_arn = environment.text(&Deploy::RoleArn, &answer.name);
    let text = match to_raw_value(&definition) {
        Ok(text) => text,
        Err(error) => {
            let problem = Problem::error("definition", "Definition", format!("it can't be written: {error}"));
            answer.diagnostics.push(problem.into());
            return;
        }
    };
    let characters = text.get().chars().count();
    if characters > DEFINITION {
        let problem =
            Problem::error("limit/definition", "Definition", "the definition is larger than SageMaker takes")
                .value(format!("{characters} characters"))
                .limit(format!("at most {DEFINITION} characters"))
                .help("split the pipeline in two");
        answer.diagnostics.push(problem.into());
        return;
    }
    answer.portable = portable;
    answer.substitutions = substitutions;
    answer.role_arn = role_arn;
    if environment.role_arn.is_none() {
        answer.permissions = permissions::permissions(&answer.name, graph, environment);
        answer.diagnostics.extend(permissions::unknown(graph).into_iter().map(Diagnostic::from));
    }
    answer.definition = Some(text);
}
