//! What else a text may name: images, keys, roles, functions, queues.

use super::Collector;
use super::known::Known;
use crate::deploy::Deploy;
use crate::node::Node;

impl Collector<'_> {
    /// An image of the account's own registry, or of another's.
    pub(super) fn image(&mut self, known: &Known) {
        let Some((account, after)) = known.text.split_once(".dkr.ecr.") else { return };
        let account = account.rsplit('/').next().unwrap_or(account);
        let Some((host, rest)) = after.split_once('/') else { return };
        let Some((region, _)) = host.split_once('.') else { return };
        let end = rest.find([':', '@']);
        let repository = &rest[..end.unwrap_or(rest.len())];
        let more = if known.complete || end.is_some() { "" } else { "*" };
        let partition = self.environment.text(&Deploy::Partition, self.pipeline);
        let arn = format!("arn:{partition}:ecr:{region}:{account}:repository/{repository}{more}");
        let actions = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
        self.allow("Images", &actions, [arn]);
        self.allow("ImageRegistries", &["ecr:GetAuthorizationToken"], ["*"]);
    }

    /// A key, by its ARN, its id or an alias.
    pub(super) fn key(&mut self, known: &Known) {
        if !known.complete {
            return;
        }
        let text = known.text.as_str();
        let alias = match text.split_once(":alias/") {
            Some((_, name)) if text.starts_with("arn:") => Some(format!("alias/{name}")),
            _ => text.starts_with("alias/").then(|| text.to_owned()),
        };
        let is_id = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let resource = if alias.is_some() {
            self.arn("kms", "key/*")
        } else if text.starts_with("arn:") {
            text.to_owned()
        } else if is_id {
            self.arn("kms", &format!("key/{text}"))
        } else {
            return;
        };
        let uses = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"];
        // An alias is not known to policies as a resource, but what a key is called is a condition.
        let suffix = if alias.is_some() { "ByAlias" } else { "" };
        for (sid, actions) in [("Keys", &uses[..]), ("KeyGrants", &["kms:CreateGrant"])] {
            let statement = self.allow(&format!("{sid}{suffix}"), actions, [resource.clone()]);
            if let Some(alias) = &alias {
                statement.only_where("ForAnyValue:StringEquals", "kms:ResourceAliases", alias.as_str());
            }
            if sid == "KeyGrants" {
                // A volume is attached by EC2, on behalf of the job.
                statement.only_where("Bool", "kms:GrantIsForAWSResource", "true");
            }
        }
    }

    /// A role that is handed to a job.
    pub(super) fn role(&mut self, known: &Known) {
        if known.complete && known.text.starts_with("arn:") {
            let statement = self.allow("PassRole", &["iam:PassRole"], [known.text.as_str()]);
            statement.only_where("StringEquals", "iam:PassedToService", "sagemaker.amazonaws.com");
        }
    }

    /// A function, by its ARN.
    pub(super) fn function(&mut self, known: &Known) {
        if known.text.starts_with("arn:")
            && known.text.contains(":lambda:")
            && known.text.contains(":function:")
        {
            let more = if known.complete { "" } else { "*" };
            self.allow("Functions", &["lambda:InvokeFunction"], [format!("{}{more}", known.text)]);
        }
    }

    /// A queue, by its URL: `https://sqs.REGION.SUFFIX/ACCOUNT/NAME`.
    pub(super) fn queue(&mut self, known: &Known) {
        let parts = known.text.strip_prefix("https://sqs.").filter(|_| known.complete);
        let Some((host, path)) = parts.and_then(|parts| parts.split_once('/')) else { return };
        let (Some((region, _)), Some((account, name))) = (host.split_once('.'), path.split_once('/')) else {
            return;
        };
        let partition = self.environment.text(&Deploy::Partition, self.pipeline);
        self.allow(
            "Queues",
            &["sqs:SendMessage"],
            [format!("arn:{partition}:sqs:{region}:{account}:{name}")],
        );
    }

    /// Interfaces in a network, for a `VpcConfig`.
    pub(super) fn network(&mut self, config: &Node) {
        let interfaces = self.arn("ec2", "network-interface/*");
        let mut resources = vec![interfaces.clone()];
        for (member, kind) in [("Subnets", "subnet"), ("SecurityGroupIds", "security-group")] {
            let items = config.at(&[member]).and_then(Node::as_list);
            let ids = items.map_or_else(
                || vec![Known::default()],
                |items| items.iter().flat_map(|item| self.readings(item)).collect(),
            );
            for id in ids {
                let more = if id.complete { "" } else { "*" };
                resources.push(self.arn("ec2", &format!("{kind}/{}{more}", id.text)));
            }
        }
        self.allow("NetworkInterfaces", &["ec2:CreateNetworkInterface"], resources);
        let actions = [
            "ec2:CreateNetworkInterfacePermission",
            "ec2:DeleteNetworkInterface",
            "ec2:DeleteNetworkInterfacePermission",
        ];
        self.allow("NetworkInterfacePermissions", &actions, [interfaces]);
        let actions = [
            "ec2:DescribeDhcpOptions",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
        ];
        self.allow("Networks", &actions, ["*"]);
    }
}
