//! Versions of a model: one with reports and a life cycle, one of two containers.

use pipewright::prelude::*;
use pipewright::requests::ModelLifeCycle;

use crate::{IMAGE, data, register_model_collection};

#[derive(Pipeline)]
#[pipeline(name = "model-step-register")]
pub(crate) struct ModelStepRegister {}

fn container() -> Container {
    Container::new(IMAGE).model_data(data("models/model.tar.gz"))
}

fn json(version: RegisterModel) -> RegisterModel {
    version
        .content_types(["application/json"])
        .response_types(["application/json"])
        .inference_instances(["ml.m5.large"])
        .transform_instances(["ml.m5.large"])
}

impl Steps for ModelStepRegister {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        let container_a = container().environment("E", 1).framework("PYTORCH").framework_version("2.1");
        let version = register_model_collection::reports(RegisterModel::new("g", container_a));
        p.add(
            "A-RegisterModel",
            json(version)
                .approval_status("Approved")
                .model_package_description("d")
                .customer_metadata("k", "v")
                .domain("COMPUTER_VISION")
                .task("IMAGE_CLASSIFICATION")
                .sample_payload_url(data("p"))
                .source_uri(data("src"))
                .skip_model_validation("All")
                .life_cycle(ModelLifeCycle::new("Development", "In-Progress").stage_description("x")),
        );
        p.add("PM-RegisterModel", json(RegisterModel::pipeline("g", [container(), container()])));
        Ok(())
    }
}
