//! One script step with a run-time instance type and a deploy-time argument.

use pipewright::prelude::*;

use crate::code;

#[derive(Pipeline)]
#[pipeline(name = "blog-example")]
pub(crate) struct BlogExample {
    /// Greeting handed to the script.
    #[config(default = "Hello world!", min_length = 1)]
    config_parameter: String,

    /// Instance type of the processing job.
    #[parameter(default = "ml.m5.large")]
    instance_type: Parameter<String>,
}

impl Steps for BlogExample {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        p.add(
            "processing-example",
            Processing::script(code::Evaluate::new())
                .image(image::sklearn("0.23-1"))
                .instances(1, &self.instance_type)
                .arguments(["--config-parameter", &self.config_parameter]),
        );
        Ok(())
    }
}
