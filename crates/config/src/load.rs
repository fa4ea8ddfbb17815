//! [`load`]: the layers laid over each other and decoded.

use serde::Serialize;
use serde_json::Value as Json;

use crate::context::Context;
use crate::decode::Decode;
use crate::problem::{Place, Problem, Problems, Severity, code};
use crate::report::Reports;
use crate::source::{Inputs, Override, Source};
use crate::tree::{Node, Origin, Table, Value};
use crate::{overrides, read};

/// The table of a source that holds a table for each environment.
pub const ENVIRONMENTS: &str = "env";

/// A configuration that was read without an error.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded<T> {
    /// The configuration.
    pub value: T,
    /// Every value in it and where it came from, in the order of the type's fields.
    pub resolved: Vec<Resolved>,
    /// What deserves a look without being wrong.
    pub warnings: Vec<Problem>,
}

/// One value of a configuration and where it came from; empty lists and tables count as values.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Resolved {
    /// The key path.
    pub path: String,
    /// The value; null for an optional one that is absent.
    pub value: Json,
    /// Where it came from; `None` (null in JSON) for a default.
    pub origin: Option<Place>,
}

/// Reads a configuration from layers, where later ones win: the defaults, then for each source its top
/// level and after it the table `[env.NAME]` of the environment in question, and last the overrides.
///
/// Tables are merged key by key; lists and everything else are replaced whole. `env` is therefore no key
/// of the configuration itself. The tables of other environments are not decoded.
///
/// ```
/// use pipewright_config::{Override, Source, load};
/// use pipewright_macros::Config;
///
/// /// How to train.
/// #[derive(Config)]
/// #[config(crate = "pipewright_config")]
/// struct Training {
///     /// How many times the data is seen.
///     #[config(ge = 1, le = 100, default = 3)]
///     epochs: u32,
///     /// Where the data is.
///     bucket: String,
/// }
///
/// let text = "bucket = 'dev-data'\n[env.prod]\nbucket = 'prod-data'\nepochs = 10\n";
/// let sources = [Source::new("config.toml", text)];
/// let loaded = load::<Training>(&sources, Some("prod"), &[]).unwrap();
/// assert_eq!(loaded.value.bucket, "prod-data");
///
/// let set = [Override::new("epochs", "1000"), Override::new("epoch", "1")];
/// let problems = load::<Training>(&sources, Some("prod"), &set).err().unwrap();
/// let messages: Vec<_> = problems.iter().map(|problem| problem.message.as_str()).collect();
/// assert_eq!(messages, ["`epochs` must be at most 100, but is 1000", "`epoch` is not a key of the configuration"]);
/// ```
///
/// # Errors
/// All problems of all layers, in the order of the sources and then of the overrides. Where a source is
/// not well-formed, missing keys are not reported: they may stand in what could not be read.
pub fn load<T: Decode>(
    sources: &[Source],
    env: Option<&str>,
    overrides: &[Override],
) -> Result<Loaded<T>, Problems> {
    let inputs = Inputs::new(sources, overrides);
    let mut reports = Reports::new(&inputs);
    let mut root = Table::default();
    for index in 0..sources.len() {
        let mut layer = read::source(index, &mut reports);
        let environment = environment(&mut layer, env, &mut reports);
        root.overlay(layer);
        root.overlay(environment);
    }
    for index in 0..overrides.len() {
        if let Some(layer) = overrides::table(index, &mut reports) {
            root.overlay(layer);
        }
    }
    // What is missing at the top would be written in the first source.
    let origin = match sources {
        [] => Origin::Default,
        _ => Origin::File { source: 0, start: 0, end: 0 },
    };
    let mut cx = Context::new(reports);
    let value = T::decode(&Node { value: Value::Table(root), origin }, &mut cx);
    let (reports, leaves) = cx.into_parts();
    let problems = reports.finish();
    match value {
        Some(value) if problems.iter().all(|problem| problem.severity == Severity::Warning) => {
            let place = |leaf: crate::context::Leaf| Resolved {
                path: leaf.path,
                value: leaf.value,
                origin: inputs.place(leaf.origin),
            };
            let resolved = leaves.into_iter().map(place).collect();
            Ok(Loaded { value, resolved, warnings: problems.into_vec() })
        }
        _ => Err(problems),
    }
}

/// Takes the environments out of a source's top level and returns the one in question.
fn environment<'s>(layer: &mut Table<'s>, name: Option<&str>, reports: &mut Reports<'s>) -> Table<'s> {
    let Some(environments) = layer.entries.remove(ENVIRONMENTS) else {
        return Table::default();
    };
    let mut wrong = |node: &Node<'_>, path: String| {
        let message = format!("`{path}` must be a table, not {}", node.describe());
        let mut problem = Problem::error(code::ENVIRONMENT, message);
        problem.path = path;
        problem.value = Some(node.show());
        problem.limit = Some("a table".to_owned());
        problem.help = Some("`env` holds one table for each environment: [env.prod]".to_owned());
        reports.push(node.origin, problem);
    };
    let Value::Table(environments) = environments.node.value else {
        wrong(&environments.node, ENVIRONMENTS.to_owned());
        return Table::default();
    };
    let mut found = Table::default();
    for (key, entry) in environments.entries {
        match entry.node.value {
            Value::Table(table) if Some(key.as_ref()) == name => found = table,
            Value::Table(_) => {}
            _ => {
                let mut path = format!("{ENVIRONMENTS}.");
                crate::tree::write_key(&key, &mut path);
                wrong(&entry.node, path);
            }
        }
    }
    found
}
