//! Steps whose builders do more than fill in a request: what they write, and what they refuse.

#![expect(clippy::unwrap_used, reason = "a test fails where something is not as it should be")]

use pipewright::prelude::*;
use pipewright::requests::{ActionSource, CollectionConfiguration, CreateActionRequest, DebugHookConfig};
use pipewright::testing::{self, Value, json};
use pipewright::{AssetSource, CodeAsset, Environment, Step};
use pipewright_model::Definition;
use pipewright_model::check::check;

fn environment() -> Environment {
    Environment {
        prefix: "p".into(),
        account: Some("123456789012".into()),
        region: Some("eu-west-1".into()),
        ..Environment::default()
    }
}

fn one(step: impl Step) -> Graph {
    let mut graph = Graph::new();
    graph.add("S", step);
    graph
}

/// The mistakes in a step: code and place.
fn mistakes(step: impl Step) -> Vec<String> {
    let problems = check("example", &[], &one(step), &environment());
    problems.iter().map(|problem| format!("{} {}", problem.code, problem.full_path())).collect()
}

/// The step, as the definition has it.
#[track_caller]
fn written(step: impl Step) -> Value {
    let (graph, environment) = (one(step), environment());
    assert_eq!(check("example", &[], &graph, &environment), []);
    let definition = serde_json::to_value(Definition::new("example", &[], &graph, &environment)).unwrap();
    definition["Steps"][0].clone()
}

const IMAGE: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/my-image:1.0";
const CONFIG: &str = "steps.S.Arguments.HyperParameterTuningJobConfig";

fn training() -> Training<pipewright_sagemaker::steps::Instances> {
    Training::new(IMAGE).instances(1, "ml.m5.xlarge").metric("m", "m=(.*)")
}

fn tuning() -> Tuning {
    Tuning::new(training(), Objective::minimize("m")).range("eta", TuningRange::continuous(0, 1))
}

#[test]
fn a_tuning_has_an_end() {
    let open = format!("limit/value {CONFIG}.ResourceLimits.MaxNumberOfTrainingJobs");
    assert_eq!(mistakes(tuning()), [open]);
    for bounded in [
        tuning().max_jobs(4),
        tuning().max_runtime_seconds(600),
        tuning().stop_at(0.5),
        tuning().stop_on_convergence(),
        tuning().strategy("Grid"),
        tuning().autotune(),
    ] {
        assert_eq!(mistakes(bounded), [""; 0]);
    }
}

#[test]
fn limits_of_a_tuning() {
    let tuning = || tuning().max_jobs(4);
    let check = |step: Tuning, expected: &str| assert_eq!(mistakes(step), [expected]);
    let ranges = format!("{CONFIG}.ParameterRanges");
    check(
        tuning().range("depth", TuningRange::integer(5, 4)),
        &format!("limit/value {ranges}.IntegerParameterRanges[0].MaxValue"),
    );
    check(
        tuning().max_runtime_seconds(60),
        &format!("limit/range {CONFIG}.ResourceLimits.MaxRuntimeInSeconds"),
    );
    check(tuning().strategy("Guess"), &format!("limit/value {CONFIG}.Strategy"));
    check(
        tuning().warm_start("TransferLearning", [""; 0]),
        "limit/count steps.S.Arguments.WarmStartConfig.ParentHyperParameterTuningJobs",
    );
    let values: Vec<String> = (0..31).map(|value| value.to_string()).collect();
    check(
        tuning().range("many", TuningRange::categorical(values)),
        &format!("limit/count {ranges}.CategoricalParameterRanges[0].Values"),
    );
    // What a training has and a tuning has not.
    let warm = training().keep_alive_seconds(60);
    check(
        Tuning::new(warm, Objective::minimize("m")).range("x", TuningRange::integer(0, 1)).max_jobs(1),
        "graph/unknown-member steps.S.Arguments.TrainingJobDefinition.HyperParameterTuningResourceConfig.KeepAlivePeriodInSeconds",
    );
}

#[test]
fn what_has_a_range_is_not_static() {
    let training = training().hyperparameter("eta", 0.5).hyperparameter("rounds", 10);
    let step = Tuning::new(training, Objective::maximize("m"))
        .range("eta", TuningRange::continuous(0.25, 1))
        .max_jobs(2);
    let arguments = &written(step)["Arguments"];
    let definition = &arguments["TrainingJobDefinition"];
    assert_eq!(definition["StaticHyperParameters"], json!({"rounds": "10"}));
    assert_eq!(
        definition["OutputDataConfig"]["S3OutputPath"],
        json!({"Std:Join": {"On": "", "Values": [
            "s3://p-data-123456789012-eu-west-1/example/", {"Get": "Execution.PipelineExecutionId"}, "/S/model",
        ]}})
    );
    let config = &arguments["HyperParameterTuningJobConfig"];
    assert_eq!(
        config["ParameterRanges"]["ContinuousParameterRanges"],
        json!([{"Name": "eta", "MinValue": "0.25", "MaxValue": "1", "ScalingType": "Auto"}])
    );
    assert_eq!(config["TrainingJobEarlyStoppingType"], "Off");
}

#[test]
fn several_trainings_are_tuned_side_by_side() {
    let definition = |name: &str, range| {
        TuningDefinition::new(name, training(), Objective::maximize("m")).range("x", range)
    };
    let integer = definition("e1", TuningRange::integer(1, 3));
    let choice = definition("e2", TuningRange::categorical([1, 2]));
    let step = Tuning::several([integer, choice]).hyperband(1, 9).max_jobs(4).max_parallel_jobs(2);
    let arguments = &written(step)["Arguments"];
    assert_eq!(
        arguments["HyperParameterTuningJobConfig"],
        json!({
            "Strategy": "Hyperband",
            "StrategyConfig": {"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": 9}},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 4, "MaxParallelTrainingJobs": 2},
            "TrainingJobEarlyStoppingType": "Off",
        })
    );
    assert_eq!(arguments.get("TrainingJobDefinition"), None);
    let second = &arguments["TrainingJobDefinitions"][1];
    assert_eq!(second["DefinitionName"], "e2");
    assert_eq!(second["TuningObjective"], json!({"Type": "Maximize", "MetricName": "m"}));
    assert_eq!(
        second["HyperParameterRanges"],
        json!({
            "IntegerParameterRanges": [],
            "ContinuousParameterRanges": [],
            "CategoricalParameterRanges": [{"Name": "x", "Values": ["1", "2"]}],
        })
    );
}

#[test]
fn several_kinds_of_instance_take_the_place_of_one() {
    let kinds = ["ml.m5.xlarge", "ml.m5.2xlarge"]
        .map(|kind| requests::HyperParameterTuningInstanceConfig::new(kind, 1, 30));
    let key = "arn:aws:kms:eu-west-1:123456789012:key/1";
    let step = Tuning::new(training().volume_kms_key(key), Objective::minimize("m")).instance_configs(kinds);
    let definition = &written(step.max_jobs(1))["Arguments"]["TrainingJobDefinition"];
    assert_eq!(
        definition["HyperParameterTuningResourceConfig"],
        json!({
            "InstanceConfigs": [
                {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30},
                {"InstanceType": "ml.m5.2xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30},
            ],
            "VolumeKmsKeyId": key,
        })
    );
}

#[test]
fn fifty_training_jobs_are_known() {
    let mut graph = Graph::new();
    let tune = graph.add("Tune", tuning().max_jobs(100));
    for (name, k) in [("Last", 49), ("Beyond", 50)] {
        graph.add(name, Model::new(Container::new(IMAGE).model_data(tune.top_model(k, "s3://b/models/"))));
    }
    let problems = check("example", &[], &graph, &environment());
    let found: Vec<_> = problems.iter().map(|p| (p.step.as_deref(), p.code)).collect();
    assert_eq!(found, [(Some("Beyond"), "limit/value")]);
}

#[test]
fn auto_ml_in_a_pipeline() {
    let step = || AutoML::new("y", "s3://b/t");
    let arguments = &written(step())["Arguments"];
    assert_eq!(arguments["AutoMLJobConfig"]["Mode"], "ENSEMBLING");
    assert_eq!(arguments["InputDataConfig"].as_array().unwrap().len(), 1);
    let chosen =
        step().algorithms(["xgboost"]).feature_specification("s3://b/f.json").validation_fraction(0.25);
    let config = &written(chosen)["Arguments"]["AutoMLJobConfig"];
    assert_eq!(
        config["CandidateGenerationConfig"],
        json!({
            "FeatureSpecificationS3Uri": "s3://b/f.json",
            "AlgorithmsConfig": [{"AutoMLAlgorithms": ["xgboost"]}],
        })
    );
    assert_eq!(config["DataSplitConfig"], json!({"ValidationFraction": 0.25}));
    for (step, expected) in [
        (
            step().request(|request| request.generate_candidate_definitions_only(true)),
            "limit/value steps.S.Arguments.GenerateCandidateDefinitionsOnly",
        ),
        (
            step().request(|request| {
                request.auto_ml_job_config(requests::AutoMLJobConfig::new().mode("HYPERPARAMETER_TUNING"))
            }),
            "limit/value steps.S.Arguments.AutoMLJobConfig.Mode",
        ),
        (
            step().max_candidates(751),
            "limit/range steps.S.Arguments.AutoMLJobConfig.CompletionCriteria.MaxCandidates",
        ),
        (step().problem("Regression", "Luck"), "limit/value steps.S.Arguments.AutoMLJobObjective.MetricName"),
    ] {
        assert_eq!(mistakes(step), [expected]);
    }
}

#[test]
fn what_a_pipeline_decides_of_a_cluster() {
    let groups = || [node!({ "InstanceRole": "MASTER", "InstanceCount": 1, "InstanceType": "m5.xlarge" })];
    let cluster = || EmrCluster::instance_groups("emr-7.0.0", groups());
    let step = |cluster| Emr::new_cluster(cluster, HadoopJarStep::new("s3://b/a.jar"));
    assert_eq!(mistakes(step(cluster().instances("Ec2SubnetId", "subnet-1"))), [""; 0]);
    for (cluster, place) in [
        (cluster().set("Name", "mine"), "Name"),
        (cluster().set("Steps", node!([])), "Steps"),
        (cluster().set("AutoTerminationPolicy", node!({})), "AutoTerminationPolicy"),
        (cluster().instances("TerminationProtected", true), "Instances.TerminationProtected"),
        (cluster().instances("InstanceFleets", node!([])), "Instances.InstanceFleets"),
    ] {
        assert_eq!(mistakes(step(cluster)), [format!("limit/value steps.S.Arguments.ClusterConfig.{place}")]);
    }
    let role = "arn:aws:iam::123456789012:role/runtime";
    assert_eq!(mistakes(step(cluster()).execution_role(role)), ["graph/either-or steps.S.Arguments"]);
    assert_eq!(
        mistakes(Emr::on_cluster("", HadoopJarStep::new("a.jar"))),
        ["limit/length steps.S.Arguments.ClusterId"]
    );
}

#[test]
fn a_serverless_job_says_its_role_twice() {
    let role = "arn:aws:iam::123456789012:role/job";
    let driver = || node!({ "sparkSubmit": { "entryPoint": "s3://b/job.py" } });
    let step = EmrServerless::on_application("00a", role, driver()).timeout_minutes(60).tag("team", "ds");
    assert_eq!(
        written(step)["Arguments"],
        json!({
            "ExecutionRoleArn": role,
            "ApplicationId": "00a",
            "JobConfig": {
                "applicationId": "00a",
                "executionRoleArn": role,
                "jobDriver": {"sparkSubmit": {"entryPoint": "s3://b/job.py"}},
                "executionTimeoutMinutes": 60,
                "tags": {"team": "ds"},
            },
        })
    );
    let application = node!({ "type": "SPARK", "releaseLabel": "emr-7.0.0" });
    let arguments = &written(EmrServerless::new_application(application, role, driver()))["Arguments"];
    assert_eq!(arguments["ApplicationConfig"], json!({"type": "SPARK", "releaseLabel": "emr-7.0.0"}));
    assert_eq!(arguments["JobConfig"].get("applicationId"), None);
}

#[test]
fn associations_lead_to_what_the_step_writes_down() {
    let action = || CreateActionRequest::new("act", ActionSource::new("s3://b/r"), "Training");
    let step =
        |source, destination| Lineage::new().action(action()).association(source, "Produced", destination);
    let act = || LineageEntity::action("act");
    let arn = || LineageEntity::arn("arn:aws:sagemaker:eu-west-1:123456789012:artifact/1");
    assert_eq!(mistakes(step(act(), arn())), [""; 0]);
    let place = "limit/value steps.S.Arguments.Associations[0].Destination.Name";
    assert_eq!(mistakes(step(act(), LineageEntity::artifact("act"))), [place]);
    assert_eq!(mistakes(step(arn(), LineageEntity::action("other"))), [place]);
    let kind = Lineage::new().action(action()).association(act(), "Made", act());
    assert_eq!(mistakes(kind), ["limit/value steps.S.Arguments.Associations[0].AssociationType"]);
}

/// Goes on after a failure.
#[derive(Pipeline)]
#[pipeline(name = "triggers")]
struct Triggers {}

impl Steps for Triggers {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        let call = || Lambda::new("arn:aws:lambda:eu-west-1:123456789012:function:f");
        let first = p.add("First", call());
        p.add("Succeeded", call().depends_on(&first));
        p.add("Failed", call().depends_on(&first).depends_on_failure_of(&first));
        p.add("Stopped", call().depends_on_stop_of(&first));
        p.add("Always", call().depends_on_end_of(&first, Trigger::Any));
        Ok(())
    }
}

#[test]
fn a_failure_can_be_waited_for() {
    let synthesis = testing::pipeline::<Triggers>().synthesis();
    let waits: Vec<&Value> = (1..=4).map(|step| &synthesis.definition["Steps"][step]["DependsOn"]).collect();
    assert_eq!(
        waits,
        [
            &json!(["First"]),
            &json!([{"Step": "First", "Trigger": "Failed"}]),
            &json!([{"Step": "First", "Trigger": "Stopped"}]),
            &json!([{"Step": "First", "Trigger": "Any"}]),
        ]
    );
    assert_eq!(synthesis.run().start().path(), ["First", "Succeeded", "Always"]);
    assert_eq!(synthesis.run().on("First").fails("broken").start().path(), ["First", "Failed", "Always"]);
}

/// A file of a pipeline's `code/`, or a folder where it is named as one is packed.
struct Uploaded(&'static str);

impl Script for Uploaded {
    fn asset(&self) -> CodeAsset {
        let text = CodeAsset::text(self.0, self.0);
        if self.0 != "sourcedir.tar.gz" {
            return text;
        }
        CodeAsset { source: AssetSource::Folder { path: "code/folder".into() }, ..text }
    }

    fn entry(&self) -> &str {
        self.0
    }

    fn arguments(&self) -> Vec<Expr<String>> {
        Vec::new()
    }
}

#[test]
fn what_spark_is_given_stands_after_the_own() {
    let program = Spark::python(Uploaded("job.py"))
        .file(Uploaded("a.txt"))
        .py_file_at("s3://b/zip.zip")
        .py_file(Uploaded("x.py"))
        .py_file(Uploaded("y.py"))
        .jar_at("s3://b/1.jar")
        .jar_at("s3://b/2.jar")
        .event_logs("s3://b/logs");
    let step = Processing::spark(program)
        .input("s3", "s3://b/in", "/opt/ml/processing/in")
        .with_input(pipewright::Input::s3("s3://b/other", "/opt/ml/processing/other"))
        .output_to("out", "/opt/ml/processing/out", "s3://b/out")
        .command(["my-submit"])
        .image(image::spark("3.3"))
        .instances(1, "ml.m5.xlarge");
    let arguments = &written(step)["Arguments"];
    let names = |list: &Value, key: &str| -> Vec<Value> {
        list.as_array().unwrap().iter().map(|item| item[key].clone()).collect()
    };
    assert_eq!(
        names(&arguments["ProcessingInputs"], "InputName"),
        ["s3", "input-2", "py-files", "files", "code"]
    );
    assert_eq!(names(&arguments["ProcessingOutputConfig"]["Outputs"], "OutputName"), ["out", "output-2"]);
    assert_eq!(
        arguments["AppSpecification"]["ContainerEntrypoint"],
        json!([
            "my-submit",
            "--py-files",
            "s3://b/zip.zip,/opt/ml/processing/input/py-files",
            "--jars",
            "s3://b/1.jar,s3://b/2.jar",
            "--files",
            "/opt/ml/processing/input/files",
            "--local-spark-event-logs-dir",
            "/opt/ml/processing/spark-events/",
            "/opt/ml/processing/input/code/job.py"
        ])
    );
}

#[test]
fn spark_runs_files_not_folders() {
    let step = |program| Processing::spark(program).image(image::spark("3.3")).instances(1, "ml.m5.xlarge");
    let folder = || Uploaded("sourcedir.tar.gz");
    for program in [Spark::python(folder()), Spark::python(Uploaded("job.py")).py_file(folder())] {
        assert_eq!(mistakes(step(program)).len(), 1);
    }
}

#[test]
fn a_rule_brings_what_it_needs() {
    let rule = || DebugRule::built_in("LossNotDecreasing").collection("losses", [("save_interval", 500)]);
    let losses = json!({"CollectionName": "losses", "CollectionParameters": {"save_interval": "500"}});
    let own = json!({"CollectionName": "own"});
    // Without a hook the tensors go where the model goes.
    let step = written(training().output_path("s3://b/model").debug_rule(rule()));
    let hook = &step["Arguments"]["DebugHookConfig"];
    assert_eq!(hook, &json!({"S3OutputPath": "s3://b/model", "CollectionConfigurations": [losses]}));
    // With one, whichever is said first.
    let with = || {
        let collection = CollectionConfiguration::new().collection_name("own");
        DebugHookConfig::new("s3://b/tensors").collection_configurations([collection])
    };
    for step in
        [training().debug_rule(rule()).debug_hook(with()), training().debug_hook(with()).debug_rule(rule())]
    {
        let hook = &written(step)["Arguments"]["DebugHookConfig"];
        assert_eq!(
            hook,
            &json!({"S3OutputPath": "s3://b/tensors", "CollectionConfigurations": [losses, own]})
        );
    }
}

#[test]
fn a_notebook_job_has_a_name() {
    let job = || NotebookJob::new(IMAGE, Uploaded("Sales report.ipynb"), "python3");
    let step = written(job());
    assert_eq!(step["Arguments"]["TrainingJobName"], "Sales-report-ipynb");
    assert_eq!(step["Arguments"]["Environment"]["SM_OUTPUT_NOTEBOOK_NAME"], "Sales-report-ipynb.ipynb");
    assert_eq!(written(job().job_name("monthly_sales"))["Arguments"]["TrainingJobName"], "monthly-sales");
    for refused in ["_sales", "1st", "a b", ""] {
        assert_eq!(
            mistakes(job().job_name(refused)),
            ["limit/value steps.S.Arguments.TrainingJobName"],
            "{refused}"
        );
    }
    // A file that is named twice is one file; a folder is packed, so that the notebook would not find it.
    assert_eq!(mistakes(job().dependency(Uploaded("x.py")).dependency(Uploaded("x.py"))), [""; 0]);
    assert_eq!(mistakes(job().dependency(Uploaded("sourcedir.tar.gz"))).len(), 1);
}
