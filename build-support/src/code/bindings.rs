//! What gives a name its value, or takes what is known of it back: assignments and imports.

use tree_sitter::Node;

use super::interpret::Interpreter;
use super::survey::imported;
use super::syntax::{children, field};
use super::values::Value;

impl<'s> Interpreter<'s, '_> {
    /// `target = value`.
    pub(super) fn assignment(&mut self, node: Node<'s>) -> Value<'s> {
        let Some(right) = field(node, "right") else { return Value::Unknown };
        let value = self.value(right);
        if let Some(left) = field(node, "left") {
            self.assign(left, &value);
        }
        value
    }

    fn assign(&mut self, target: Node<'s>, value: &Value<'s>) {
        match target.kind() {
            "identifier" => self.bind(self.source.text(target), value.clone()),
            "attribute" => {
                let object = field(target, "object").map_or(Value::Unknown, |object| self.value(object));
                let name = field(target, "attribute").map(|name| self.source.text(name)).unwrap_or_default();
                let parser = match object {
                    Value::Action(parser)
                        if matches!(name, "choices" | "nargs" | "required" | "type" | "dest") =>
                    {
                        Some(parser)
                    }
                    Value::Parser(parser)
                        if matches!(name, "prefix_chars" | "fromfile_prefix_chars" | "conflict_handler") =>
                    {
                        Some(parser)
                    }
                    _ => None,
                };
                if let Some(parser) = parser {
                    self.spoil(parser, target, format!("`{name}` is assigned afterwards"));
                }
                self.bind(self.source.text(target), value.clone());
            }
            "pattern_list" | "tuple_pattern" | "list_pattern" => {
                let targets = children(target);
                match value.elements() {
                    Some(values) if values.len() == targets.len() => {
                        for (target, value) in targets.into_iter().zip(values) {
                            // Only names: what is nested deeper is not worth following.
                            if target.kind() == "identifier" {
                                self.assign(target, value);
                            } else {
                                self.forget(target);
                            }
                        }
                    }
                    _ => self.forget(target),
                }
            }
            _ => self.forget(target),
        }
    }

    /// Takes back what is known of the names in an assignment's target.
    pub(super) fn forget(&mut self, target: Node<'s>) {
        match target.kind() {
            "identifier" | "attribute" => self.bind(self.source.text(target), Value::Unknown),
            "subscript" | "slice" => {
                if let Some(value) = field(target, "value") {
                    self.forget(value);
                }
            }
            _ => {
                if self.descend() {
                    for child in children(target) {
                        self.forget(child);
                    }
                    self.ascend();
                }
            }
        }
    }

    /// `import a.b, c as d`.
    pub(super) fn import(&mut self, node: Node<'s>) {
        for (name, alias) in imported(node) {
            let path = self.source.text(name);
            if let Some(alias) = alias {
                self.bind(self.source.text(alias), Value::Path(path.to_owned()));
            } else {
                let top = path.split('.').next().unwrap_or(path);
                self.bind(top, Value::Path(top.to_owned()));
            }
        }
    }

    /// `from a import b as c`.
    pub(super) fn import_from(&mut self, node: Node<'s>) {
        let Some(module) = field(node, "module_name").map(|module| self.source.text(module)) else { return };
        for (name, alias) in imported(node) {
            let name = self.source.text(name);
            let path = format!("{module}.{name}");
            self.bind(alias.map_or(name, |alias| self.source.text(alias)), Value::Path(path));
        }
        let everything = children(node).iter().any(|child| child.kind() == "wildcard_import");
        if everything && module == "argparse" {
            for name in ["ArgumentParser", "BooleanOptionalAction", "REMAINDER", "SUPPRESS"] {
                self.bind(name, Value::Path(format!("argparse.{name}")));
            }
        }
    }
}
