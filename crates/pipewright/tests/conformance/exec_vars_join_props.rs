//! Execution variables, joins, and properties of an earlier step.

use pipewright::prelude::*;

use crate::prep;

#[derive(Pipeline)]
#[pipeline(name = "exec-vars-join-props")]
pub(crate) struct ExecVarsJoinProps {}

impl Steps for ExecVarsJoinProps {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        let run = join_with("-", [execution::pipeline_name(), execution::pipeline_execution_id()]);
        let a = p.add(
            "A",
            prep!()
                .output_to(
                    "o",
                    "/opt/ml/processing/o",
                    join!("s3://", Deploy::DataBucket, "/", run, "/", execution::start_date_time()),
                )
                .arguments([
                    execution::start_date_time(),
                    execution::current_date_time(),
                    execution::pipeline_name(),
                    execution::pipeline_arn(),
                    execution::pipeline_execution_id(),
                    execution::pipeline_execution_arn(),
                    execution::training_job_name(),
                    execution::processing_job_name(),
                    execution::experiment_name(),
                ]),
        );
        p.add(
            "B",
            prep!()
                .argument("--img")
                .argument(a.app_specification().image_uri())
                .argument("--ep")
                .argument(a.app_specification().container_entrypoint().at(0))
                .argument("--t")
                .argument(a.processing_job_name())
                .argument("--env")
                .argument(a.environment().key("K")),
        );
        Ok(())
    }
}
