//! Lines with signs, wrapped.

use crate::change::Sign;
use crate::render::Style;

/// Fewer columns than this are not used.
const NARROWEST: usize = 40;

/// No line ends before it has so many bytes.
const SHORTEST: usize = 3;

/// Words up to so many bytes are not cut.
const WORD: usize = 200;

/// How a line is coloured.
#[derive(Clone, Copy)]
pub(crate) enum Tone {
    /// By its sign.
    Sign,
    /// As something to look at twice.
    Alarm,
    Added,
    Removed,
    Plain,
}

/// A text that grows by lines.
pub(crate) struct Page {
    style: Style,
    out: String,
}

impl Page {
    pub(crate) fn new(style: Style) -> Self {
        Self { style, out: String::new() }
    }

    pub(crate) fn finish(self) -> String {
        self.out
    }

    pub(crate) fn heading(&mut self, text: &str) {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.painted("1", text);
        self.out.push('\n');
    }

    pub(crate) fn line(&mut self, indent: usize, sign: Option<Sign>, text: &str) {
        match sign {
            Some(sign) => self.toned(indent, sign, Tone::Sign, text),
            None => self.wrapped(&" ".repeat(indent * 4), None, Tone::Plain, text),
        }
    }

    pub(crate) fn toned(&mut self, indent: usize, sign: Sign, tone: Tone, text: &str) {
        self.wrapped(&" ".repeat(indent * 4), Some(sign), tone, text);
    }

    /// Whether a text with a sign is one line.
    pub(crate) fn fits(&self, indent: usize, text: &str) -> bool {
        text.chars().count() <= self.room(indent * 4)
    }

    fn room(&self, margin: usize) -> usize {
        self.style.width.max(NARROWEST).saturating_sub(margin + 4).max(20)
    }

    /// A line that isn't wrapped.
    pub(crate) fn verbatim(&mut self, indent: usize, tone: Tone, text: &str) {
        self.out.push_str(&" ".repeat(indent * 4));
        self.painted(code(tone, None), text);
        self.out.push('\n');
    }

    fn wrapped(&mut self, margin: &str, sign: Option<Sign>, tone: Tone, text: &str) {
        let mark = match sign {
            None => "",
            Some(Sign::Added) => "[+] ",
            Some(Sign::Removed) => "[-] ",
            Some(Sign::Changed) => "[~] ",
        };
        for (position, line) in lines(text, self.room(margin.len())).into_iter().enumerate() {
            self.out.push_str(margin);
            match (sign, position) {
                (None, 0) => {}
                (Some(_), 0) => self.painted(code(Tone::Sign, sign), mark),
                (_, _) => self.out.push_str("    "),
            }
            let plain = matches!(tone, Tone::Sign) && sign == Some(Sign::Changed);
            self.painted(if plain { "" } else { code(tone, sign) }, line);
            self.out.push('\n');
        }
    }

    fn painted(&mut self, code: &str, text: &str) {
        if self.style.color && !code.is_empty() {
            self.out.extend(["\u{1b}[", code, "m", text, "\u{1b}[0m"]);
        } else {
            self.out.push_str(text);
        }
    }
}

/// The parameter of the ANSI sequence.
fn code(tone: Tone, sign: Option<Sign>) -> &'static str {
    match (tone, sign) {
        (Tone::Alarm, _) => "1;31",
        (Tone::Added, _) | (Tone::Sign, Some(Sign::Added)) => "32",
        (Tone::Removed, _) | (Tone::Sign, Some(Sign::Removed)) => "31",
        (Tone::Sign, Some(Sign::Changed)) => "33",
        (Tone::Plain | Tone::Sign, _) => "",
    }
}

/// The text in lines of at most so many characters, cut at spaces where there are any.
fn lines(text: &str, room: usize) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = text;
    loop {
        let Some((limit, _)) = rest.char_indices().nth(room) else {
            out.push(rest);
            return out;
        };
        // A space right behind the limit ends the line as well.
        let window = rest[limit..].chars().next().map_or(limit, |c| limit + c.len_utf8());
        // How far to look: a text may be one endless word.
        let near = &rest[..rest.floor_char_boundary(limit + 4 * room.max(WORD))];
        // What people copy, names and addresses, is not cut: a line is rather too long.
        let whole = near[limit..].find(' ').map_or(near.len(), |cut| limit + cut);
        let cut = match near[..window].rfind(' ').filter(|cut| *cut >= SHORTEST) {
            Some(cut) => cut,
            None if whole <= WORD.max(room) => whole,
            None => limit,
        };
        out.push(rest[..cut].trim_end());
        rest = rest[cut..].trim_start_matches(' ');
        if rest.is_empty() {
            return out;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_at_spaces() {
        let check = |text: &str, expected: &[&str]| assert_eq!(lines(text, 8), expected, "{text}");
        check("", &[""]);
        check("one two", &["one two"]);
        check("one two three", &["one two", "three"]);
        check("12345678 9", &["12345678", "9"]);
        check("a 123456789abcdefghij b", &["a 123456789abcdefghij", "b"]);
        check("123456789", &["123456789"]);
        check("abc 12345678 b", &["abc", "12345678", "b"]);
        let long = "é".repeat(1_000);
        assert_eq!(lines(&long, 8)[0], "é".repeat(8));
    }
}
