//! How a text gets onto a screen: made harmless, measured, cut and wrapped.

use jiff::SignedDuration;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How many characters of a text from elsewhere are shown.
pub const LONGEST: usize = 4_000;

/// A text from elsewhere on one line, without a character that a terminal would obey.
///
/// Line breaks and tabs become spaces; other control characters, and those that turn the direction of writing or hide what
/// follows, are written as `\u{1b}`.
pub fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            c if is_dangerous(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

/// The same, cut after [`LONGEST`] characters, which is said.
pub fn excerpt(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => {
            let more = text[end..].chars().count();
            format!("{} […and {more} more characters]", harmless(&text[..end]).trim())
        }
        None => harmless(text).trim().to_owned(),
    }
}

fn is_dangerous(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// How many columns a text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text, or as much of it as fits with `…` after it.
pub fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for c in text.chars() {
        let next = c.width().unwrap_or(0);
        if used + next + 1 > columns {
            break;
        }
        used += next;
        out.push(c);
    }
    if columns > 0 {
        out.push('…');
    }
    out
}

/// The text with spaces after it, `columns` wide at least.
pub fn pad(text: &str, columns: usize) -> String {
    let missing = columns.saturating_sub(width(text));
    format!("{text}{}", " ".repeat(missing))
}

/// The rows as lines, each column as wide as its widest cell, two spaces between columns and none at the end.
pub fn columns<const N: usize>(rows: &[[String; N]]) -> Vec<String> {
    let widest = |column: usize| rows.iter().map(|row| width(&row[column])).max().unwrap_or_default();
    let widths: [usize; N] = std::array::from_fn(widest);
    rows.iter()
        .map(|row| {
            let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| pad(cell, width)).collect();
            cells.join("  ").trim_end().to_owned()
        })
        .collect()
}

/// The text in lines of at most so many columns, broken at spaces where that is possible. Never without a line.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if !line.is_empty() && width(&line) + 1 + width(word) > columns {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        // A word that is wider than a line is broken where the line ends.
        for c in word.chars() {
            if width(&line) + c.width().unwrap_or(0) > columns && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            line.push(c);
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// A duration for people: `3 s`, `2 min 05 s`, `1 h 02 min`.
pub fn duration(of: SignedDuration) -> String {
    let seconds = of.as_secs().max(0);
    let (minutes, rest) = (seconds / 60, seconds % 60);
    match minutes {
        0 => format!("{rest} s"),
        1..60 => format!("{minutes} min {rest:02} s"),
        _ => format!("{} h {:02} min", minutes / 60, minutes % 60),
    }
}

/// A number of bytes for people: `812 B`, `1.4 MiB`.
pub fn bytes(of: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if of < 1024 {
        return format!("{of} B");
    }
    // In tenths, so that no floating point is needed; the last unit takes what is left.
    let mut tenths = u128::from(of) * 10 / 1024;
    for unit in &UNITS[..UNITS.len() - 1] {
        if tenths < 10_240 {
            return format!("{}.{} {unit}", tenths / 10, tenths % 10);
        }
        tenths /= 1024;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[UNITS.len() - 1])
}

/// `1 file`, `2 files`.
pub fn count(of: usize, one: &str, many: &str) -> String {
    format!("{of} {}", if of == 1 { one } else { many })
}

/// Whether colours are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ink {
    /// None.
    #[default]
    Plain,
    /// Those of the terminal.
    Colours,
}

/// What a part of a text is, which decides about its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It went well, or is added.
    Good,
    /// It is changed, or to be looked at.
    Care,
    /// It failed, or is removed.
    Bad,
    /// It matters less.
    Quiet,
    /// It matters.
    Strong,
}

impl Ink {
    /// The text in its colour.
    pub fn paint(self, role: Role, text: &str) -> String {
        if self == Self::Plain || text.is_empty() {
            return text.to_owned();
        }
        let code = match role {
            Role::Good => "32",
            Role::Care => "33",
            Role::Bad => "1;31",
            Role::Quiet => "2",
            Role::Strong => "1",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_are_not_obeyed() {
        let check = |text: &str, expected: &str| assert_eq!(harmless(text), expected, "{text:?}");
        check("plain, ünïcode 日本", "plain, ünïcode 日本");
        check("a\nb\r\n\tc", "a b c");
        check("\u{1b}[2Jgone", "\\u{1b}[2Jgone");
        check("\u{9b}31m", "\\u{9b}31m");
        check("a\u{202e}b\u{7}", "a\\u{202e}b\\u{7}");
        check("a\u{200b}b", "a\\u{200b}b");
    }

    #[test]
    fn a_huge_text_is_cut() {
        let shown = excerpt(&"é".repeat(LONGEST + 12));
        assert!(shown.ends_with("é […and 12 more characters]"), "{}", &shown[shown.len() - 60..]);
        assert_eq!(excerpt(" short\n"), "short");
    }

    #[test]
    fn texts_are_cut_and_wrapped_by_columns() {
        let check = |text: &str, columns: usize, expected: &str| assert_eq!(cut(text, columns), expected);
        check("abc", 3, "abc");
        check("abcd", 3, "ab…");
        check("日本語", 5, "日本…");
        check("日本語", 4, "日…");
        check("abc", 0, "");
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh ij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("", 4), [""]);
        assert_eq!(wrap("日本", 1), ["日", "本"]);
        assert_eq!(pad("日", 4), "日  ");
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let row = |one: &str, other: &str| [one.to_owned(), other.to_owned()];
        assert_eq!(columns(&[row("a", "b"), row("日本", "")]), ["a     b", "日本"]);
        assert!(columns::<2>(&[]).is_empty());
    }

    #[test]
    fn numbers_for_people() {
        let check = |seconds: i64, expected: &str| {
            assert_eq!(duration(SignedDuration::from_secs(seconds)), expected);
        };
        check(-4, "0 s");
        check(3, "3 s");
        check(125, "2 min 05 s");
        check(3_725, "1 h 02 min");
        let check = |of: u64, expected: &str| assert_eq!(bytes(of), expected);
        check(0, "0 B");
        check(1023, "1023 B");
        check(1024, "1.0 KiB");
        check(1536 * 1024, "1.5 MiB");
        check(5 << 30, "5.0 GiB");
        check(u64::MAX, "16383.9 PiB");
    }
}
