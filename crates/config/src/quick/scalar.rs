//! Strings, numbers, dates and times.

use std::borrow::Cow;

use toml::de::DeValue;

use crate::read;
use crate::tree::Value;

use super::{Reader, is_control};

impl<'s> Reader<'s> {
    /// `"…"` or `"""…"""`.
    pub(super) fn basic_string(&mut self) -> Option<Cow<'s, str>> {
        if self.bytes[self.at..].starts_with(b"\"\"\"") {
            return self.long_string(b'"');
        }
        let start = self.at + 1;
        let mut end = start;
        let mut escapes = false;
        loop {
            let rest = self.bytes.get(end..)?;
            end += rest.iter().position(|b| ENDS_BASIC[usize::from(*b)])?;
            match self.bytes[end] {
                b'"' => break,
                b'\\' => {
                    escapes = true;
                    end += 2;
                }
                _ => return None,
            }
        }
        self.at = end + 1;
        let text = self.text.get(start..end)?;
        Some(if escapes { Cow::Owned(unescape(text)?) } else { Cow::Borrowed(text) })
    }

    /// `'…'` or `'''…'''`.
    pub(super) fn literal_string(&mut self) -> Option<Cow<'s, str>> {
        if self.bytes[self.at..].starts_with(b"'''") {
            return self.long_string(b'\'');
        }
        let start = self.at + 1;
        let end = start + self.bytes[start..].iter().position(|b| *b == b'\'' || is_control(*b))?;
        self.at = end + 1;
        if self.bytes[end] == b'\'' { self.text.get(start..end).map(Cow::Borrowed) } else { None }
    }

    /// A string over several lines, in three of these quotes.
    fn long_string(&mut self, quote: u8) -> Option<Cow<'s, str>> {
        let start = self.at;
        let mut end = start + 3;
        let mut plain = true;
        loop {
            match *self.bytes.get(end)? {
                b'\\' if quote == b'"' => {
                    plain = false;
                    end += 2;
                }
                b if b == quote && self.bytes[end..].starts_with(&[quote; 3]) => break,
                b => {
                    plain &= b == b'\n' || !is_control(b);
                    end += 1;
                }
            }
        }
        // Up to two more quotes belong to the text.
        let quotes = self.bytes[end..].iter().take(5).take_while(|b| **b == quote).count();
        end += quotes;
        self.at = end;
        let token = self.text.get(start..end)?;
        if plain {
            let text = token.get(3..token.len() - 3)?;
            return Some(Cow::Borrowed(text.strip_prefix('\n').unwrap_or(text)));
        }
        match scalar(token)? {
            DeValue::String(text) => Some(text),
            _ => None,
        }
    }

    /// A number, a date or a time.
    pub(super) fn number(&mut self) -> Option<Value<'s>> {
        let start = self.at;
        let digits = start + usize::from(self.bytes[start] == b'-');
        let mut end = digits + self.digits(digits);
        let count = end - digits;
        // 18 digits fit into 64 bits; no number begins with a zero but zero itself.
        if count == 0 || count > 18 || (count > 1 && self.bytes[digits] == b'0') {
            return self.rare(start);
        }
        let mut float = false;
        if self.bytes.get(end) == Some(&b'.') {
            let fraction = self.digits(end + 1);
            if fraction == 0 {
                return None;
            }
            end += 1 + fraction;
            float = true;
        }
        if matches!(self.bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.bytes.get(end + 1), Some(b'+' | b'-')));
            let exponent = self.digits(end + 1 + sign);
            if exponent == 0 {
                return None;
            }
            end += 1 + sign + exponent;
            float = true;
        }
        if !matches!(
            self.bytes.get(end),
            None | Some(b' ' | b'\t' | b'\n' | b'\r' | b',' | b']' | b'}' | b'#')
        ) {
            return self.rare(start);
        }
        self.at = end;
        if float {
            let number: f64 = self.text.get(start..end)?.parse().ok()?;
            return number.is_finite().then_some(Value::Float(number));
        }
        let magnitude = self.bytes[digits..end].iter().fold(0_i64, |n, b| n * 10 + i64::from(b - b'0'));
        Some(Value::Integer(i128::from(if digits > start { -magnitude } else { magnitude })))
    }

    /// How many digits stand from here on.
    fn digits(&self, from: usize) -> usize {
        let rest = self.bytes.get(from..).unwrap_or_default();
        rest.iter().position(|b| !b.is_ascii_digit()).unwrap_or(rest.len())
    }

    /// A number in another spelling, a date or a time, as the `toml` crate reads it.
    fn rare(&mut self, start: usize) -> Option<Value<'s>> {
        let mut end = start;
        while let Some(b) = self.bytes.get(end) {
            match b {
                b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'+' | b'-' | b'.' | b':' | b'_' => end += 1,
                // The space between a date and a time.
                b' ' if end - start == 10
                    && self.bytes[start + 4] == b'-'
                    && self.bytes.get(end + 1).is_some_and(u8::is_ascii_digit) =>
                {
                    end += 1;
                }
                _ => break,
            }
        }
        self.at = end;
        let value = scalar(self.text.get(start..end)?)?;
        match read::number(&value) {
            Some(number) => number.ok(),
            None => match value {
                DeValue::Datetime(datetime) => Some(Value::Datetime(datetime.to_string().into())),
                _ => None,
            },
        }
    }
}

/// What the `toml` crate reads from a text that is one scalar and nothing else.
fn scalar(token: &str) -> Option<DeValue<'_>> {
    let value = DeValue::parse(token).ok()?;
    (value.span() == (0..token.len())).then(|| value.into_inner())
}

/// The bytes at which a basic string ends, for good or ill, or something else than text begins.
const ENDS_BASIC: [bool; 256] = {
    let mut ends = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        ends[byte] = byte != b'\t' as usize;
        byte += 1;
    }
    ends[b'"' as usize] = true;
    ends[b'\\' as usize] = true;
    ends[0x7f] = true;
    ends
};

/// The text that a basic string's escapes stand for.
fn unescape(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let mut after = rest[at + 1..].chars();
        let digits = match after.next()? {
            'b' => {
                out.push('\u{8}');
                0
            }
            'e' => {
                out.push('\u{1b}');
                0
            }
            'f' => {
                out.push('\u{c}');
                0
            }
            'n' => {
                out.push('\n');
                0
            }
            'r' => {
                out.push('\r');
                0
            }
            't' => {
                out.push('\t');
                0
            }
            '\\' => {
                out.push('\\');
                0
            }
            '"' => {
                out.push('"');
                0
            }
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => return None,
        };
        rest = after.as_str();
        if digits > 0 {
            let (number, after) = rest.split_at_checked(digits)?;
            if !number.bytes().all(|b| b.is_ascii_hexdigit()) {
                return None;
            }
            out.push(char::from_u32(u32::from_str_radix(number, 16).ok()?)?);
            rest = after;
        }
    }
    out.push_str(rest);
    Some(out)
}
