//! What is left of a text when the lines that can't be read are taken out.
//!
//! Nothing here reports: the text's errors were reported from the text itself.

use std::collections::BTreeSet;

use toml::de::{DeTable, Error};

/// The parser's word for a key or table that stands twice, which hides nothing of the rest.
pub(crate) const DUPLICATE: &str = "duplicate key";

/// The first bytes of the errors that may hide what follows them.
pub(crate) fn places(errors: &[Error]) -> BTreeSet<usize> {
    let hiding = errors.iter().filter(|error| error.message() != DUPLICATE);
    hiding.map(|error| error.span().map_or(0, |span| span.start)).collect()
}

/// The text with spaces for the lines that hold one of these bytes, so that the rest keeps its place.
///
/// Below a broken header nobody knows where the keys belong, so they go as well.
pub(crate) fn repair(text: &str, mut broken: BTreeSet<usize>) -> String {
    /// More than it takes to get through what one broken line can hide.
    const ROUNDS: usize = 4;
    let mut text = text.to_owned();
    for _ in 0..ROUNDS {
        text = without_lines(&text, &broken);
        broken = places(&DeTable::parse_recoverable(&text).1);
        if broken.is_empty() {
            break;
        }
    }
    text
}

fn without_lines(text: &str, broken: &BTreeSet<usize>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut below_broken_header = false;
    for line in text.split_inclusive('\n') {
        let (start, end) = (out.len(), out.len() + line.len());
        // An error at the end of the text stands behind its last line.
        let end = if end == text.len() { end + 1 } else { end };
        let bad = broken.range(start..end).next().is_some();
        if line.trim_start().starts_with('[') {
            below_broken_header = bad;
        }
        if bad || below_broken_header {
            let newline = if line.ends_with('\n') { "\n" } else { "" };
            out.extend(std::iter::repeat_n(' ', line.len() - newline.len()));
            out.push_str(newline);
        } else {
            out.push_str(line);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let broken = places(&DeTable::parse_recoverable(text).1);
        assert_eq!(repair(text, broken), expected);
    }

    #[test]
    fn sound_lines_keep_their_place() {
        check("a = 1\n", "a = 1\n");
        check("a 1\nb = 2\r\n", "   \nb = 2\r\n");
        check("a = é\nb = 2", "      \nb = 2");
        check("a = 1\n[b\nc = 2\n\n[d]\ne = 3", "a = 1\n  \n     \n\n[d]\ne = 3");
        check("a = 1\na = 2", "a = 1\na = 2");
        check("a = 1\nb =", "a = 1\n   ");
        check("a = '", "     ");
        check("", "");
    }
}
