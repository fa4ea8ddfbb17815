//! Writes the resource types of `models/cloudformation.json` as Rust.

use build_support::{cloudformation, emit};

fn main() {
    emit::finish(
        emit::manifest_dir()
            .and_then(|folder| cloudformation::write(&folder.join("../../models/cloudformation.json"))),
    );
}
