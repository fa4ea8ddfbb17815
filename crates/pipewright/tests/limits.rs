//! SageMaker's limits, held against real steps: each mistake with step, field, value and limit, all at once.

use pipewright::prelude::*;
use pipewright::testing;

#[derive(Pipeline)]
struct TooMuch {
    /// Flows into an argument, which takes 256 characters.
    #[parameter(max_length = 300)]
    note: Parameter<String>,
    /// The default is no instance type.
    #[parameter(default = "ml.m5.lrage")]
    instance_type: Parameter<String>,
}

impl Steps for TooMuch {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        let mut wide = Processing::container()
            .image(image::sklearn("1.2"))
            .instances(0, &self.instance_type)
            .argument("x".repeat(257))
            .argument(&self.note)
            .property_file(PropertyFile::new("Report", "report", "report.json"));
        for index in 0..11 {
            wide = wide.input(format!("in-{index}"), "s3://bucket/in", format!("/opt/ml/processing/{index}"));
        }
        p.add("Wide", wide);
        p.add(
            "Train",
            Training::new(image::xgboost("1.7-1"))
                .instances(1, "ml.m5.lrage")
                .hyperparameter("long", "x".repeat(2501))
                .channel("train", "bucket/without/scheme"),
        );
        Ok(())
    }
}

#[test]
fn every_limit_is_told_at_once() {
    let Err(problems) = testing::pipeline::<TooMuch>().synth() else { panic!("it synthesised") };
    let found: Vec<[&str; 3]> = problems
        .iter()
        .map(|p| {
            assert!(p.value.is_some(), "{p:?}");
            // The list of all instance types is long; its beginning says enough.
            let limit = p.limit.as_deref().unwrap_or_default();
            [p.code.as_str(), p.path.as_str(), limit.split(", ml.").next().unwrap_or_default()]
        })
        .collect();
    let cluster = "steps.Wide.Arguments.ProcessingResources.ClusterConfig";
    assert_eq!(
        found,
        [
            ["graph/property-file-output", "steps.Wide.PropertyFiles.Report", "the step has no outputs"],
            ["limit/count", "steps.Wide.Arguments.ProcessingInputs", "at most 10 items"],
            ["limit/range", &format!("{cluster}.InstanceCount"), "1 to 100"],
            [
                "limit/value",
                &format!("{cluster}.InstanceType (parameter InstanceType)"),
                "one of ml.t3.medium"
            ],
            [
                "limit/value",
                "steps.Wide.Arguments.AppSpecification.ImageUri",
                "versions of sklearn for training: 0.20.0, 0.23-1, 1.0-1, 1.2-1, 1.4-2",
            ],
            [
                "limit/length",
                "steps.Wide.Arguments.AppSpecification.ContainerArguments[0]",
                "at most 256 characters",
            ],
            [
                "limit/length",
                "steps.Wide.Arguments.AppSpecification.ContainerArguments[1]",
                "at most 256 characters",
            ],
            ["limit/length", "steps.Train.Arguments.HyperParameters.long", "at most 2500 characters"],
            [
                "limit/pattern",
                "steps.Train.Arguments.InputDataConfig[0].DataSource.S3DataSource.S3Uri",
                "pattern (https|s3)://([^/]+)/?(.*)",
            ],
            [
                "limit/value",
                "steps.Train.Arguments.ResourceConfig.InstanceType",
                "one of the 225 values of TrainingInstanceType",
            ],
        ]
    );
}
