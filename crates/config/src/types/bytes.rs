//! [`ByteSize`]: `"50 GiB"`, or a number of bytes.

use std::fmt;
use std::str::FromStr;

use serde_json::{Value as Json, json};

use super::Misspelt;
use crate::constraint::Measure;
use crate::context::Context;
use crate::decode::Decode;
use crate::plain::Plain;
use crate::schema::{Describe, Schema, Schemas, Shape};
use crate::tree::{Node, Value};

/// A number of bytes: `"50 GiB"`, `"1.5 GB"` or a whole number.
///
/// `kB`, `MB`, `GB`, `TB` and `PB` are powers of 1,000, `KiB` to `PiB` powers of 1,024; case and the space between
/// do not count. Parts of a byte are cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ByteSize(pub u64);

/// What all sizes that are written as text match.
pub(crate) const PATTERN: &str = "^(?:[0-9]{1,18} ?[bB]\
    |[0-9]{1,15}(?:\\.[0-9]{1,3})? ?[kK][iI]?[bB]\
    |[0-9]{1,12}(?:\\.[0-9]{1,3})? ?[mM][iI]?[bB]\
    |[0-9]{1,9}(?:\\.[0-9]{1,3})? ?[gG][iI]?[bB]\
    |[0-9]{1,6}(?:\\.[0-9]{1,3})? ?[tT][iI]?[bB]\
    |[0-9]{1,3}(?:\\.[0-9]{1,3})? ?[pP][iI]?[bB])$";

/// The bytes that a text says; the compiler asks it for defaults.
pub(crate) const fn byte_size_literal(text: &str) -> Option<u64> {
    let bytes = text.as_bytes();
    let (mut at, mut thousandths, mut digits, mut places): (usize, u128, usize, usize) = (0, 0, 0, 0);
    while at < bytes.len() && bytes[at].is_ascii_digit() && digits <= 18 {
        thousandths = thousandths * 10 + (bytes[at] - b'0') as u128;
        digits += 1;
        at += 1;
    }
    let fraction = at < bytes.len() && bytes[at] == b'.';
    if fraction {
        at += 1;
        while at < bytes.len() && bytes[at].is_ascii_digit() && places <= 3 {
            thousandths = thousandths * 10 + (bytes[at] - b'0') as u128;
            places += 1;
            at += 1;
        }
    }
    if digits == 0 || places > 3 || (fraction && places == 0) {
        return None;
    }
    while places < 3 {
        thousandths *= 10;
        places += 1;
    }
    if at < bytes.len() && bytes[at] == b' ' {
        at += 1;
    }
    let power = if at < bytes.len() {
        match bytes[at].to_ascii_lowercase() {
            b'b' => 0,
            b'k' => 1,
            b'm' => 2,
            b'g' => 3,
            b't' => 4,
            b'p' => 5,
            _ => return None,
        }
    } else {
        return None;
    };
    if power > 0 {
        at += 1;
    }
    let binary = power > 0 && at < bytes.len() && bytes[at].eq_ignore_ascii_case(&b'i');
    if binary {
        at += 1;
    }
    let end = at + 1 == bytes.len() && bytes[at].eq_ignore_ascii_case(&b'b');
    if !end || digits > 18 - 3 * power || (fraction && power == 0) {
        return None;
    }
    let base: u128 = if binary { 1024 } else { 1000 };
    let mut total = thousandths;
    let mut i = 0;
    while i < power {
        total *= base;
        i += 1;
    }
    let total = total / 1000;
    if total > u64::MAX as u128 {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "it was held against the limit")]
    Some(total as u64)
}

impl FromStr for ByteSize {
    type Err = Misspelt;

    fn from_str(text: &str) -> Result<Self, Misspelt> {
        byte_size_literal(text).map(Self).ok_or(Misspelt("write it as in 50 GiB"))
    }
}

impl fmt::Display for ByteSize {
    /// The largest unit that leaves no rest.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const BINARY: [&str; 6] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
        const DECIMAL: [&str; 6] = ["B", "kB", "MB", "GB", "TB", "PB"];
        let reach =
            |base: u64| (0..=5).rev().find(|power| self.0.is_multiple_of(base.pow(*power))).unwrap_or(0);
        let (binary, decimal) = (reach(1024), reach(1000));
        let (power, base, names) =
            if decimal > binary { (decimal, 1000, DECIMAL) } else { (binary, 1024, BINARY) };
        if self.0 == 0 {
            return f.write_str("0 B");
        }
        write!(f, "{} {}", self.0 / u64::pow(base, power), names[power as usize])
    }
}

const EXPECTED: &str = "a number of bytes, as in \"50 GiB\"";

impl Decode for ByteSize {
    fn decode(node: &Node<'_>, cx: &mut Context<'_>) -> Option<Self> {
        let (size, written): (_, Json) = match &node.value {
            Value::Text(text) => (byte_size_literal(text), text.as_ref().into()),
            Value::Integer(n) => {
                let size = u64::try_from(*n).ok();
                (size, size.map_or(Json::Null, Json::from))
            }
            Value::Float(n) if n.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(n) =>
            {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "whole and in range"
                )]
                (Some(*n as u64), (*n).into())
            }
            _ => return cx.mismatch(node, EXPECTED),
        };
        let Some(size) = size else {
            let help = "units are B, kB, MB, GB, TB, PB and KiB, MiB, GiB, TiB, PiB".to_owned();
            return cx.invalid(node, &format!("be {EXPECTED}"), EXPECTED, Some(help));
        };
        cx.leaf(node, written);
        Some(Self(size))
    }

    fn measure(&self) -> Measure<'_> {
        Measure::Bytes(self.0)
    }

    fn encode(&self) -> Option<Plain> {
        let text = self.to_string();
        if text.parse() == Ok(*self) { Some(Plain::Text(text)) } else { Some(Plain::Integer(self.0.into())) }
    }
}

impl Describe for ByteSize {
    const SHAPE: Shape = Shape::Bytes;

    fn describe(_: &mut Schemas) -> Schema {
        json!({
            "anyOf": [
                { "type": "string", "pattern": PATTERN },
                { "type": "integer", "minimum": 0, "maximum": u64::MAX },
            ]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<u64>) {
        assert_eq!(byte_size_literal(text), expected, "{text}");
        assert_eq!(regex_lite::Regex::new(PATTERN).unwrap().is_match(text), expected.is_some(), "{text}");
        if let Some(bytes) = expected {
            let written = ByteSize(bytes).to_string();
            // Beyond 18 digits only a bare number is exact.
            if written.len() <= 20 {
                assert_eq!(byte_size_literal(&written), expected, "{text}: {written}");
            }
        }
    }

    #[test]
    fn spellings() {
        check("50 GiB", Some(50 << 30));
        check("1.5kB", Some(1500));
        check("0b", Some(0));
        check("1.001 KiB", Some(1025));
        check("999.999 PiB", Some(1_125_898_780_942_717_157));
        check("999999999999999999 B", Some(999_999_999_999_999_999));
        check("10 gb", Some(10_000_000_000));
        for wrong in
            ["", "50", "GiB", "1.5 B", "1. kB", ".5 kB", "-1 B", "1  B", "1 EB", "1000 PiB", "1.0001 kB"]
        {
            check(wrong, None);
        }
        for wrong in ["1 k", "1 iB", "1 kb ", "1000000000000000000 B"] {
            check(wrong, None);
        }
    }
}
