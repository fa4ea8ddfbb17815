//! Processing without a script of the pipeline's own.

use pipewright::prelude::*;

use crate::{IMAGE, code};

#[derive(Pipeline)]
#[pipeline(name = "processing-plain-s3code")]
pub(crate) struct ProcessingPlainS3code {}

impl Steps for ProcessingPlainS3code {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        p.add(
            "Plain",
            Processing::container()
                .image(IMAGE)
                .instances(1, "ml.t3.medium")
                .entrypoint(["/bin/run", "x"])
                .argument(1),
        );

        let script = join!("s3://", Deploy::SourceBucket, "/fixed/run.sh");
        p.add(
            "S3Code",
            Processing::script_at(script, "run.sh")
                .command(["bash"])
                .image(IMAGE)
                .instances(1, "ml.t3.medium"),
        );

        p.add(
            "Legacy",
            Processing::script(code::Evaluate::new())
                .image(IMAGE)
                .instances(1, "ml.t3.medium")
                .arguments(["--config-parameter", "Hello"]),
        );
        Ok(())
    }
}
