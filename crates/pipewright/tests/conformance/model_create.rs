//! Models: of one container, of several, and with settings.

use pipewright::prelude::*;
use pipewright::requests::VpcConfig;

use crate::{IMAGE, data};

#[derive(Pipeline)]
#[pipeline(name = "model-create")]
pub(crate) struct ModelCreate {}

impl Steps for ModelCreate {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        let container = || Container::new(IMAGE).model_data(data("models/model.tar.gz"));
        p.add(
            "A-CreateModel",
            Model::new(container().environment("A", 1))
                .vpc(VpcConfig::new(["sg-1"], ["subnet-1"]))
                .network_isolation(true)
                .tag("a", "b")
                .display_name("dn")
                .description("d"),
        );
        p.add("PM-CreateModel", Model::pipeline([container(), container().environment("B", 2)]));
        p.add("Legacy", Model::new(container()));
        Ok(())
    }
}
