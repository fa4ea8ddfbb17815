//! Sizes that are written as text, within bounds: `"50 GiB"` in a pattern.
//!
//! Such a text is one number and one unit, so that a pattern can say which numbers each unit takes.

use serde_json::Value as Json;

use super::{Schema, digits};
use crate::types::BYTE_SIZE_PATTERN;

/// The units, each with its bytes and the most digits before the point, as [`BYTE_SIZE_PATTERN`] has them.
const UNITS: [(&str, u128, u32); 11] = [
    ("[bB]", 1, 18),
    ("[kK][bB]", 1_000, 15),
    ("[kK][iI][bB]", 1 << 10, 15),
    ("[mM][bB]", 1_000_000, 12),
    ("[mM][iI][bB]", 1 << 20, 12),
    ("[gG][bB]", 1_000_000_000, 9),
    ("[gG][iI][bB]", 1 << 30, 9),
    ("[tT][bB]", 1_000_000_000_000, 6),
    ("[tT][iI][bB]", 1 << 40, 6),
    ("[pP][bB]", 1_000_000_000_000_000, 3),
    ("[pP][iI][bB]", 1 << 50, 3),
];

/// The part of a schema that describes sizes written as text.
pub(super) fn text_branch(schema: &mut Schema) -> Option<&mut Schema> {
    let branches = schema.get_mut("anyOf").and_then(Json::as_array_mut)?;
    branches.iter_mut().find(|branch| branch["pattern"] == BYTE_SIZE_PATTERN)
}

/// A pattern that matches, of the texts that are a size, those from `least` to `most` bytes.
pub(super) fn pattern_between(least: u64, most: u64) -> String {
    let units = UNITS.iter().filter_map(|(unit, bytes, places)| {
        // Numbers are counted in thousandths: they have three places at most, and parts of a byte are cut off.
        let greatest = 10_u128.pow(*places) * 1000 - 1;
        let from = (u128::from(least) * 1000).div_ceil(*bytes);
        let to = ((u128::from(most) + 1) * 1000).div_ceil(*bytes) - 1;
        let numbers = decimals(from, to.min(greatest))?;
        Some(format!("{numbers} ?{unit}"))
    });
    let units: Vec<String> = units.collect();
    // Without any unit left, a pattern that matches nothing.
    if units.is_empty() { "^[^\\s\\S]$".to_owned() } else { format!("^0*(?:{})$", units.join("|")) }
}

/// The numbers between two, both counted in thousandths, without zeros before; `None` when there are none.
fn decimals(from: u128, to: u128) -> Option<String> {
    if from > to {
        return None;
    }
    let (mut whole_from, whole_to) = (from / 1000, to / 1000);
    let (from, to) = (from % 1000, to % 1000);
    let mut parts = Vec::new();
    if whole_from == whole_to {
        parts.push(whole(whole_from, whole_from) + &fraction(from, to));
    } else {
        if from > 0 {
            parts.push(whole(whole_from, whole_from) + &fraction(from, 999));
            whole_from += 1;
        }
        let last = if to < 999 { whole_to } else { whole_to + 1 };
        if whole_from < last {
            parts.push(whole(whole_from, last - 1) + &fraction(0, 999));
        }
        if to < 999 {
            parts.push(whole(whole_to, whole_to) + &fraction(0, to));
        }
    }
    Some(group(&parts))
}

/// The whole numbers between two.
fn whole(from: u128, to: u128) -> String {
    let mut parts = Vec::new();
    if from == 0 {
        parts.push("0".to_owned());
    }
    if to > 0 {
        digits::positive(from.max(1), to, &mut parts);
    }
    group(&parts)
}

/// What may follow a whole number so that its thousandths are between two: a point and one to three digits, or nothing.
fn fraction(from: u128, to: u128) -> String {
    let mut parts = Vec::new();
    for (places, step) in [(1, 100), (2, 10), (3, 1)] {
        let (from, to) = (from.div_ceil(step), to / step);
        if from <= to {
            digits::between(&format!("{from:0places$}"), &format!("{to:0places$}"), &mut parts);
        }
    }
    let all = (from, to) == (0, 999);
    let digits = if all { "[0-9]{1,3}".to_owned() } else { group(&parts) };
    // A number of no thousandths needs no point.
    if from == 0 { format!("(?:\\.{digits})?") } else { format!("\\.{digits}") }
}

fn group(parts: &[String]) -> String {
    match parts {
        [only] => only.clone(),
        _ => format!("(?:{})", parts.join("|")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::byte_size_literal;

    /// Numbers around what bounds make of them, with every unit.
    fn texts(bounds: [u64; 2]) -> Vec<String> {
        let mut texts = Vec::new();
        let units = ["B", "kB", "KiB", "MB", "MiB", "GB", "gib", "TB", "TiB", "PB", "PiB"];
        let mut numbers: Vec<String> = [
            "0", "00", "007", "0.5", "1", "1.0", "1.00", "1.5", "2.001", "9.999", "10", "512", "999", "1000",
            "1024",
        ]
        .map(str::to_owned)
        .to_vec();
        for bound in bounds {
            for (_, bytes, _) in UNITS {
                let thousandths = u128::from(bound) * 1000 / bytes;
                for near in thousandths.saturating_sub(3)..thousandths + 4 {
                    numbers.push(format!("{}.{:03}", near / 1000, near % 1000));
                    numbers.push((near / 1000).to_string());
                }
            }
        }
        for number in numbers {
            texts.extend(
                units.iter().flat_map(|unit| [format!("{number}{unit}"), format!("{number} {unit}")]),
            );
        }
        texts
    }

    #[track_caller]
    fn check(least: u64, most: u64) {
        let pattern = pattern_between(least, most);
        let regex = regex_lite::Regex::new(&pattern).unwrap();
        let mut matched = 0;
        for text in texts([least, most]) {
            let Some(bytes) = byte_size_literal(&text) else { continue };
            let within = (least..=most).contains(&bytes);
            assert_eq!(regex.is_match(&text), within, "{text} is {bytes}, {least}..={most}\n{pattern}");
            matched += usize::from(within);
        }
        assert!(matched > 0 && pattern.len() < 8000, "{matched} {}", pattern.len());
    }

    #[test]
    fn exactly_the_sizes_within_the_bounds() {
        check(0, u64::MAX);
        check(0, 0);
        check(1, 1);
        check(1, 999);
        check(1024, 1024);
        check(1000, 1 << 30);
        check(5 << 30, 50 << 30);
        check(123_456_789, 987_654_321_012);
        check(u64::MAX / 70, u64::MAX / 30);
        check(1_536, 1_073_741_823);
        assert!(!regex_lite::Regex::new(&pattern_between(2, 1)).unwrap().is_match("1 B"));
    }
}
