//! The check of `fuzz/`, on texts that are changed at random: for a second, or for a minute in the long tests.
//!
//! The texts to begin with are those of `fuzz/corpus/read`. A text that fails is printed; keep it there.

#[path = "../fuzz/check.rs"]
mod check;

use std::fs;
use std::panic;
use std::time::{Duration, Instant};

/// A small generator of numbers, the same ones each time (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 32).unwrap_or_default() % limit.max(1)
    }
}

const PIECES: &[&str] = &[
    "[",
    "]",
    "{",
    "}",
    "[[",
    "]]",
    "=",
    ".",
    ",",
    ":",
    "\"",
    "'",
    "\"\"\"",
    "'''",
    "#",
    "\n",
    "\r\n",
    "\r",
    " ",
    "\t",
    "\\",
    "\\u00",
    "a",
    "b",
    "c",
    "d",
    "e",
    "f",
    "env",
    "prod",
    "dev",
    "1",
    "-0",
    "1e9",
    "0x",
    "1979-05-27",
    "07:32:00",
    "true",
    "null",
    "nan",
    "inf",
    "${",
    "$${",
    "${prefix}",
    "${region}",
    "${env:",
    "}",
    "é",
    "\u{feff}",
    "\0",
    "\u{7f}",
    "- ",
    "? ",
    ": ",
    "&a ",
    "*a",
    "!!str ",
    "|\n",
    ">\n",
    "---\n",
    "...",
    "<<: ",
    "~",
    "%YAML 1.2\n",
    "V__",
    "__",
    "export ",
];

/// One text changed in a few places, with a piece of another at times.
fn changed(corpus: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut text = corpus[random.below(corpus.len())].clone();
    for _ in 0..=random.below(6) {
        let at = random.below(text.len() + 1);
        let end = (at + random.below(12)).min(text.len());
        match random.below(5) {
            0 => drop(text.drain(at..end)),
            1 => drop(text.splice(at..at, PIECES[random.below(PIECES.len())].bytes())),
            2 => drop(text.splice(at..end, PIECES[random.below(PIECES.len())].bytes())),
            3 => {
                let other = &corpus[random.below(corpus.len())];
                let from = random.below(other.len());
                let to = (from + random.below(40)).min(other.len());
                drop(text.splice(at..at, other[from..to].iter().copied()));
            }
            _ => {
                let again = text[at..end].to_vec();
                let times = 1 + random.below(100);
                drop(text.splice(at..at, again.repeat(times)));
            }
        }
    }
    text
}

#[test]
fn changed_texts_are_read_or_reported() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus/read");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut corpus: Vec<Vec<u8>> = files.iter().map(|file| fs::read(file).unwrap()).collect();
    for text in &corpus {
        check::check(text);
    }
    let long = std::env::var_os("PIPEWRIGHT_LONG").is_some();
    let time = Duration::from_secs(if long { 60 } else { 1 });
    let began = Instant::now();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut tried = 0;
    while began.elapsed() < time {
        let text = changed(&corpus, &mut random);
        if let Err(error) = panic::catch_unwind(|| check::check(&text)) {
            eprintln!("this text fails: {:?}", String::from_utf8_lossy(&text));
            panic::resume_unwind(error);
        }
        // Some are changed further, so that the texts wander away from where they began.
        if text.len() < 4096 && random.below(20) == 0 {
            if corpus.len() < 500 {
                corpus.push(text);
            } else {
                let kept = files.len() + random.below(corpus.len() - files.len());
                corpus[kept] = text;
            }
        }
        tried += 1;
    }
    assert!(tried > 100, "{tried}");
}
