//! What steps on EMR and EMR Serverless take.

use super::Collector;
use super::known::Known;
use crate::deploy::Deploy;
use crate::node::{Node, Object};

impl Collector<'_> {
    /// A cluster that is there, or any, where one is made.
    pub(super) fn emr(&mut self, arguments: &Object) {
        let mut actions = vec![
            "elasticmapreduce:AddJobFlowSteps",
            "elasticmapreduce:CancelSteps",
            "elasticmapreduce:DescribeCluster",
            "elasticmapreduce:DescribeStep",
            "elasticmapreduce:ListSteps",
        ];
        let clusters = match arguments.get("ClusterConfig") {
            Some(config) => {
                actions.extend(["elasticmapreduce:RunJobFlow", "elasticmapreduce:TerminateJobFlows"]);
                if config.at(&["Tags"]).is_some() {
                    actions.push("elasticmapreduce:AddTags");
                }
                let services = [
                    ("AutoScalingRole", "elasticmapreduce.amazonaws.com"),
                    ("JobFlowRole", "ec2.amazonaws.com"),
                    ("ServiceRole", "elasticmapreduce.amazonaws.com"),
                ];
                for (member, service) in services {
                    self.passed(config.at(&[member]), service);
                }
                vec!["cluster/*".to_owned()]
            }
            None => self.below("cluster/", arguments.get("ClusterId")),
        };
        self.passed(arguments.get("ExecutionRoleArn"), "elasticmapreduce.amazonaws.com");
        let sid = if arguments.get("ClusterConfig").is_some() { "NewEmrClusters" } else { "EmrClusters" };
        let clusters: Vec<String> =
            clusters.iter().map(|cluster| self.arn("elasticmapreduce", cluster)).collect();
        self.allow(sid, &actions, clusters);
        self.status_rules();
    }

    /// An application that is there, or any, where one is made.
    pub(super) fn emr_serverless(&mut self, arguments: &Object) {
        let mut actions = vec![
            "emr-serverless:CancelJobRun",
            "emr-serverless:GetApplication",
            "emr-serverless:GetJobRun",
            "emr-serverless:StartApplication",
            "emr-serverless:StartJobRun",
            "emr-serverless:TagResource",
        ];
        let is_new = arguments.get("ApplicationConfig").is_some();
        let applications = if is_new {
            actions.extend([
                "emr-serverless:CreateApplication",
                "emr-serverless:DeleteApplication",
                "emr-serverless:StopApplication",
            ]);
            vec!["/*".to_owned()]
        } else {
            let ids = self.below("/applications/", arguments.get("ApplicationId"));
            ids.into_iter().flat_map(|id| [format!("{id}/jobruns/*"), id]).collect()
        };
        let resources: Vec<String> =
            applications.iter().map(|application| self.arn("emr-serverless", application)).collect();
        self.allow(if is_new { "NewEmrApplications" } else { "EmrApplications" }, &actions, resources);
        self.passed(arguments.get("ExecutionRoleArn"), "emr-serverless.amazonaws.com");
        self.status_rules();
    }

    /// A pipeline hears of a step on EMR by rules of `EventBridge` that it makes itself. Their names differ from page to page of
    /// the documentation in all but their beginning.
    fn status_rules(&mut self) {
        let rules = self.arn("events", "rule/SageMakerPipelineExecutionEMR*");
        self.allow(
            "EmrStatusRules",
            &["events:DescribeRule", "events:PutRule", "events:PutTargets"],
            [rules],
        );
    }

    /// Resources by their id, as far as it is known.
    fn below(&self, prefix: &str, id: Option<&Node>) -> Vec<String> {
        let unknown = || vec![Known::default()];
        let ids = id.map_or_else(unknown, |id| self.readings(id));
        let ids = if ids.is_empty() { unknown() } else { ids };
        ids.iter().map(|id| format!("{prefix}{}{}", id.text, if id.complete { "" } else { "*" })).collect()
    }

    /// A role, by its ARN or its name, that is handed to a service.
    fn passed(&mut self, role: Option<&Node>, service: &str) {
        let partition = self.environment.text(&Deploy::Partition, self.pipeline);
        let account = self.environment.text(&Deploy::Account, self.pipeline);
        let roles = role.map(|role| self.readings(role)).unwrap_or_default();
        let arns: Vec<String> = roles
            .into_iter()
            .filter(|role| role.complete && !role.text.is_empty())
            .map(|role| {
                if role.text.starts_with("arn:") {
                    role.text
                } else {
                    format!("arn:{partition}:iam::{account}:role/{}", role.text)
                }
            })
            .collect();
        if !arns.is_empty() {
            let statement = self.allow("PassRoleToEmr", &["iam:PassRole"], arns);
            statement.only_where("StringEquals", "iam:PassedToService", service);
        }
    }
}
