//! TOML to tree in one pass over the bytes, for texts that are well-formed and spelt in no unusual way.
//!
//! Whatever it is not sure of ends it with `None`, and the text is read by the `toml` crate instead, which
//! alone decides what is well-formed and says what is not. What both read, they read as the same tree with
//! the same places; the tests hold them against each other. Nothing here reports.

mod document;
mod key;
mod scalar;
#[cfg(test)]
mod tests;

use crate::entries::Entries;
use crate::read::narrow;
use crate::tree::{Entry, MAX_DEPTH, Node, Origin, Table, Value};

use self::document::Document;

/// The tree of a source's text; `None` where the text is wrong or unusual.
pub(crate) fn document(text: &str, source: u32) -> Option<Table<'_>> {
    let mut reader = Reader { text, bytes: text.as_bytes(), at: 0, source };
    let mut document = Document::new();
    loop {
        match reader.line_start()? {
            None => return document.finish(),
            Some(b'[') => reader.header(&mut document)?,
            Some(_) => reader.key_value(&mut document)?,
        }
        reader.line_end()?;
    }
}

/// A text and how far it was read.
struct Reader<'s> {
    text: &'s str,
    bytes: &'s [u8],
    at: usize,
    source: u32,
}

impl<'s> Reader<'s> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Steps over this byte, if it is next.
    fn eat(&mut self, byte: u8) -> bool {
        let next = self.peek() == Some(byte);
        self.at += usize::from(next);
        next
    }

    fn origin(&self, start: usize, end: usize) -> Origin {
        Origin::File { source: self.source, start: narrow(start), end: narrow(end) }
    }

    fn node(&self, start: usize, value: Value<'s>) -> Node<'s> {
        Node { value, origin: self.origin(start, self.at) }
    }

    fn spaces(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    /// Steps over one line break, if it is next; `None` for a carriage return that breaks no line.
    fn line_break(&mut self) -> Option<bool> {
        match self.peek() {
            Some(b'\n') => self.at += 1,
            Some(b'\r') if self.bytes.get(self.at + 1) == Some(&b'\n') => self.at += 2,
            Some(b'\r') => return None,
            _ => return Some(false),
        }
        Some(true)
    }

    /// Steps over a comment, if one is next, up to the end of its line.
    fn comment(&mut self) -> Option<()> {
        if self.peek() == Some(b'#') {
            let rest = &self.bytes[self.at..];
            let length = rest.iter().position(|b| is_control(*b)).unwrap_or(rest.len());
            self.at += length;
            // Other control characters may not stand in a comment.
            return matches!(self.peek(), None | Some(b'\n' | b'\r')).then_some(());
        }
        Some(())
    }

    /// Steps over spaces, comments and line breaks.
    fn blank(&mut self) -> Option<()> {
        loop {
            self.spaces();
            self.comment()?;
            if !self.line_break()? {
                return Some(());
            }
        }
    }

    /// The first byte of the next line that holds something; `Some(None)` at the end.
    #[expect(clippy::option_option, reason = "nothing more to read is no failure")]
    fn line_start(&mut self) -> Option<Option<u8>> {
        self.blank()?;
        Some(self.peek())
    }

    /// Steps over what may stand behind a header or value.
    fn line_end(&mut self) -> Option<()> {
        self.spaces();
        self.comment()?;
        (self.peek().is_none() || self.line_break()?).then_some(())
    }

    /// `[a.b]` or `[[a.b]]`.
    fn header(&mut self, document: &mut Document<'s>) -> Option<()> {
        let start = self.at;
        self.at += 1;
        let list = self.eat(b'[');
        self.spaces();
        document.begin();
        loop {
            let key = self.key()?;
            self.spaces();
            if self.eat(b'.') {
                document.descend(key, false)?;
                self.spaces();
                continue;
            }
            if !self.eat(b']') || list && !self.eat(b']') {
                return None;
            }
            let origin = self.origin(start, self.at);
            return if list { document.element(key, origin) } else { document.table(key, origin) };
        }
    }

    /// `a.b = value`.
    fn key_value(&mut self, document: &mut Document<'s>) -> Option<()> {
        let top = document.current();
        let mut key = self.key()?;
        self.spaces();
        while self.eat(b'.') {
            document.descend(key, true)?;
            self.spaces();
            key = self.key()?;
            self.spaces();
        }
        if !self.eat(b'=') {
            return None;
        }
        self.spaces();
        let node = self.value(document.depth())?;
        document.entries().insert(key.text, Entry { key: key.origin, node })?;
        document.set_current(top);
        Some(())
    }

    /// A value whose key stands `depth` levels deep.
    fn value(&mut self, depth: usize) -> Option<Node<'s>> {
        let start = self.at;
        let value = match self.peek()? {
            b'"' => Value::Text(self.basic_string()?),
            b'\'' => Value::Text(self.literal_string()?),
            b'[' if depth < MAX_DEPTH => Value::List(self.list(depth + 1)?),
            b'{' if depth < MAX_DEPTH => Value::Table(self.inline_table(depth + 1)?),
            b't' if self.bytes[start..].starts_with(b"true") => {
                self.at += 4;
                Value::Boolean(true)
            }
            b'f' if self.bytes[start..].starts_with(b"false") => {
                self.at += 5;
                Value::Boolean(false)
            }
            b'0'..=b'9' | b'-' | b'+' | b'i' | b'n' => self.number()?,
            _ => return None,
        };
        Some(self.node(start, value))
    }

    fn list(&mut self, depth: usize) -> Option<Vec<Node<'s>>> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.blank()?;
            if self.eat(b']') {
                return Some(items);
            }
            items.push(self.value(depth)?);
            self.blank()?;
            if !self.eat(b',') {
                return self.eat(b']').then_some(items);
            }
        }
    }

    /// `{ a = 1, b = 2 }`; dotted keys in it count as unusual.
    fn inline_table(&mut self, depth: usize) -> Option<Table<'s>> {
        self.at += 1;
        let mut entries = Entries::default();
        loop {
            self.blank()?;
            if self.eat(b'}') {
                return Some(entries.finish());
            }
            let key = self.key()?;
            self.spaces();
            if !self.eat(b'=') {
                return None;
            }
            self.spaces();
            let node = self.value(depth)?;
            entries.insert(key.text, Entry { key: key.origin, node })?;
            self.blank()?;
            if !self.eat(b',') {
                return self.eat(b'}').then(|| entries.finish());
            }
        }
    }
}

/// Whether a byte is a control character other than the tab, none of which may stand in a comment or string.
fn is_control(byte: u8) -> bool {
    (byte < 0x20 && byte != b'\t') || byte == 0x7f
}
