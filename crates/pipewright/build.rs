//! Makes the scripts of the tests and examples of this crate known as types.

fn main() {
    build_support::code_in("tests/code");
}
