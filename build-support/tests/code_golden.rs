//! The Rust that comes out of `tests/code`, held against a golden that `scripts.rs` compiles and runs.
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::path::Path;

use build_support::code::scan::scan;
use build_support::code::{Generated, generate};
use build_support::emit;

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/goldens/code/code.rs");

fn generated() -> Generated {
    let scan = scan(Path::new(env!("CARGO_MANIFEST_DIR")), "tests/code").unwrap();
    generate(&scan, &"crate::runtime".parse().unwrap())
}

/// Run with `UPDATE_GOLDENS=1` to write the golden anew, then read the difference.
#[test]
fn generated_code_is_as_the_golden() {
    let Generated { items, errors, .. } = generated();
    assert_eq!(errors, [""; 0]);
    let text = emit::format(items).unwrap();
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        std::fs::write(GOLDEN, &text).unwrap();
    }
    let golden = std::fs::read_to_string(GOLDEN).unwrap();
    let line = text.lines().zip(golden.lines()).position(|(one, other)| one != other);
    assert!(text == golden, "differs from {GOLDEN} at line {line:?}; UPDATE_GOLDENS=1 writes it anew");
}

#[test]
fn the_author_is_told_what_can_not_be_read() {
    let Generated { warnings, .. } = generated();
    assert_eq!(
        warnings,
        [
            "tests/code/plain.py:3: it reads `sys.argv` itself; it takes plain arguments",
            "tests/code/train.py:34: `--bias` has `type=bool`, which takes any text but the empty one for True, \"False\" \
             too; it is passed as `True` or as nothing (`action=argparse.BooleanOptionalAction` says what is meant)",
        ]
    );
}
