//! The smallest useful pipeline: one script, one run-time parameter, one configured value.

use pipewright::prelude::*;

// One type for each script in `code/`: here `code::Evaluate`.
pipewright::code!();

/// Prints a greeting.
#[derive(Pipeline)]
#[pipeline(name = "example-pipeline")]
struct ExamplePipeline {
    /// Greeting handed to the script.
    #[config(min_length = 1)]
    pipeline_config_parameter: String,

    /// Instance type of the processing job.
    #[parameter(default = "ml.m5.large")]
    instance_type: Parameter<String>,
}

impl Steps for ExamplePipeline {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        // The script's own argparse says that `config_parameter` is required: without it, or with
        // another spelling, this does not compile.
        let script = code::Evaluate::new().config_parameter(&self.pipeline_config_parameter);
        p.add(
            "processing-example",
            Processing::script(script).image(image::sklearn("0.23-1")).instances(1, &self.instance_type),
        );
        Ok(())
    }
}

pipewright::main!(ExamplePipeline);
