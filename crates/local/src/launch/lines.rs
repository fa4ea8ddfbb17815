//! Makes lines of what a process writes.
//!
//! Bytes that are no UTF-8 become replacement characters. Of a line that was written over with carriage returns, as progress bars
//! do, the last state counts. Memory is bounded: a line longer than [`LONGEST`] comes in pieces.

/// How many bytes a piece of a line has at most.
pub(super) const LONGEST: usize = 64 * 1024;

/// A line, or a piece of a long one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// Its text, without the end of line.
    pub(super) text: String,
    /// Whether it begins the line.
    pub(super) begins: bool,
    /// Whether it ends the line.
    pub(super) ends: bool,
}

/// Takes bytes and gives lines.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// The line so far, as far as it was not given away.
    held: Vec<u8>,
    /// A piece of this line was given away.
    is_cut: bool,
    /// The last byte was a carriage return: what is held goes when another state follows.
    returned: bool,
}

impl Lines {
    /// Takes these bytes; the lines that they complete are added to `out`.
    pub(super) fn take(&mut self, bytes: &[u8], out: &mut Vec<Piece>) {
        for chunk in bytes.split_inclusive(|byte| matches!(byte, b'\n' | b'\r')) {
            let (text, end) = match chunk.split_last() {
                Some((end @ (b'\n' | b'\r'), text)) => (text, Some(*end)),
                _ => (chunk, None),
            };
            self.add(text, out);
            match end {
                Some(b'\n') => self.give(true, out),
                Some(_) => self.returned = true,
                None => {}
            }
        }
    }

    /// There is no more: what is left is the last line.
    pub(super) fn finish(&mut self, out: &mut Vec<Piece>) {
        if !self.held.is_empty() || self.is_cut {
            self.give(true, out);
        }
    }

    fn add(&mut self, text: &[u8], out: &mut Vec<Piece>) {
        if text.is_empty() {
            return;
        }
        if self.returned {
            self.held.clear();
            self.returned = false;
        }
        for part in text.chunks(LONGEST) {
            if self.held.len() + part.len() > LONGEST {
                self.give(false, out);
            }
            self.held.extend_from_slice(part);
        }
    }

    fn give(&mut self, ends: bool, out: &mut Vec<Piece>) {
        // A character that the cut goes through stays whole: its first bytes wait for the others.
        let kept = if ends { 0 } else { unfinished(&self.held) };
        let rest = self.held.split_off(self.held.len() - kept);
        let text = String::from_utf8_lossy(&self.held).into_owned();
        out.push(Piece { text, begins: !self.is_cut, ends });
        self.held = rest;
        self.is_cut = !ends;
        self.returned = false;
    }
}

/// How many bytes at the end are the beginning of a character that is not complete.
fn unfinished(bytes: &[u8]) -> usize {
    let tail = &bytes[bytes.len().saturating_sub(3)..];
    for (index, byte) in tail.iter().enumerate().rev() {
        let length = match byte {
            0xC0..0xE0 => 2,
            0xE0..0xF0 => 3,
            0xF0..=0xFF => 4,
            0x80..0xC0 => continue,
            _ => return 0,
        };
        let there = tail.len() - index;
        return if there < length { there } else { 0 };
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text with `|` after each line, whatever the pieces that the bytes come in.
    fn check(bytes: &[u8], expected: &str) {
        for size in [1, 2, 3, 7, bytes.len().max(1)] {
            let (mut lines, mut out) = (Lines::default(), Vec::new());
            for part in bytes.chunks(size) {
                lines.take(part, &mut out);
            }
            lines.finish(&mut out);
            let told: String =
                out.iter().map(|piece| piece.text.clone() + if piece.ends { "|" } else { "" }).collect();
            assert_eq!(told, expected, "{} in parts of {size}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn lines_of_all_kinds() {
        check(b"", "");
        check(b"a", "a|");
        check(b"a\n", "a|");
        check(b"\n\n", "||");
        check(b"a\r\nb\r\n", "a|b|");
        check(b"10%\r20%\r30%\ndone", "30%|done|");
        check(b"10%\r20%\r", "20%|");
        check(b"10%\r\r\n", "10%|");
        check("gr\u{fc}n\n".as_bytes(), "gr\u{fc}n|");
        check(b"\xff\xfe\n", "\u{fffd}\u{fffd}|");
        check(b"nul \0\n", "nul \0|");
    }

    #[test]
    fn long_lines_come_in_pieces() {
        let line = "\u{20ac}".repeat(LONGEST);
        let (mut lines, mut out) = (Lines::default(), Vec::new());
        for part in line.as_bytes().chunks(8191) {
            lines.take(part, &mut out);
            assert!(lines.held.len() <= LONGEST);
        }
        lines.take(b"\nnext\n", &mut out);
        assert_eq!(out.iter().filter(|piece| piece.begins).count(), 2);
        assert_eq!(out.iter().filter(|piece| piece.ends).count(), 2);
        assert_eq!(out.pop().map(|piece| piece.text), Some("next".to_owned()));
        let told: String = out.iter().map(|piece| piece.text.as_str()).collect();
        assert_eq!(told, line);
    }
}
