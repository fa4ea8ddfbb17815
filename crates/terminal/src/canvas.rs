//! Lines at the end of standard error that are drawn again and again.

use std::io::{self, IsTerminal as _, Write};

use crate::text::Ink;

/// The size of a terminal that doesn't say how large it is.
pub const SIZE: (usize, usize) = (80, 24);

/// What is drawn on: lines that stay, and below them lines that are replaced.
pub struct Canvas {
    out: Box<dyn Write + Send>,
    /// How many replaceable lines are on the screen now.
    drawn: usize,
}

impl Canvas {
    /// A canvas on this writer.
    pub fn new(out: Box<dyn Write + Send>) -> Self {
        Self { out, drawn: 0 }
    }

    /// Takes the replaceable lines away, writes `stay` above them, and draws `lines` in their place; all at once, so that nothing
    /// flickers. `lines` have to fit: no line wider than the terminal, and one line fewer than it is high.
    pub fn draw(&mut self, stay: &[String], lines: &[String]) {
        let mut text = String::new();
        if self.drawn > 0 {
            text = format!("\r\u{1b}[{}A\u{1b}[J", self.drawn);
        }
        for line in stay.iter().chain(lines) {
            text.push_str(line);
            text.push('\n');
        }
        self.drawn = lines.len();
        if !text.is_empty() {
            // There is nobody to tell that standard error is gone.
            let _ = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
        }
    }

    /// Leaves the replaceable lines on the screen: what is drawn next comes below them.
    pub fn leave(&mut self) {
        self.drawn = 0;
    }
}

impl std::fmt::Debug for Canvas {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Canvas").field("drawn", &self.drawn).finish_non_exhaustive()
    }
}

/// Whether standard error gets colours, as `NO_COLOR`, `CLICOLOR` and `CLICOLOR_FORCE` say, otherwise on terminals.
pub fn ink() -> Ink {
    match anstream::AutoStream::choice(&io::stderr()) {
        anstream::ColorChoice::Never => Ink::Plain,
        _ => Ink::Colours,
    }
}

/// Columns and rows of the terminal on standard error.
pub fn size() -> (usize, usize) {
    let size = terminal_size::terminal_size_of(io::stderr());
    size.map_or(SIZE, |(columns, rows)| (usize::from(columns.0), usize::from(rows.0)))
}

/// Whether a cursor can be moved on standard error.
pub fn is_drawable() -> bool {
    io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}
