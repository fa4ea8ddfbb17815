//! [`load`]: the layers laid over each other and decoded.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::context::Context;
use crate::decode::Decode;
use crate::placeholder::{self, Placeholders};
use crate::problem::{Place, Problem, Problems, Severity, code};
use crate::report::Reports;
use crate::resolved::ResolvedValues;
use crate::schema::schema;
use crate::source::{Inputs, Override, Source};
use crate::tree::{Node, Origin, Table, Value};
use crate::{overrides, read};

/// The table of a source that holds a table for each environment.
pub const ENVIRONMENTS: &str = "env";

/// A configuration that was read without an error.
#[derive(Debug, Clone)]
pub struct Loaded<'s, T> {
    /// The configuration.
    pub value: T,
    /// Every value in it and where it came from, in the order of the type's fields.
    pub resolved: ResolvedValues<'s>,
    /// What deserves a look without being wrong.
    pub warnings: Vec<Problem>,
    /// The shared values that the configuration has no key for, by key: see [`Source::shared`].
    pub unused: Vec<Unused>,
}

/// A shared value that a configuration has no key for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unused {
    /// The key path.
    pub path: String,
    /// Where the key stands.
    pub place: Option<Place>,
}

/// Reads a configuration from layers, where later ones win: the defaults, then for each source its top
/// level and after it the table `[env.NAME]` of the environment in question, and last the overrides.
///
/// Tables are merged key by key; lists and everything else are replaced whole. `env` is therefore no key
/// of the configuration itself. The tables of other environments are
/// not decoded; [`Reading`] can have them checked.
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
pub fn load<'s, T: Decode>(
    sources: &'s [Source],
    env: Option<&'s str>,
    overrides: &'s [Override],
) -> Result<Loaded<'s, T>, Problems> {
    Reading { environment: env, overrides, ..Reading::new(sources) }.load()
}

/// What [`load`] does, with everything that can be said about it.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'s> {
    sources: &'s [Source],
    environment: Option<&'s str>,
    overrides: &'s [Override],
    placeholders: Option<&'s Placeholders>,
    others: bool,
}

impl<'s> Reading<'s> {
    /// A reading of these sources, later ones over earlier ones, and of nothing else.
    pub fn new(sources: &'s [Source]) -> Self {
        Self { sources, environment: None, overrides: &[], placeholders: None, others: false }
    }

    /// The environment whose tables count.
    #[must_use]
    pub fn environment(self, name: &'s str) -> Self {
        Self { environment: Some(name), ..self }
    }

    /// Single values that win over all sources, later ones over earlier ones: variables first, then what was typed.
    #[must_use]
    pub fn overrides(self, overrides: &'s [Override]) -> Self {
        Self { overrides, ..self }
    }

    /// What `${…}` in texts stands for; without it, `${` is text like any other.
    #[must_use]
    pub fn placeholders(self, placeholders: &'s Placeholders) -> Self {
        Self { placeholders: Some(placeholders), ..self }
    }

    /// Holds the tables of the other environments against the type too.
    ///
    /// What is wrong in one of them stops nobody who asked for this environment: it is a warning. What an
    /// environment lacks is not reported, since its overrides are not known, nor is a text with a placeholder.
    #[must_use]
    pub fn check_other_environments(self) -> Self {
        Self { others: true, ..self }
    }

    /// Reads the configuration.
    ///
    /// # Errors
    /// As those of [`load`](crate::load()).
    pub fn load<T: Decode>(self) -> Result<Loaded<'s, T>, Problems> {
        let inputs = Inputs::new(self.sources, self.overrides);
        let mut reports = Reports::new(&inputs);
        let layers: Vec<Layer<'_>> =
            (0..self.sources.len()).map(|index| Layer::read(index, &mut reports)).collect();
        let warnings = if self.others && reports.len() == 0 {
            others::<T>(&layers, self.environment, &inputs)
        } else {
            Vec::new()
        };
        let mut root = Table::default();
        for layer in layers {
            layer.overlay(self.environment, &mut root);
        }
        for index in 0..self.overrides.len() {
            if let Some(layer) = overrides::table(index, &schema::<T>, &mut reports) {
                root.overlay(layer);
            }
        }
        if let Some(placeholders) = self.placeholders.filter(|_| inputs.have_placeholders()) {
            placeholder::fill(&mut root, placeholders, &mut reports);
        }
        let mut cx = Context::new(reports);
        let value = T::decode(&top(root, self.sources), &mut cx);
        let (reports, leaves, unused) = cx.into_parts();
        let problems = reports.finish();
        match value {
            Some(value) if problems.iter().all(|problem| problem.severity == Severity::Warning) => {
                let unused = unused
                    .into_iter()
                    .map(|(path, origin)| Unused { path, place: inputs.place(origin) })
                    .collect();
                let warnings = problems.into_iter().chain(warnings).collect();
                Ok(Loaded { value, resolved: ResolvedValues::new(inputs, leaves), warnings, unused })
            }
            _ => Err(Problems::new(problems.into_iter().chain(warnings).collect())),
        }
    }
}

/// The tree to decode. What is missing at the top would be written in the first source.
fn top<'s>(root: Table<'s>, sources: &[Source]) -> Node<'s> {
    let origin = match sources {
        [] => Origin::Default,
        _ => Origin::File { source: 0, start: 0, end: 0 },
    };
    Node { value: Value::Table(root), origin }
}

/// What is wrong in the tables of other environments, as warnings.
fn others<T: Decode>(layers: &[Layer<'_>], chosen: Option<&str>, inputs: &Inputs<'_>) -> Vec<Problem> {
    let mut names: Vec<&str> =
        layers.iter().flat_map(|layer| layer.environments.iter().map(|(name, _)| name.as_ref())).collect();
    names.sort_unstable();
    names.dedup();
    let mut warnings = Vec::new();
    for name in names.into_iter().filter(|name| Some(*name) != chosen) {
        let mut root = Table::default();
        let mut own = HashSet::new();
        for layer in layers {
            for (_, table) in layer.environments.iter().filter(|(known, _)| known == name) {
                origins(table, &mut own);
            }
            layer.clone().overlay(Some(name), &mut root);
        }
        let mut cx = Context::new(Reports::new(inputs));
        // The value is of no use; what was reported is.
        drop(T::decode(&top(root, inputs.sources), &mut cx));
        for problem in cx.into_parts().0.only(|origin| own.contains(&origin)).finish() {
            let message = format!("in the environment `{name}`: {}", problem.message);
            warnings.push(Problem { message, severity: Severity::Warning, ..problem });
        }
    }
    warnings
}

/// Where the keys and values of a table stand, without the texts that hold placeholders.
fn origins(table: &Table<'_>, found: &mut HashSet<Origin>) {
    fn values(node: &Node<'_>, found: &mut HashSet<Origin>) {
        match &node.value {
            Value::Table(table) => origins(table, found),
            Value::List(items) => items.iter().for_each(|item| values(item, found)),
            Value::Text(text) if text.contains("${") => return,
            _ => {}
        }
        found.insert(node.origin);
    }
    for (_, entry) in table.unordered() {
        found.insert(entry.key);
        values(&entry.node, found);
    }
}

/// What one source says: for all environments, and for each by its name.
#[derive(Clone)]
struct Layer<'s> {
    top: Table<'s>,
    environments: Vec<(Cow<'s, str>, Table<'s>)>,
}

impl<'s> Layer<'s> {
    fn read(index: usize, reports: &mut Reports<'s>) -> Self {
        let mut top = read::source(index, reports);
        let environments = environments(&mut top, reports);
        let Some(part) = &reports.inputs().sources[index].part else { return Self { top, environments } };
        let mut only = |mut table: Table<'s>| match table.remove(part).map(|entry| entry.node) {
            None => Table::default(),
            Some(Node { value: Value::Table(table), .. }) => table,
            Some(node) => {
                let message = format!("`{part}` must be a table, not {}", node.describe());
                reports
                    .push(node.origin, Problem { path: part.clone(), ..Problem::error(code::TYPE, message) });
                Table::default()
            }
        };
        let top = only(top);
        Self {
            top,
            environments: environments.into_iter().map(|(name, table)| (name, only(table))).collect(),
        }
    }

    /// Lays what counts in an environment over what is below.
    fn overlay(self, environment: Option<&str>, below: &mut Table<'s>) {
        below.overlay(self.top);
        for (name, table) in self.environments {
            if Some(name.as_ref()) == environment {
                below.overlay(table);
            }
        }
    }
}

/// Takes the environments out of a source's top level.
fn environments<'s>(layer: &mut Table<'s>, reports: &mut Reports<'s>) -> Vec<(Cow<'s, str>, Table<'s>)> {
    let Some(environments) = layer.remove(ENVIRONMENTS) else {
        return Vec::new();
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
        return Vec::new();
    };
    let mut found = Vec::new();
    for (key, entry) in environments.into_entries() {
        if let Value::Table(table) = entry.node.value {
            found.push((key, table));
        } else {
            let mut path = format!("{ENVIRONMENTS}.");
            crate::tree::write_key(&key, &mut path);
            wrong(&entry.node, path);
        }
    }
    found
}
