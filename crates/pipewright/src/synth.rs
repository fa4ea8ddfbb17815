//! Synthesis: configuration in, definition out. Pure: no file, no environment, no clock.

use std::collections::{BTreeMap, BTreeSet};

use pipewright_config::{self as config, Override, Placeholders, Reading, Source};
use pipewright_model::protocol::{
    ConfigSource, ConfigValue, Diagnostic, Operation, ParameterAnswer, PipelineAnswer, Place, Request,
    SetValue, StepAnswer, UnusedValue, variable_prefix,
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
        unused: None,
        schema: None,
        diagnostics: Vec::new(),
    }
}

/// Reads the configuration; `None` where it has errors.
fn configure<P: Pipeline>(request: &Request, answer: &mut PipelineAnswer<Box<RawValue>>) -> Option<P> {
    let environment = &request.environment;
    let sources = sources::<P>(request, answer)?;
    let variables = request.variables.iter();
    let prefix = variable_prefix(P::NAME);
    let mine = |set: &&SetValue| set.pipeline == P::NAME;
    let overrides: Vec<Override> = variables
        .filter_map(|(name, value)| Override::variable(&prefix, name, value))
        .chain(request.set.iter().filter(mine).map(|set| Override::new(&set.key, &set.value)))
        .collect();
    let placeholders = placeholders(request);
    let reading = Reading::new(&sources)
        .environment(&environment.name)
        .overrides(&overrides)
        .placeholders(&placeholders)
        .check_other_environments();
    match reading.load::<P>() {
        Ok(loaded) => {
            answer.config = loaded.resolved.iter().map(resolved).collect();
            answer.diagnostics.extend(loaded.warnings.into_iter().map(diagnostic));
            let unused = loaded.unused.into_iter().filter_map(|unused| {
                Some(UnusedValue { path: unused.path, place: unused.place.as_ref().map(place)? })
            });
            answer.unused = Some(unused.collect());
            Some(loaded.value)
        }
        Err(problems) => {
            answer.diagnostics.extend(problems.into_vec().into_iter().map(diagnostic));
            if request.sources.is_empty() {
                let help = "the crate has no config.toml: write one beside its Cargo.toml";
                answer.diagnostics.iter_mut().for_each(|d| d.help = Some(with(d.help.take(), help)));
            }
            None
        }
    }
}

/// The files that count, later ones over earlier ones: the pipeline's own, that of the environment, and what is
/// shared. `None` where two files say the same thing in different formats.
fn sources<P: Pipeline>(
    request: &Request,
    answer: &mut PipelineAnswer<Box<RawValue>>,
) -> Option<Vec<Source>> {
    let mut sources = Vec::new();
    let environment = &request.environment.name;
    let before = answer.diagnostics.len();
    for ending in ["", &format!(".{environment}")] {
        let mut found = named(&request.sources, &format!("{}{ending}", P::NAME));
        if found.is_empty() {
            found = named(&request.sources, &format!("config{ending}"));
        }
        if let [first, second, ..] = found[..] {
            let message = format!("{} and {} are both there", first.name, second.name);
            let problem = config::Problem::error("config/twice", message);
            let help = Some("keep one of them".to_owned());
            answer.diagnostics.push(diagnostic(config::Problem { help, ..problem }));
        }
        sources.extend(found.first().map(|source| Source::new(&source.name, &source.text)));
    }
    sources.extend(request.shared.iter().map(|file| Source::shared(&file.name, &file.text, SHARED)));
    (answer.diagnostics.len() == before).then_some(sources)
}

/// The table of the workspace's settings that holds values for all pipelines.
const SHARED: &str = "shared";

/// The configuration files with this name, in any format.
fn named<'a>(sources: &'a [ConfigSource], stem: &str) -> Vec<&'a ConfigSource> {
    let is = |source: &&ConfigSource| {
        let file = source.name.rsplit('/').next().unwrap_or_default();
        let ending = file.strip_prefix(stem).unwrap_or_default();
        [".toml", ".json", ".yaml", ".yml"].contains(&ending)
    };
    sources.iter().filter(is).collect()
}

/// What `${…}` stands for in texts.
fn placeholders(request: &Request) -> Placeholders {
    let environment = &request.environment;
    let known = [("account", &environment.account), ("region", &environment.region)];
    let placeholders = Placeholders::new().value("prefix", &environment.prefix);
    let placeholders = known.into_iter().fold(placeholders, |placeholders, (name, value)| {
        if let Some(value) = value {
            return placeholders.value(name, value);
        }
        let of = &environment.name;
        let help =
            format!("give the environment {of} its {name} in pipewright.toml, or write $${{ for a plain ${{");
        placeholders.absent(name, help)
    });
    let variables = request.variables.iter();
    variables.fold(placeholders, |placeholders, (name, value)| placeholders.variable(name, value))
}

fn with(help: Option<String>, more: &str) -> String {
    help.map_or_else(|| more.to_owned(), |help| format!("{help}; {more}"))
}

fn resolved(value: config::Resolved) -> ConfigValue {
    let origin = match &value.origin {
        None => "default".to_owned(),
        Some(config::Place::File { source, line, .. }) => format!("{source}:{line}"),
        Some(place) => place.source().into_owned(),
    };
    ConfigValue { path: value.path, value: value.value, origin }
}

fn place(place: &config::Place) -> Place {
    let span = place.span();
    Place { source: place.source().into_owned(), start: span.start, end: span.end }
}

fn diagnostic(problem: config::Problem) -> Diagnostic {
    let mut message = problem.message;
    let place = match &problem.place {
        // The line would be shown, and with it the secret.
        Some(at @ config::Place::File { .. }) if problem.secret => {
            message = format!("{message} (at {at})");
            None
        }
        at => at.as_ref().map(place),
    };
    Diagnostic {
        severity: match problem.severity {
            config::Severity::Error => Severity::Error,
            config::Severity::Warning => Severity::Warning,
        },
        code: problem.code.to_owned(),
        message,
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
