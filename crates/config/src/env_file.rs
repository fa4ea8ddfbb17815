//! `.env` files: [`env_file`].
//!
//! Nothing here sets a variable or looks one up: `$NAME` in a value is text.

use std::collections::BTreeMap;

use crate::problem::{Place, Problem, Problems, code};
use crate::source::{Inputs, Source};
use crate::tree::{Origin, quote};

/// The variables of a `.env` file, with the problems reported under the source's name.
///
/// A line is `NAME=VALUE`, with `export` before it or not; what follows a `#` at its beginning or behind a space is a
/// comment. A value may stand in single quotes, where every character counts, or in double quotes, where `\n`, `\r`,
/// `\t`, `\\`, `\"` and `\$` are escapes; either may go over several lines. Of a name that stands twice, the later
/// counts.
///
/// ```
/// use pipewright_config::{Source, env_file};
/// let text = "# Secrets\nexport TOKEN='a b'\nURL=https://x.test/#top # why\nLINES=\"1\\n2\"\nEMPTY=\n";
/// let variables = env_file(&Source::new(".env", text))?;
/// assert_eq!(variables["TOKEN"], "a b");
/// assert_eq!(variables["URL"], "https://x.test/#top");
/// assert_eq!(variables["LINES"], "1\n2");
/// assert_eq!(variables["EMPTY"], "");
/// # Ok::<(), pipewright_config::Problems>(())
/// ```
///
/// # Errors
/// Every line that is none of this. No value is shown: these files are where secrets are kept.
pub fn env_file(source: &Source) -> Result<BTreeMap<String, String>, Problems> {
    let mut reader = Reader { text: &source.text, at: 0 };
    let mut variables = BTreeMap::new();
    let mut wrong = Vec::new();
    while let Some(start) = reader.line_start() {
        match reader.line() {
            Ok((name, value)) => {
                variables.insert(name, value);
            }
            Err(message) => {
                wrong.push((start, message));
                reader.skip_line();
            }
        }
    }
    if wrong.is_empty() {
        return Ok(variables);
    }
    let sources = std::slice::from_ref(source);
    let inputs = Inputs::new(sources, &[]);
    let problem = |(start, message): (usize, String)| {
        let start = u32::try_from(start).unwrap_or(u32::MAX);
        let place: Option<Place> = inputs.place(Origin::File { source: 0, start, end: start });
        Problem {
            place,
            secret: true,
            help: Some("write NAME=VALUE, NAME='VALUE' or NAME=\"VALUE\"".to_owned()),
            ..Problem::error(code::SYNTAX, message)
        }
    };
    Err(Problems::new(wrong.into_iter().map(problem).collect()))
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn eat(&mut self, prefix: &str) -> bool {
        let next = self.rest().starts_with(prefix);
        self.at += if next { prefix.len() } else { 0 };
        next
    }

    fn spaces(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t']).len();
    }

    /// Where the next line begins that holds something; `None` at the end.
    fn line_start(&mut self) -> Option<usize> {
        loop {
            self.eat("\u{feff}");
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start().len();
            match self.rest().chars().next()? {
                '#' => self.skip_line(),
                _ => return Some(self.at),
            }
        }
    }

    fn skip_line(&mut self) {
        self.at += self.rest().find('\n').map_or(self.rest().len(), |end| end + 1);
    }

    fn line(&mut self) -> Result<(String, String), String> {
        let after = self.rest().strip_prefix("export");
        if after.is_some_and(|after| after.starts_with([' ', '\t'])) {
            self.at += "export".len();
            self.spaces();
        }
        let name: String =
            self.rest().chars().take_while(|c| c.is_ascii_alphanumeric() || "_.-".contains(*c)).collect();
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            return Err("this line does not begin with the name of a variable".to_owned());
        }
        self.at += name.len();
        self.spaces();
        if !self.eat("=") {
            return Err(format!("`=` is missing behind {}", quote(&name)));
        }
        self.spaces();
        let value = if self.eat("'") {
            let end = self.rest().find('\'').ok_or_else(|| unclosed(&name))?;
            let value = self.rest()[..end].to_owned();
            self.at += end + 1;
            value
        } else if self.eat("\"") {
            self.double_quoted(&name)?
        } else {
            let line = self.rest().lines().next().unwrap_or_default();
            let comment = line
                .char_indices()
                .find(|(at, c)| *c == '#' && (*at == 0 || line[..*at].ends_with([' ', '\t'])));
            let value = &line[..comment.map_or(line.len(), |(at, _)| at)];
            self.at += value.len();
            return self.end(name, value.trim_end().to_owned());
        };
        self.end(name, value)
    }

    fn double_quoted(&mut self, name: &str) -> Result<String, String> {
        let mut value = String::new();
        let mut chars = self.rest().char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.at += at + 1;
                    return Ok(value);
                }
                '\\' => match chars.next() {
                    Some((_, 'n')) => value.push('\n'),
                    Some((_, 'r')) => value.push('\r'),
                    Some((_, 't')) => value.push('\t'),
                    Some((_, c @ ('"' | '\\' | '$'))) => value.push(c),
                    Some((_, c)) => value.extend(['\\', c]),
                    None => break,
                },
                c => value.push(c),
            }
        }
        Err(unclosed(name))
    }

    /// Nothing but a comment may stand behind a value.
    fn end(&mut self, name: String, value: String) -> Result<(String, String), String> {
        self.spaces();
        match self.rest().chars().next() {
            None | Some('\n' | '\r' | '#') => {
                self.skip_line();
                Ok((name, value))
            }
            Some(_) => Err(format!("there is more behind the value of {}", quote(&name))),
        }
    }
}

fn unclosed(name: &str) -> String {
    format!("the quotes around the value of {} are not closed", quote(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&[(&str, &str)], &[&str]>) {
        let got = env_file(&Source::new(".env", text));
        let got = got.as_ref().map(|variables| {
            variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>()
        });
        let got = got.map_err(|problems| {
            let said = problems.iter().map(|p| format!("{} {}", p.place.as_ref().unwrap(), p.message));
            said.collect::<Vec<_>>()
        });
        assert_eq!(
            got,
            expected.map(<[_]>::to_vec).map_err(|e| e.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>()),
            "{text}"
        );
    }

    #[test]
    fn lines() {
        check("", Ok(&[]));
        check("\u{feff}A=1\r\nB = 2\n", Ok(&[("A", "1"), ("B", "2")]));
        check(" # x\n\texport\tA=1#2 # 3\n", Ok(&[("A", "1#2")]));
        check("A='a\nb' # c\nB=\"a\nb\\\"\\\\\\$\\q\"", Ok(&[("A", "a\nb"), ("B", "a\nb\"\\$\\q")]));
        check("A=\nB=''\nC=#x", Ok(&[("A", ""), ("B", ""), ("C", "")]));
        check("A=1\nA=2", Ok(&[("A", "2")]));
        check("export=1", Ok(&[("export", "1")]));
        check("A=${B}", Ok(&[("A", "${B}")]));
        check(
            "=1\nA 1\nB=2\n1A=2\nC='x' y\nD=\"x",
            Err(&[
                ".env:1:1 this line does not begin with the name of a variable",
                ".env:2:1 `=` is missing behind \"A\"",
                ".env:4:1 this line does not begin with the name of a variable",
                ".env:5:1 there is more behind the value of \"C\"",
                ".env:6:1 the quotes around the value of \"D\" are not closed",
            ]),
        );
    }
}
