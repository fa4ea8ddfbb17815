//! What the compiler says where the derive macro could not know.

#[test]
fn mistakes_that_the_compiler_finds() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
