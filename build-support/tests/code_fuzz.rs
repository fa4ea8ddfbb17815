//! Whatever stands in a script, reading it and writing Rust for it never panics, and the Rust is Rust.
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use build_support::code::scan::{File, Scan};
use build_support::code::{generate, read};
use build_support::emit;
use proptest::collection::vec;
use proptest::prelude::*;

/// Pieces that scripts are made of, so that chance comes far enough.
const PIECES: &[&str] = &[
    "import argparse",
    "from argparse import *",
    "import os",
    "\n",
    "\n",
    "\n  ",
    "p",
    "p",
    ".",
    "=",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "'--a'",
    "\"-b\"",
    "'c'",
    "f'{x}'",
    "'\\u",
    "'''",
    "#",
    "argparse.ArgumentParser()",
    "p = argparse.ArgumentParser()",
    "p.add_argument('--a')",
    "p.add_argument(",
    "p.parse_args()",
    "type=int",
    "nargs='+'",
    "nargs=2",
    "choices=",
    "default=",
    "action='append'",
    "required=True",
    "dest='self'",
    "def f(p):",
    "f(p)",
    "if x:",
    "for x in y:",
    "return p",
    "lambda: ",
    "*",
    "**",
    "os.environ['X']",
    "-1",
    "0.5",
    "1e400",
    "99999999999999999999",
    "None",
    "True",
    " or ",
    " if ",
    " else ",
    "class C:",
    "global p",
    "p.add_mutually_exclusive_group(required=True)",
    "g = p.add_mutually_exclusive_group()",
    "g.add_argument('--g')",
    "\u{e9}",
    "\0",
];

fn generates(name: &str, script: &[u8]) {
    let file = File {
        name: name.to_owned(),
        path: format!("code/{name}"),
        sha256: "0".repeat(64),
        script: Some(script.to_vec()),
    };
    let scan = Scan { files: vec![file], ..Scan::default() };
    let generated = generate(&scan, &"::x".parse().unwrap());
    emit::format(generated.items).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(script in vec(any::<u8>(), 0..400)) {
        read(&script);
    }

    #[test]
    fn any_text_that_has_to_do_with_arguments(text in "\\PC{0,200}") {
        read(format!("import argparse\n{text}").as_bytes());
    }

    #[test]
    fn any_order_of_pieces(pieces in vec(proptest::sample::select(PIECES), 0..60)) {
        let script = format!("import argparse\np = argparse.ArgumentParser()\n{}", pieces.concat());
        generates("train.py", script.as_bytes());
    }

    #[test]
    fn any_names(flag in "\\PC{0,12}", dest in "\\PC{0,12}", choices in vec("\\PC{0,8}", 0..4), file in "\\PC{1,12}") {
        let literal = |text: &str| format!("{text:?}").replace("\\u{", "\\x{").replace("\\'", "'");
        let choices: Vec<String> = choices.iter().map(|choice| literal(choice)).collect();
        let script = format!(
            "import argparse\np = argparse.ArgumentParser()\np.add_argument({}, help={})\np.add_argument({}, choices=[{}], required=True)\np.add_argument({})\n",
            literal(&format!("--{flag}")),
            literal(&dest),
            literal(&format!("--{dest}")),
            choices.join(", "),
            literal(&flag),
        );
        generates(&format!("{file}.py"), script.as_bytes());
    }
}
