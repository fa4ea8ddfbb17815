//! Scripts and source folders in the images of frameworks.

use pipewright::prelude::*;

use crate::code;

#[derive(Pipeline)]
#[pipeline(name = "processing-frameworks")]
pub(crate) struct ProcessingFrameworks {}

impl Steps for ProcessingFrameworks {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        let file = Processing::script(code::Preprocess::new());
        let folder = || Processing::script(code::pkg::Preprocess::new());
        p.add("SK", file.image(image::sklearn("0.23-1")).instances(1, "ml.m5.large"));
        p.add(
            "Framework",
            folder().arguments(["--x", "1"]).image(image::sklearn("1.2-1")).instances(1, "ml.m5.large"),
        );
        p.add("XGB", folder().image(image::xgboost("1.7-1")).instances(1, "ml.m5.large"));
        Ok(())
    }
}
