//! Steps on a cluster that is there, and on clusters of their own.

use pipewright::prelude::*;

#[derive(Pipeline)]
#[pipeline(name = "emr")]
pub(crate) struct EmrSteps {}

impl Steps for EmrSteps {
    fn steps(&self, p: &mut Graph) -> Result<()> {
        let submit = HadoopJarStep::new("command-runner.jar")
            .arguments([Text::from("spark-submit"), join!("s3://", Deploy::SourceBucket, "/j.py").into()])
            .main_class("Main")
            .property("k", "v");
        let there = p.add(
            "E1",
            Emr::on_cluster("j-ABC", submit)
                .execution_role("arn:aws:iam::123456789012:role/dsm-sm-execution-role")
                .retry(Retry::attempts(2).on(StepException::Throttling))
                .cache(Cache::days(1))
                .display_name("dn")
                .description("d"),
        );
        let jar = || HadoopJarStep::new("s3://x/a.jar");
        let groups = [node!({ "InstanceRole": "MASTER", "InstanceCount": 1, "InstanceType": "m5.xlarge" })];
        let cluster = EmrCluster::instance_groups("emr-6.15.0", groups)
            .set("Applications", node!([{ "Name": "Spark" }]))
            .set("JobFlowRole", "EMR_EC2")
            .set("ServiceRole", "EMR");
        p.add("E2", Emr::new_cluster(cluster, jar()).depends_on(&there));
        let fleets = [node!({
            "InstanceFleetType": "MASTER",
            "TargetOnDemandCapacity": 1,
            "InstanceTypeConfigs": [{ "InstanceType": "m5.xlarge" }]
        })];
        p.add("E3", Emr::new_cluster(EmrCluster::instance_fleets("emr-6.15.0", fleets), jar()));
        Ok(())
    }
}
