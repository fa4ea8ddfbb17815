//! Makes the scripts in `code/` known to the pipeline as types.

fn main() {
    build_support::pipeline();
}
