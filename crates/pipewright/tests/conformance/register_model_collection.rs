//! A model version with everything that can be said about it.

use pipewright::prelude::*;
use pipewright::requests::{
    FileSource, InferenceSpecification, MetricsSource, ModelPackageContainerDefinition,
};

use crate::{IMAGE, data};

#[derive(Pipeline)]
#[pipeline(name = "register-model-collection")]
pub(crate) struct RegisterModelCollection {
    /// Whether the version may be deployed.
    #[parameter(default = "PendingManualApproval", choices = ["Approved", "Rejected", "PendingManualApproval"])]
    approval: Parameter<String>,
}

/// The Python has content type and URI the wrong way round. No URI looks like that, hence `vouched`.
fn swapped(file: &str) -> MetricsSource {
    MetricsSource::new(data(file), Expr::vouched("application/json"))
}

/// A version with a report and a baseline of every kind.
pub(crate) fn reports(mut version: RegisterModel) -> RegisterModel {
    for (metric, file) in [
        (ModelMetric::ModelStatistics, "model_statistics.json"),
        (ModelMetric::ModelConstraints, "model_constraints.json"),
        (ModelMetric::ModelDataStatistics, "model_data_statistics.json"),
        (ModelMetric::ModelDataConstraints, "model_data_constraints.json"),
        (ModelMetric::Bias, "bias.json"),
        (ModelMetric::BiasPreTraining, "bias_pre_training.json"),
        (ModelMetric::BiasPostTraining, "bias_post_training.json"),
        (ModelMetric::Explainability, "explainability.json"),
    ] {
        version = version.metric_source(metric, swapped(file));
    }
    for (metric, file) in [
        (ModelMetric::ModelStatistics, "model_statistics.json"),
        (ModelMetric::ModelConstraints, "model_constraints.json"),
        (ModelMetric::ModelDataStatistics, "model_data_statistics.json"),
        (ModelMetric::ModelDataConstraints, "model_data_constraints.json"),
        (ModelMetric::BiasPreTraining, "bias_pre_training_constraints.json"),
        (ModelMetric::BiasPostTraining, "bias_post_training_constraints.json"),
        (ModelMetric::Explainability, "explainability_constraints.json"),
    ] {
        version = version.baseline_source(metric, swapped(file));
    }
    version
        .bias_config_file(FileSource::new(data("b.json")))
        .explainability_config_file(FileSource::new(data("e.json")).content_type("application/json"))
}

impl Steps for RegisterModelCollection {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        // The SDK's older class writes no environment for the container.
        let container = ModelPackageContainerDefinition::new().image(IMAGE).model_data_url(data("m.tar.gz"));
        p.add(
            "Reg-RegisterModel",
            reports(RegisterModel::new("g", Container::new(IMAGE)))
                .request(|r| r.inference_specification(InferenceSpecification::new([container])))
                .content_types(["text/csv"])
                .response_types(["text/csv"])
                .inference_instances(["ml.m5.large"])
                .transform_instances(["ml.m5.large"])
                .approval_status(&self.approval)
                .model_package_description("d")
                .customer_metadata("k", "v")
                .domain("MACHINE_LEARNING")
                .task("REGRESSION")
                .sample_payload_url(data("p.tar.gz"))
                .source_uri(data("src"))
                .tag("a", "b")
                .display_name("dn")
                .description("d"),
        );
        Ok(())
    }
}
