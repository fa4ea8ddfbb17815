//! A notebook that runs as a job.

use pipewright::prelude::*;
use pipewright::requests::VpcConfig;

use crate::{IMAGE, KEY, code};

#[derive(Pipeline)]
#[pipeline(name = "notebook-job")]
pub(crate) struct NotebookPipeline {}

impl Steps for NotebookPipeline {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        p.add(
            "NB",
            NotebookJob::new(IMAGE, code::NbIpynb::new(), "python3")
                .job_name("nbjob")
                .output_root(join!("s3://", Deploy::SourceBucket))
                .parameter("p", 1)
                .parameter("e", execution::pipeline_execution_id())
                .environment("A", 1)
                .initialization_script(code::InitSh::new())
                .dependency(code::Helper::new())
                .vpc(VpcConfig::new(["sg-1"], ["subnet-1"]))
                .output_kms_key(KEY)
                .volume_kms_key(KEY)
                .tag("a", "b"),
        );
        Ok(())
    }
}
