//! Expressions, as [`Interpreter`] follows them.

use tree_sitter::Node;

use super::argument::Arguments;
use super::interpret::Interpreter;
use super::syntax::{children, field, string};
use super::values::Value;

/// Functions that do nothing to a parser that is handed to them.
const HARMLESS: &[&str] = &[
    "argcomplete.autocomplete",
    "builtins.id",
    "builtins.isinstance",
    "builtins.print",
    "builtins.repr",
    "builtins.str",
    "builtins.type",
    "builtins.vars",
];

/// Methods that change a list or dictionary.
const CHANGING: &[&str] = &[
    "add",
    "append",
    "clear",
    "discard",
    "extend",
    "insert",
    "pop",
    "popitem",
    "remove",
    "reverse",
    "setdefault",
    "sort",
    "update",
];

impl<'s> Interpreter<'s, '_> {
    /// Follows an expression; its value, as far as it is known.
    pub(super) fn value(&mut self, node: Node<'s>) -> Value<'s> {
        if !self.descend() {
            return Value::Unknown;
        }
        let value = self.value_within(node);
        self.ascend();
        value
    }

    fn value_within(&mut self, node: Node<'s>) -> Value<'s> {
        match node.kind() {
            "identifier" => self.name(self.source.text(node)),
            "string" => self.string(node),
            "concatenated_string" => self.strings(node),
            "integer" => Value::integer(self.source.text(node)),
            "float" => Value::Float(self.source.text(node).replace('_', "")),
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "none" => Value::None,
            "parenthesized_expression" | "await" => {
                children(node).first().map_or(Value::Unknown, |inner| self.value(*inner))
            }
            "unary_operator" => self.unary(node),
            "binary_operator" => self.binary(node),
            "boolean_operator" => self.either(node),
            "list" | "tuple" | "set" | "expression_list" => self.list(node),
            "dictionary" => self.dictionary(node),
            "attribute" => self.attribute(node),
            "subscript" => self.subscript(node),
            "call" => self.called(node),
            "assignment" => self.assignment(node),
            "augmented_assignment" => {
                self.fields(node, &["right"]);
                if let Some(left) = field(node, "left") {
                    self.forget(left);
                }
                Value::Unknown
            }
            "named_expression" => {
                let value = field(node, "value").map_or(Value::Unknown, |value| self.value(value));
                if let Some(name) = field(node, "name") {
                    self.bind(self.source.text(name), value.clone());
                }
                value
            }
            "conditional_expression" => {
                self.branch("under a condition", |this| this.each(node));
                Value::Unknown
            }
            "list_comprehension"
            | "set_comprehension"
            | "dictionary_comprehension"
            | "generator_expression" => {
                self.branch("in a loop", |this| this.each(node));
                Value::Unknown
            }
            // What is in it runs when it is called, if ever.
            "lambda" | "type" | "comment" => Value::Unknown,
            _ => {
                self.each(node);
                Value::Unknown
            }
        }
    }

    fn fields(&mut self, node: Node<'s>, names: &[&str]) {
        for name in names {
            if let Some(value) = field(node, name) {
                self.value(value);
            }
        }
    }

    fn name(&self, name: &str) -> Value<'s> {
        self.lookup(name).unwrap_or_else(|| Value::Path(format!("builtins.{name}")))
    }

    fn string(&mut self, node: Node<'s>) -> Value<'s> {
        if let Some(text) = string(self.source, node) {
            return Value::text(text);
        }
        self.each(node);
        Value::Unknown
    }

    /// Texts that stand side by side are one.
    fn strings(&mut self, node: Node<'s>) -> Value<'s> {
        let mut whole = Value::Str(String::new());
        for part in children(node) {
            whole = whole.plus(self.value(part));
        }
        whole
    }

    fn unary(&mut self, node: Node<'s>) -> Value<'s> {
        let value = field(node, "argument").map_or(Value::Unknown, |argument| self.value(argument));
        match field(node, "operator").map(|operator| operator.kind()) {
            Some("-") => value.negated(),
            Some("+") if matches!(value, Value::Int(_) | Value::Float(_)) => value,
            _ => Value::Unknown,
        }
    }

    fn binary(&mut self, node: Node<'s>) -> Value<'s> {
        let mut side = |name| field(node, name).map_or(Value::Unknown, |side| self.value(side));
        let (left, right) = (side("left"), side("right"));
        match field(node, "operator").map(|operator| operator.kind()) {
            Some("+") => left.plus(right),
            _ => Value::Unknown,
        }
    }

    /// `os.environ.get("X") or "y"`.
    fn either(&mut self, node: Node<'s>) -> Value<'s> {
        let left = field(node, "left").map_or(Value::Unknown, |left| self.value(left));
        let mut right = Value::Unknown;
        if let Some(node) = field(node, "right") {
            self.branch("under a condition", |this| right = this.value(node));
        }
        match (left, field(node, "operator").map(|operator| operator.kind())) {
            (Value::Environment { name, .. }, Some("or")) => {
                Value::Environment { name, otherwise: right.shown() }
            }
            _ => Value::Unknown,
        }
    }

    fn list(&mut self, node: Node<'s>) -> Value<'s> {
        let mut values = Vec::new();
        let mut known = true;
        for element in children(node) {
            if element.kind() == "list_splat" {
                let inner = element.named_child(0).map_or(Value::Unknown, |inner| self.value(inner));
                match inner.elements() {
                    Some(elements) => values.extend(elements.iter().cloned()),
                    None => known = false,
                }
            } else {
                values.push(self.value(element));
            }
        }
        if known { Value::list(values) } else { Value::Unknown }
    }

    fn dictionary(&mut self, node: Node<'s>) -> Value<'s> {
        let mut keys = Vec::new();
        let mut known = true;
        for entry in children(node) {
            if let Some(key) = field(entry, "key") {
                keys.push(self.value(key));
                self.fields(entry, &["value"]);
            } else {
                self.each(entry);
                known = false;
            }
        }
        if known { Value::dictionary(keys) } else { Value::Unknown }
    }

    fn attribute(&mut self, node: Node<'s>) -> Value<'s> {
        if let Some(value) = self.lookup(self.source.text(node)) {
            return value;
        }
        let object = field(node, "object").map_or(Value::Unknown, |object| self.value(object));
        let name = field(node, "attribute").map(|name| self.source.text(name)).unwrap_or_default();
        match object {
            Value::Path(path) => Value::Path(format!("{path}.{name}")),
            Value::Parser(parser) if name == "_action_groups" => Value::ArgumentGroups(parser),
            _ => Value::Unknown,
        }
    }

    fn subscript(&mut self, node: Node<'s>) -> Value<'s> {
        let object = field(node, "value").map_or(Value::Unknown, |object| self.value(object));
        let index = field(node, "subscript").map_or(Value::Unknown, |index| self.value(index));
        match object {
            Value::Path(path) if path == "os.environ" => environment(&index, None),
            _ => Value::Unknown,
        }
    }

    fn called(&mut self, node: Node<'s>) -> Value<'s> {
        let Some(function) = field(node, "function") else { return Value::Unknown };
        let callee = if function.kind() == "attribute" && self.lookup(self.source.text(function)).is_none() {
            let object = field(function, "object");
            let value = object.map_or(Value::Unknown, |object| self.value(object));
            let method = field(function, "attribute").map(|name| self.source.text(name)).unwrap_or_default();
            match value {
                Value::Parser(parser) => {
                    let given = self.given(node);
                    return self.parser_method(parser, None, method, node, &given);
                }
                Value::Group { parser, exclusive } => {
                    let given = self.given(node);
                    return self.parser_method(parser, exclusive, method, node, &given);
                }
                Value::ArgumentGroups(parser) => {
                    self.given(node);
                    return if method == "pop" {
                        Value::Group { parser, exclusive: None }
                    } else {
                        Value::None
                    };
                }
                Value::Dict(keys) if method == "keys" => return Value::List(keys),
                Value::List(_) | Value::Dict(_) if CHANGING.contains(&method) => {
                    if let Some(object) = object {
                        self.forget(object);
                    }
                    Value::Unknown
                }
                Value::Path(path) => Value::Path(format!("{path}.{method}")),
                _ => Value::Unknown,
            }
        } else {
            self.value(function)
        };
        let given = self.given(node);
        match callee {
            Value::Function { node: function, frame } => self.call(function, frame, &given),
            Value::Path(path) => self.call_path(&path, node, &given),
            _ => {
                self.handed_on(self.source.excerpt(function).as_str(), node, &given);
                Value::Unknown
            }
        }
    }

    /// Evaluates the arguments of a call.
    pub(super) fn given(&mut self, call: Node<'s>) -> Arguments<'s> {
        let mut given = Arguments::default();
        let Some(list) = field(call, "arguments") else { return given };
        if list.kind() != "argument_list" {
            self.value(list);
            given.splat = true;
            return given;
        }
        for argument in children(list) {
            match argument.kind() {
                "keyword_argument" => {
                    if let (Some(name), Some(node)) = (field(argument, "name"), field(argument, "value")) {
                        let value = self.value(node);
                        given.named.push((self.source.text(name), value, node));
                    }
                }
                "list_splat" | "dictionary_splat" => {
                    let value = argument.named_child(0).map_or(Value::Unknown, |inner| self.value(inner));
                    given.splat = true;
                    given.positional.push((value, argument));
                }
                _ => {
                    let value = self.value(argument);
                    given.positional.push((value, argument));
                }
            }
        }
        given
    }

    fn call_path(&mut self, path: &str, node: Node<'s>, given: &Arguments<'s>) -> Value<'s> {
        let first = given.positional.first().map(|(value, _)| value);
        match (path, first) {
            ("argparse.ArgumentParser", _) => return self.new_parser(node, given),
            ("os.environ.get" | "os.getenv", Some(name)) => {
                let otherwise = given.positional.get(1).map(|(value, _)| value);
                return environment(name, otherwise.or(given.named("default").map(|(value, _)| value)));
            }
            // Still from the environment, only as a number.
            (_, Some(value @ Value::Environment { .. })) if given.positional.len() == 1 => {
                return value.clone();
            }
            (
                "builtins.list" | "builtins.tuple" | "builtins.set" | "builtins.frozenset",
                Some(Value::List(values) | Value::Dict(values)),
            ) => {
                return Value::List(values.clone());
            }
            ("builtins.sorted", Some(Value::List(values) | Value::Dict(values)))
                if given.named.is_empty() =>
            {
                return sorted(values);
            }
            _ => {}
        }
        if !HARMLESS.contains(&path) {
            self.handed_on(path.strip_prefix("builtins.").unwrap_or(path), node, given);
        }
        Value::Unknown
    }

    /// A parser that goes where it can't be followed may get arguments there.
    fn handed_on(&mut self, function: &str, node: Node<'s>, given: &Arguments<'s>) {
        let values = given
            .positional
            .iter()
            .map(|(value, _)| value)
            .chain(given.named.iter().map(|(_, value, _)| value));
        for parser in values.filter_map(Value::parser).collect::<Vec<_>>() {
            self.spoil(
                parser,
                node,
                format!("the parser is handed to `{function}`, which can't be followed"),
            );
        }
    }
}

fn environment<'s>(name: &Value<'s>, otherwise: Option<&Value<'s>>) -> Value<'s> {
    let name = match name {
        Value::Str(name) => Some(name.clone()),
        _ => None,
    };
    Value::Environment {
        name,
        otherwise: otherwise.filter(|value| **value != Value::None).and_then(Value::shown),
    }
}

/// Texts in order; anything else is not sorted here.
fn sorted<'s>(values: &[Value<'s>]) -> Value<'s> {
    let texts: Option<Vec<&str>> = values.iter().map(Value::as_text).collect();
    match texts {
        Some(mut texts) => {
            texts.sort_unstable();
            Value::list(texts.into_iter().map(|text| Value::Str(text.to_owned())).collect())
        }
        None => Value::Unknown,
    }
}
