//! [Execution variables]: what an execution knows of itself.
//!
//! [Execution variables]: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-execution-variables.html

use crate::expr::{Expr, Expression};

macro_rules! variables {
    ($($name:ident => $variable:literal, $doc:literal;)*) => {$(
        #[doc = concat!($doc, " `{\"Get\": \"", $variable, "\"}`")]
        pub fn $name() -> Expr<String> {
            Expr::from_node(Expression::Execution($variable).into())
        }
    )*};
}

variables! {
    start_date_time => "Execution.StartDateTime", "When the execution started, ISO 8601.";
    current_date_time => "Execution.CurrentDateTime", "Now, ISO 8601. A step that uses it is never found in the cache.";
    pipeline_name => "Execution.PipelineName", "The pipeline's name.";
    pipeline_arn => "Execution.PipelineArn", "The pipeline's ARN.";
    pipeline_execution_id => "Execution.PipelineExecutionId", "The execution's id.";
    pipeline_execution_arn => "Execution.PipelineExecutionArn", "The execution's ARN.";
    training_job_name => "Execution.TrainingJobName", "The name of the training job that this step starts.";
    processing_job_name => "Execution.ProcessingJobName", "The name of the processing job that this step starts.";
    experiment_name => "PipelineExperimentConfig.ExperimentName", "The experiment that the execution is recorded in.";
    trial_name => "PipelineExperimentConfig.TrialName", "The trial that the execution is recorded in.";
}
