//! One look over a whole script: what has to be followed, and what it uses to read its command line.

use std::collections::{HashMap, HashSet};

use tree_sitter::Node;

use super::contract::Reason;
use super::syntax::{Source, children, field, line, walk};

/// Names that declare or read arguments; a function that mentions one is worth following.
const TELLING: &[&str] = &[
    "ArgumentParser",
    "add_argument",
    "add_argument_group",
    "add_mutually_exclusive_group",
    "add_subparsers",
    "parse_args",
    "parse_known_args",
    "parse_intermixed_args",
    "parse_known_intermixed_args",
    "set_defaults",
];

/// Other libraries that read a command line.
const OTHER_READERS: &[&str] = &[
    "absl",
    "cappa",
    "click",
    "cyclopts",
    "docopt",
    "fire",
    "getopt",
    "hydra",
    "jsonargparse",
    "optparse",
    "plac",
    "simple_parsing",
    "tap",
    "typer",
    "tyro",
];

/// Whether a script can have to do with a command line at all; most modules of a folder don't, and need no parsing.
pub(super) fn is_worth_reading(script: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(script) else { return true };
    ["argparse", "argv", "add_argument"].iter().chain(OTHER_READERS).any(|word| text.contains(word))
}

/// What a script contains.
#[derive(Default)]
pub(super) struct Survey<'s> {
    /// The first place that is not Python.
    pub(super) error: Option<usize>,
    /// All calls of something called `add_argument`.
    pub(super) declarations: Vec<Node<'s>>,
    /// Where argparse is imported first.
    pub(super) argparse: Option<usize>,
    /// What else reads the command line, with its place.
    pub(super) other_reader: Option<Reason>,
    /// Names that functions assign in the module by `global`.
    pub(super) globals: HashSet<&'s str>,
    /// Every function, in the order of the text.
    pub(super) functions: Vec<Node<'s>>,
    /// Ids of those that have to do with arguments, directly or through another function.
    pub(super) telling: HashSet<usize>,
}

/// A function while the survey is in it, and what it mentions.
struct Mention<'s> {
    name: &'s str,
    id: usize,
    parent: Option<usize>,
    end: usize,
}

/// Looks over a script.
pub(super) fn survey<'s>(source: &'s Source<'_>) -> Survey<'s> {
    let mut found = Survey::default();
    let mut functions: Vec<Mention<'s>> = Vec::new();
    let mut mentioned_in: HashMap<&'s str, Vec<usize>> = HashMap::new();
    let mut current: Option<usize> = None;
    let mut aliases: Vec<&'s str> = Vec::new();

    walk(source.root(), |node| {
        while current.is_some_and(|index| node.start_byte() >= functions[index].end) {
            current = current.and_then(|index| functions[index].parent);
        }
        if (node.is_error() || node.is_missing()) && found.error.is_none() {
            found.error = Some(line(node));
        }
        match node.kind() {
            "function_definition" => {
                let name = field(node, "name").map(|name| source.text(name)).unwrap_or_default();
                functions.push(Mention { name, id: node.id(), parent: current, end: node.end_byte() });
                current = Some(functions.len() - 1);
                found.functions.push(node);
            }
            "identifier" => {
                if let Some(index) = current {
                    mentioned_in.entry(source.text(node)).or_default().push(index);
                }
            }
            "call" if called(source, node) == Some("add_argument") => found.declarations.push(node),
            "attribute" if source.text(node) == "sys.argv" => {
                found.reader(node, "it reads `sys.argv` itself");
            }
            "global_statement" => {
                found.globals.extend(children(node).into_iter().map(|name| source.text(name)));
            }
            "import_statement" => found.import(source, node),
            "import_from_statement" => found.import_from(source, node, &mut aliases),
            _ => {}
        }
        true
    });

    let mut open: Vec<&str> = TELLING.iter().copied().chain(aliases).collect();
    let mut known: HashSet<&str> = open.iter().copied().collect();
    while let Some(name) = open.pop() {
        for &index in mentioned_in.get(name).into_iter().flatten() {
            let mut inner = Some(index);
            while let Some(index) = inner {
                let function = &functions[index];
                if !found.telling.insert(function.id) {
                    break;
                }
                if known.insert(function.name) {
                    open.push(function.name);
                }
                inner = function.parent;
            }
        }
    }
    found
}

impl<'s> Survey<'s> {
    fn reader(&mut self, node: Node<'_>, text: &str) {
        self.other_reader.get_or_insert_with(|| Reason::new(line(node), text));
    }

    fn module(&mut self, node: Node<'_>, module: &str) {
        let top = module.split('.').next().unwrap_or_default();
        if top == "argparse" {
            self.argparse.get_or_insert(line(node));
        } else if OTHER_READERS.contains(&top) {
            self.reader(node, &format!("its arguments are read by `{top}`"));
        }
    }

    fn import(&mut self, source: &'s Source<'_>, node: Node<'s>) {
        for (name, _) in imported(node) {
            self.module(node, source.text(name));
        }
    }

    fn import_from(&mut self, source: &'s Source<'_>, node: Node<'s>, aliases: &mut Vec<&'s str>) {
        let Some(module) = field(node, "module_name").map(|name| source.text(name)) else { return };
        self.module(node, module);
        for (name, alias) in imported(node) {
            match (module, source.text(name)) {
                ("argparse", "ArgumentParser") => aliases.extend(alias.map(|alias| source.text(alias))),
                ("sys", "argv") => self.reader(node, "it reads `sys.argv` itself"),
                _ => {}
            }
        }
    }
}

/// What an import statement names: dotted names, with their aliases.
pub(super) fn imported(node: Node<'_>) -> Vec<(Node<'_>, Option<Node<'_>>)> {
    let mut cursor = node.walk();
    node.children_by_field_name("name", &mut cursor)
        .map(|name| match name.kind() {
            "aliased_import" => (field(name, "name").unwrap_or(name), field(name, "alias")),
            _ => (name, None),
        })
        .collect()
}

/// The name of the method that a call calls.
fn called<'s>(source: &'s Source<'_>, call: Node<'s>) -> Option<&'s str> {
    let function = field(call, "function").filter(|function| function.kind() == "attribute")?;
    field(function, "attribute").map(|name| source.text(name))
}
