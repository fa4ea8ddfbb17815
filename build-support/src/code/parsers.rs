//! What a script does with an `ArgumentParser`, call by call.

use tree_sitter::Node;

use super::argument::{self, Arguments, Truth, shown_default};
use super::contract::{Argument, DefaultValue, Group, Reason};
use super::interpret::Interpreter;
use super::syntax::line;
use super::values::Value;

/// Methods that change nothing about what a parser accepts.
const HARMLESS: &[&str] =
    &["error", "exit", "format_help", "format_usage", "get_default", "print_help", "print_usage"];

/// An `ArgumentParser` of the script.
#[derive(Debug, Default)]
pub(super) struct Parser {
    /// Where it is made.
    pub(super) line: usize,
    /// How many branches the interpreter was in then: an argument that is declared in a deeper one may not be declared.
    branches: usize,
    /// Its `description`.
    pub(super) description: Option<String>,
    /// What was declared.
    pub(super) arguments: Vec<Argument>,
    /// Every flag, those of `help` included, with its place.
    pub(super) flags: Vec<(String, usize)>,
    /// Its mutually exclusive groups.
    pub(super) groups: Vec<Group>,
    /// Values of `set_defaults`.
    pub(super) defaults: Vec<(String, Option<DefaultValue>)>,
    /// What the author should know.
    pub(super) notes: Vec<Reason>,
    /// Whether it reads the command line.
    pub(super) parses: bool,
    /// Why its contract can't be relied on.
    pub(super) trouble: Option<Reason>,
}

impl<'s> Interpreter<'s, '_> {
    /// `ArgumentParser(…)`.
    pub(super) fn new_parser(&mut self, node: Node<'s>, given: &Arguments<'s>) -> Value<'s> {
        let mut parser = Parser { line: line(node), branches: self.branches.len(), ..Parser::default() };
        if given.truth("add_help", true) != Truth::Known(false) {
            parser.flags.extend([("-h".to_owned(), 0), ("--help".to_owned(), 0)]);
        }
        // By place: prog, usage, description.
        let description = given.named("description").map(|(value, _)| value);
        let description = description.or_else(|| given.positional.get(2).map(|(value, _)| value));
        parser.description = description.and_then(Value::as_text).map(str::to_owned);
        let trouble = if given.splat || given.positional.len() > 4 {
            Some("the settings of its parser are computed")
        } else if given.named("prefix_chars").is_some_and(|(value, _)| value.as_text() != Some("-")) {
            Some("its flags do not begin with `-` (`prefix_chars`)")
        } else if set(given, "fromfile_prefix_chars") {
            Some("it reads arguments from files (`fromfile_prefix_chars`)")
        } else if set(given, "parents") {
            Some("its parser takes arguments from others (`parents`)")
        } else if given.named("conflict_handler").is_some_and(|(value, _)| value.as_text() != Some("error")) {
            Some("later arguments replace earlier ones (`conflict_handler`)")
        } else {
            None
        };
        parser.trouble = trouble.map(|text| Reason::new(line(node), text));
        self.parsers.push(parser);
        Value::Parser(self.parsers.len() - 1)
    }

    /// A method of a parser, or of a group of it.
    pub(super) fn parser_method(
        &mut self,
        parser: usize,
        exclusive: Option<usize>,
        method: &str,
        node: Node<'s>,
        given: &Arguments<'s>,
    ) -> Value<'s> {
        match method {
            "add_argument" => {
                self.seen.insert(node.id());
                self.add_argument(parser, exclusive, node, given);
                Value::Action(parser)
            }
            "add_argument_group" => Value::Group { parser, exclusive },
            "add_mutually_exclusive_group" => self.exclusive_group(parser, exclusive, node, given),
            "parse_args" | "parse_known_args" | "parse_intermixed_args" | "parse_known_intermixed_args" => {
                self.parse(parser, node, given);
                Value::Unknown
            }
            "set_defaults" => {
                let defaults: Vec<_> = given
                    .named
                    .iter()
                    .map(|(name, value, place)| {
                        ((*name).to_owned(), shown_default(self.source, value, *place))
                    })
                    .collect();
                if let Some(parser) = self.parsers.get_mut(parser) {
                    parser.defaults.extend(defaults);
                }
                Value::None
            }
            "add_subparsers" => {
                self.spoil(parser, node, "it has subcommands");
                Value::Unknown
            }
            _ => {
                if !HARMLESS.contains(&method) {
                    self.spoil(parser, node, format!("`{method}` of its parser can't be followed"));
                }
                Value::Unknown
            }
        }
    }

    /// Whether a call runs exactly once for each parser; spoils the parser when not.
    fn certain(&mut self, parser: usize, node: Node<'s>, what: &str) -> bool {
        let depth = self.parsers.get(parser).map_or(0, |parser| parser.branches);
        match self.branches.get(depth) {
            Some(why) => {
                self.spoil(parser, node, format!("{what} is declared {why}"));
                false
            }
            None => true,
        }
    }

    fn add_argument(
        &mut self,
        parser: usize,
        exclusive: Option<usize>,
        node: Node<'s>,
        given: &Arguments<'s>,
    ) {
        if !self.certain(parser, node, "an argument") {
            return;
        }
        let declared = argument::read(self.source, node, given);
        let Some(state) = self.parsers.get_mut(parser) else { return };
        match declared {
            Ok(declared) => {
                state.flags.extend(declared.flags.into_iter().map(|flag| (flag, line(node))));
                state.notes.extend(declared.note);
                state
                    .arguments
                    .extend(declared.argument.map(|argument| Argument { group: exclusive, ..argument }));
            }
            Err(reason) => self.spoil(parser, node, reason),
        }
    }

    fn exclusive_group(
        &mut self,
        parser: usize,
        exclusive: Option<usize>,
        node: Node<'s>,
        given: &Arguments<'s>,
    ) -> Value<'s> {
        self.certain(parser, node, "a group");
        let required = given.truth("required", false);
        if exclusive.is_some() {
            self.spoil(parser, node, "mutually exclusive groups are nested");
        } else if required == Truth::Computed || given.splat || given.positional.len() > 1 {
            self.spoil(parser, node, "whether a group is required is computed");
        }
        // By place: `required` alone.
        let by_place = matches!(given.positional.first(), Some((Value::Bool(true), _)));
        let Some(state) = self.parsers.get_mut(parser) else { return Value::Unknown };
        state.groups.push(Group { required: by_place || required == Truth::Known(true) });
        Value::Group { parser, exclusive: Some(state.groups.len() - 1) }
    }

    fn parse(&mut self, parser: usize, node: Node<'s>, given: &Arguments<'s>) {
        if let Some(parser) = self.parsers.get_mut(parser) {
            parser.parses = true;
        }
        let list =
            given.named("args").or_else(|| given.positional.first().map(|(value, place)| (value, *place)));
        let Some((value, place)) = list else { return };
        let text = self.source.excerpt(place);
        if matches!(value, Value::List(_)) || (text.contains("sys.argv") && text != "sys.argv[1:]") {
            self.spoil(parser, node, format!("it parses `{text}`, not the whole command line"));
        }
    }
}

fn set(given: &Arguments<'_>, name: &str) -> bool {
    given.named(name).is_some_and(|(value, _)| *value != Value::None)
}
