//! Python source text as a tree, and the few questions asked of its nodes.

use tree_sitter::{Node, Parser, Tree};

/// Larger scripts are not read: arguments are declared by people.
const MAX_BYTES: usize = 1 << 20;

/// A script's text and its syntax tree.
pub(super) struct Source<'t> {
    text: &'t str,
    tree: Tree,
}

impl<'t> Source<'t> {
    /// Parses a script; the error is a clause for the author.
    pub(super) fn parse(bytes: &'t [u8]) -> Result<Self, &'static str> {
        if bytes.len() > MAX_BYTES {
            return Err("it is larger than 1 MiB");
        }
        let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8")?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut parser = Parser::new();
        parser
            .set_language(&tree_sitter_python::LANGUAGE.into())
            .map_err(|_| "the Python grammar can't be loaded")?;
        let tree = parser.parse(text, None).ok_or("it can't be parsed")?;
        Ok(Self { text, tree })
    }

    /// The whole module.
    pub(super) fn root(&self) -> Node<'_> {
        self.tree.root_node()
    }

    /// The text a node stands for.
    pub(super) fn text(&self, node: Node<'_>) -> &'t str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    /// The text between two nodes.
    pub(super) fn between(&self, start: Node<'_>, end: Node<'_>) -> &'t str {
        self.text.get(start.end_byte()..end.start_byte()).unwrap_or_default()
    }

    /// The text of a node on one line, at most 80 characters.
    pub(super) fn excerpt(&self, node: Node<'_>) -> String {
        const MAX: usize = 80;
        let mut line = String::new();
        for word in self.text(node).split_whitespace() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
            if line.len() > MAX {
                let cut: String = line.chars().take(MAX - 1).collect();
                return cut + "…";
            }
        }
        line
    }
}

/// The line where a node begins, counted from 1.
pub(super) fn line(node: Node<'_>) -> usize {
    node.start_position().row + 1
}

/// A node's child in a field of the grammar.
pub(super) fn field<'t>(node: Node<'t>, name: &str) -> Option<Node<'t>> {
    node.child_by_field_name(name)
}

/// A node's named children, comments left out.
pub(super) fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| child.kind() != "comment").collect()
}

/// Calls `visit` on `node` and everything below it, parents first, in the order of the text. `visit` says whether to go
/// below. Deep nesting costs no stack.
pub(super) fn walk<'t>(node: Node<'t>, mut visit: impl FnMut(Node<'t>) -> bool) {
    let mut cursor = node.walk();
    loop {
        if visit(cursor.node()) && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return;
            }
        }
    }
}

/// The value of a `string` node; `None` when it is computed (an f-string with values) or is no text (bytes).
pub(super) fn string(source: &Source<'_>, node: Node<'_>) -> Option<String> {
    let parts = {
        let mut cursor = node.walk();
        node.children(&mut cursor).collect::<Vec<_>>()
    };
    let (start, end) = (*parts.first()?, *parts.last()?);
    if start.kind() != "string_start"
        || end.kind() != "string_end"
        || parts.iter().any(|p| p.kind() == "interpolation")
    {
        return None;
    }
    let prefix = source.text(start).trim_end_matches(['"', '\'']).to_ascii_lowercase();
    let text = source.between(start, end).replace("\r\n", "\n");
    if prefix.contains(['b', 't']) {
        return None;
    }
    let text = if prefix.contains('r') { text } else { unescape(&text)? };
    Some(if prefix.contains('f') { text.replace("{{", "{").replace("}}", "}") } else { text })
}

fn unescape(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let kind = after.chars().next()?;
        rest = &after[kind.len_utf8()..];
        match kind {
            '\n' => {}
            '\\' | '\'' | '"' => out.push(kind),
            'a' => out.push('\x07'),
            'b' => out.push('\x08'),
            'f' => out.push('\x0c'),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            'v' => out.push('\x0b'),
            'x' => rest = code_point(&mut out, rest, 2, 16)?,
            'u' => rest = code_point(&mut out, rest, 4, 16)?,
            'U' => rest = code_point(&mut out, rest, 8, 16)?,
            '0'..='7' => {
                let digits = after.bytes().take(3).take_while(|b| (b'0'..=b'7').contains(b)).count();
                rest = code_point(&mut out, after, digits, 8)?;
            }
            // By the character's name; nobody spells a flag that way.
            'N' => return None,
            // Python keeps the backslash of an escape that it does not know.
            other => out.extend(['\\', other]),
        }
    }
    out.push_str(rest);
    Some(out)
}

fn code_point<'t>(out: &mut String, text: &'t str, digits: usize, radix: u32) -> Option<&'t str> {
    let (number, rest) = text.split_at_checked(digits)?;
    if !number.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    out.push(char::from_u32(u32::from_str_radix(number, radix).ok()?)?);
    Some(rest)
}
