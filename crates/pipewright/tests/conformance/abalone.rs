//! End to end: process, train, evaluate, decide by the error, then register, create and transform.

use pipewright::prelude::*;
use pipewright::requests::{DebugHookConfig, ProfilerConfig};

use crate::code;

/// Predicts the age of abalone from measurements, and registers the model when it is good enough.
#[derive(Pipeline)]
#[pipeline(name = "abalone")]
pub(crate) struct Abalone {
    /// Group that versions of the model are registered in.
    #[config(min_length = 1, max_length = 63, default = "AbaloneModelPackageGroupName")]
    model_package_group: String,

    /// Instances of the processing job.
    #[parameter(default = 1)]
    processing_instance_count: Parameter<i64>,

    /// Instance type of the training job.
    #[parameter(default = "ml.m5.xlarge")]
    training_instance_type: Parameter<String>,

    /// Whether a registered version may be deployed at once.
    #[parameter(default = "PendingManualApproval")]
    model_approval_status: Parameter<String>,

    /// The measurements to learn from.
    #[parameter(default = "s3://dsm-sm-data/abalone.csv")]
    input_data: Parameter<String>,

    /// The measurements to score with the new model.
    #[parameter(default = "s3://dsm-sm-data/abalone-batch")]
    batch_data: Parameter<String>,

    /// The largest mean squared error that a model may have.
    #[parameter(default = 6.0)]
    mse_threshold: Parameter<f64>,
}

impl Steps for Abalone {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        let xgboost = image::xgboost("1.7-1");
        let cache = Cache::expire_after("30d");

        // Cleans the measurements and splits them in three.
        let process = p.add(
            "AbaloneProcess",
            Processing::script(code::Preprocess::new())
                .image(image::sklearn("1.2-1"))
                .instances(&self.processing_instance_count, "ml.m5.xlarge")
                .with_input(Input::s3(&self.input_data, "/opt/ml/processing/input"))
                .output("train", "/opt/ml/processing/train")
                .output("validation", "/opt/ml/processing/validation")
                .output("test", "/opt/ml/processing/test")
                .cache(cache.clone()),
        );

        // Trains with SageMaker's built-in XGBoost: no script, hyperparameters say it all.
        let results = join!("s3://", Deploy::DataBucket, "/AbaloneTrain");
        let train = p.add(
            "AbaloneTrain",
            Training::new(&xgboost)
                .instances(1, &self.training_instance_type)
                .output_path(&results)
                .hyperparameter("objective", "reg:linear")
                .hyperparameters([("num_round", 50), ("max_depth", 5), ("gamma", 4), ("min_child_weight", 6)])
                .hyperparameters([("eta", 0.2), ("subsample", 0.7)])
                .channel("train", Channel::csv(process.output("train")))
                .channel("validation", Channel::csv(process.output("validation")))
                .debug_hook(DebugHookConfig::new(&results).collection_configurations([]))
                .profiler(ProfilerConfig::new().s3_output_path(&results).disable_profiler(false))
                .cache(cache),
        );

        // Measures the model on data it has not seen. The report is a file that the condition reads.
        let report = PropertyFile::new("EvaluationReport", "evaluation", "evaluation.json");
        let evaluate = p.add(
            "AbaloneEval",
            Processing::script(code::Evaluate::new())
                .image(&xgboost)
                .instances(1, "ml.m5.xlarge")
                .with_input(Input::s3(train.model(), "/opt/ml/processing/model"))
                .with_input(Input::s3(process.output("test"), "/opt/ml/processing/test"))
                .output("evaluation", "/opt/ml/processing/evaluation")
                .property_file(report.clone()),
        );

        let mse = evaluate.json_get::<f64>(&report, "regression_metrics.mse.value");
        let statistics = join!(evaluate.output("evaluation"), "/evaluation.json");
        let container = Container::new(&xgboost).model_data(train.model());
        p.add(
            "AbaloneMSECond",
            ConditionStep::when(mse.less_than_or_equal_to(&self.mse_threshold))
                .then(|p| {
                    p.add(
                        "AbaloneRegisterModel-RegisterModel",
                        RegisterModel::new(&self.model_package_group, container.clone())
                            .content_types(["text/csv"])
                            .response_types(["text/csv"])
                            .inference_instances(["ml.t2.medium", "ml.m5.xlarge"])
                            .transform_instances(["ml.m5.xlarge"])
                            .approval_status(&self.model_approval_status)
                            .metric(ModelMetric::ModelStatistics, statistics),
                    );
                    let model = p.add("AbaloneCreateModel-CreateModel", Model::new(container));
                    p.add(
                        "AbaloneTransform",
                        Transform::new(model.model_name(), &self.batch_data)
                            .instances(1, "ml.m5.xlarge")
                            .output_path(join!("s3://", Deploy::DataBucket, "/AbaloneTransform")),
                    );
                })
                .otherwise(|p| {
                    let message = join!("Execution failed due to MSE > ", &self.mse_threshold);
                    p.add("AbaloneMSEFail", Fail::new(message));
                }),
        );
        Ok(())
    }
}
