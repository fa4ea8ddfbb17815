//! JSON text to tree (RFC 8259), each value with its place.
//!
//! The reader stops at the first thing that is wrong: what follows is not known to mean anything.

use std::borrow::Cow;
use std::ops::Range;

use crate::entries::Entries;
use crate::read::Locate;
use crate::tree::{Entry, MAX_DEPTH, Node, Value};

/// What is wrong, and where.
pub(crate) struct Wrong {
    pub(crate) message: String,
    pub(crate) at: Range<usize>,
    /// Whether the text is well-formed and too deep.
    pub(crate) deep: bool,
}

/// The value that a text is; `None` where that is `null`.
///
/// `depth` is how deep the value's key stands; the top of a file is 0.
pub(crate) fn read<'s>(text: &'s str, depth: usize, locate: Locate<'_>) -> Result<Option<Node<'s>>, Wrong> {
    let mut reader = Reader { text, bytes: text.as_bytes(), at: 0, locate };
    reader.blank();
    let value = reader.value(depth)?;
    reader.blank();
    if reader.at < text.len() {
        return Err(reader.wrong("there is more behind the end of the value"));
    }
    Ok(value)
}

struct Reader<'s, 'l> {
    text: &'s str,
    bytes: &'s [u8],
    at: usize,
    locate: Locate<'l>,
}

impl<'s> Reader<'s, '_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let next = self.peek() == Some(byte);
        self.at += usize::from(next);
        next
    }

    fn blank(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// What is wrong with the character at hand.
    fn wrong(&self, message: &str) -> Wrong {
        let length = self.text.get(self.at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        Wrong { message: message.to_owned(), at: self.at..self.at + length, deep: false }
    }

    fn value(&mut self, depth: usize) -> Result<Option<Node<'s>>, Wrong> {
        let start = self.at;
        let value = match self.peek() {
            Some(b'{' | b'[') if depth >= MAX_DEPTH => {
                return Err(Wrong { message: String::new(), at: start..start + 1, deep: true });
            }
            Some(b'{') => self.table(depth + 1)?,
            Some(b'[') => self.list(depth + 1)?,
            Some(b'"') => Value::Text(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') if self.word("true") => Value::Boolean(true),
            Some(b'f') if self.word("false") => Value::Boolean(false),
            Some(b'n') if self.word("null") => return Ok(None),
            Some(_) => return Err(self.wrong("expected a value")),
            None => return Err(self.wrong("the text ends where a value is expected")),
        };
        Ok(Some(Node { value, origin: (self.locate)(start..self.at) }))
    }

    fn word(&mut self, word: &str) -> bool {
        let rest = &self.bytes[self.at..];
        let ends = !rest.get(word.len()).is_some_and(u8::is_ascii_alphanumeric);
        let next = rest.starts_with(word.as_bytes()) && ends;
        self.at += if next { word.len() } else { 0 };
        next
    }

    fn list(&mut self, depth: usize) -> Result<Value<'s>, Wrong> {
        self.at += 1;
        let mut items = Vec::new();
        self.blank();
        if self.eat(b']') {
            return Ok(Value::List(items));
        }
        loop {
            self.blank();
            let start = self.at;
            let Some(item) = self.value(depth)? else {
                return Err(Wrong {
                    message: "a list can't hold null".to_owned(),
                    at: start..self.at,
                    deep: false,
                });
            };
            items.push(item);
            self.blank();
            if self.eat(b']') {
                return Ok(Value::List(items));
            }
            if !self.eat(b',') {
                return Err(self.wrong("expected `,` or `]`"));
            }
        }
    }

    fn table(&mut self, depth: usize) -> Result<Value<'s>, Wrong> {
        self.at += 1;
        let mut entries = Entries::default();
        self.blank();
        if self.eat(b'}') {
            return Ok(Value::Table(entries.finish()));
        }
        loop {
            self.blank();
            let start = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.wrong("expected a key in quotes"));
            }
            let key = self.string()?;
            let range = start..self.at;
            self.blank();
            if !self.eat(b':') {
                return Err(self.wrong("expected `:`"));
            }
            self.blank();
            if let Some(node) = self.value(depth)? {
                let entry = Entry { key: (self.locate)(range.clone()), node };
                if entries.insert(key, entry).is_none() {
                    return Err(Wrong { message: "duplicate key".to_owned(), at: range, deep: false });
                }
            }
            self.blank();
            if self.eat(b'}') {
                return Ok(Value::Table(entries.finish()));
            }
            if !self.eat(b',') {
                return Err(self.wrong("expected `,` or `}`"));
            }
        }
    }

    fn string(&mut self) -> Result<Cow<'s, str>, Wrong> {
        let start = self.at;
        self.at += 1;
        let mut escapes = false;
        loop {
            match self.peek() {
                None => {
                    return Err(Wrong {
                        message: "this string has no end".to_owned(),
                        at: start..start + 1,
                        deep: false,
                    });
                }
                Some(b'"') => break,
                Some(b'\\') => {
                    escapes = true;
                    self.at += 1;
                    // The character after it, whatever it is, does not end the string.
                    if self.peek().is_some() {
                        self.at += 1;
                    }
                }
                Some(b) if b < 0x20 => {
                    return Err(self.wrong("a control character in a string must be escaped"));
                }
                Some(_) => self.at += 1,
            }
        }
        self.at += 1;
        let token = self.text.get(start..self.at).unwrap_or_default();
        if !escapes {
            return Ok(Cow::Borrowed(&token[1..token.len() - 1]));
        }
        serde_json::from_str::<String>(token).map(Cow::Owned).map_err(|_| Wrong {
            message: "this string has an escape that is none of JSON's".to_owned(),
            at: start..self.at,
            deep: false,
        })
    }

    fn number(&mut self) -> Result<Value<'s>, Wrong> {
        let start = self.at;
        while matches!(self.peek(), Some(b'-' | b'+' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z')) {
            self.at += 1;
        }
        let token = self.text.get(start..self.at).unwrap_or_default();
        number(token).ok_or_else(|| Wrong {
            message: format!("`{}` is not a readable number", token.chars().take(60).collect::<String>()),
            at: start..self.at,
            deep: false,
        })
    }
}

/// A number as JSON spells it; `None` for anything else and for what has no place in 127 bits or a float.
pub(crate) fn number(token: &str) -> Option<Value<'static>> {
    let digits = token.strip_prefix('-').unwrap_or(token);
    let whole = digits.len() - digits.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if whole == 0 || (whole > 1 && digits.starts_with('0')) {
        return None;
    }
    let rest = &digits[whole..];
    if rest.is_empty() {
        return token.parse().ok().map(Value::Integer);
    }
    let (fraction, exponent) = match rest.split_once(['e', 'E']) {
        Some((fraction, exponent)) => (fraction, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (rest, None),
    };
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let right = (fraction.is_empty() || fraction.strip_prefix('.').is_some_and(all_digits))
        && exponent.is_none_or(all_digits);
    let number: f64 = token.parse().ok().filter(|_| right)?;
    number.is_finite().then_some(Value::Float(number))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tree::Origin;

    fn locate(span: Range<usize>) -> Origin {
        Origin::File { source: 0, start: span.start.try_into().unwrap(), end: span.end.try_into().unwrap() }
    }

    /// What `serde_json` would hold, so that both can be compared.
    fn plain(node: &Node<'_>) -> serde_json::Value {
        match &node.value {
            Value::Text(text) => text.as_ref().into(),
            Value::Integer(n) => serde_json::Number::from_i128(*n).unwrap().into(),
            Value::Float(n) => (*n).into(),
            Value::Boolean(b) => (*b).into(),
            Value::Datetime(_) => unreachable!("JSON has no dates"),
            Value::List(items) => items.iter().map(plain).collect(),
            Value::Table(table) => serde_json::Value::Object(
                table.iter().map(|(key, entry)| (key.to_owned(), plain(&entry.node))).collect(),
            ),
        }
    }

    #[track_caller]
    fn check(text: &str, expected: Result<&str, &str>) {
        let got = match read(text, 0, &locate) {
            Ok(node) => Ok(node.map_or_else(|| "null".to_owned(), |node| node.show())),
            Err(wrong) => Err(format!("{}..{} {}", wrong.at.start, wrong.at.end, wrong.message)),
        };
        assert_eq!(got, expected.map(str::to_owned).map_err(str::to_owned), "{text}");
    }

    #[test]
    fn values() {
        check(" 1 ", Ok("1"));
        check("-0.5e+3", Ok("-500.0"));
        check("170141183460469231731687303715884105727", Ok("170141183460469231731687303715884105727"));
        check(r#""aé\n\u00e9\ud83d\ude00""#, Ok(r#""aé\né😀""#));
        check("null", Ok("null"));
        check(r#"{"b": [1, true, {}], "a b": "x", "n": null}"#, Ok(r#"{"a b" = "x", b = [1, true, {}]}"#));
    }

    #[test]
    fn mistakes() {
        check("", Err("0..0 the text ends where a value is expected"));
        check("{\"a\": 1,}", Err("8..9 expected a key in quotes"));
        check("[1 2]", Err("3..4 expected `,` or `]`"));
        check("[1,]", Err("3..4 expected a value"));
        check("[null]", Err("1..5 a list can't hold null"));
        check("{\"a\": 1, \"a\": 2}", Err("9..12 duplicate key"));
        check("{\"a\" 1}", Err("5..6 expected `:`"));
        check("{a: 1}", Err("1..2 expected a key in quotes"));
        check("\"a", Err("0..1 this string has no end"));
        check("\"\\", Err("0..1 this string has no end"));
        check("\"\\q\"", Err("0..4 this string has an escape that is none of JSON's"));
        check("\"\n\"", Err("1..2 a control character in a string must be escaped"));
        check("01", Err("0..2 `01` is not a readable number"));
        check("1.", Err("0..2 `1.` is not a readable number"));
        check("1e999", Err("0..5 `1e999` is not a readable number"));
        check("nulls", Err("0..1 expected a value"));
        check("1 2", Err("2..3 there is more behind the end of the value"));
        assert!(read(&"[".repeat(100_000), 0, &locate).is_err_and(|wrong| wrong.deep));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1000, ..ProptestConfig::default() })]

        #[test]
        fn the_same_texts_are_read_as_by_serde_json(
            pieces in prop::collection::vec(prop::sample::select(vec![
                "{", "}", "[", "]", ",", ":", "\"a\"", "\"b\"", "\"\\n\"", "1", "-2.5e3", "0", "true", "{\"c\":", "[1,", " ", "\n", "\"", "é", "null", "{}",
            ]), 0..12)
        ) {
            let text = pieces.concat();
            let theirs = serde_json::from_str::<serde_json::Value>(&text);
            match read(&text, 0, &locate) {
                Ok(Some(node)) => {
                    if !text.contains("null") {
                        prop_assert_eq!(theirs.ok(), Some(plain(&node)));
                    }
                }
                Ok(None) => prop_assert!(theirs.is_ok()),
                // Both say no, but for what is more than JSON forbids.
                Err(wrong) => prop_assert!(theirs.is_err() || ["duplicate key", "a list can't hold null"].contains(&wrong.message.as_str()), "{}", text),
            }
        }
    }
}
