//! Generates SageMaker's shapes and image tables from `models/`.

use std::path::Path;

fn main() -> anyhow::Result<()> {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models");
    let overlay = Path::new(env!("CARGO_MANIFEST_DIR")).join("overlay.json");
    build_support::sagemaker::build(&models.join("sagemaker.json"), &overlay)?;
    build_support::images::build(&models.join("images.json"))
}
