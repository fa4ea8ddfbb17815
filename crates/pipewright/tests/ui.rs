//! What the compiler says about mistakes in a pipeline: where, and what to write instead.

#[test]
fn mistakes_in_a_pipeline() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
