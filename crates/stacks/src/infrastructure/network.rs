//! The network: a VPC with three zones, or one that is there already.

mod created;

use std::net::Ipv4Addr;

use pipewright_cloudformation::{Handle, kms};
use pipewright_cloudformation::{List, Value, ec2, kinds};
use pipewright_model::Problem;

use super::published::Published;
use super::settings::{ExistingNetwork, NewNetwork};
use super::{Network, Stack};

/// How many days a log group may keep events.
const RETENTION: [u16; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// Where jobs and the domain run.
pub(super) struct Placement {
    pub(super) vpc: Value<kinds::VpcId>,
    pub(super) subnets: Value<List<String>>,
    pub(super) security_groups: Vec<Value<kinds::SecurityGroupId>>,
}

/// What is wrong with the settings.
pub(super) fn problems(network: &Network) -> Vec<Problem> {
    match network {
        Network::Create(new) => problems_of_new(new),
        Network::Existing(existing) => problems_of_existing(existing),
        Network::None => Vec::new(),
    }
}

fn problems_of_new(new: &NewNetwork) -> Vec<Problem> {
    let mut problems = Vec::new();
    if Addresses::parse(&new.cidr).is_none() {
        problems.push(
            Problem::error("network/cidr", "network.cidr", "these are no addresses for a VPC")
                .value(new.cidr.as_str())
                .limit("four numbers and a mask between /16 and /24, such as 10.0.0.0/16"),
        );
    }
    if new.nat_gateways > 3 {
        problems.push(
            Problem::error("network/nat", "network.nat_gateways", "there are three zones")
                .value(new.nat_gateways.to_string())
                .limit("0 to 3"),
        );
    }
    if let Some(days) = new.flow_log_days
        && !RETENTION.contains(&days)
    {
        let choices: Vec<String> = RETENTION.iter().map(ToString::to_string).collect();
        problems.push(
            Problem::error(
                "network/flow-logs",
                "network.flow_log_days",
                "CloudWatch does not know that many days",
            )
            .value(days.to_string())
            .limit(choices.join(", ")),
        );
    }
    problems
}

fn problems_of_existing(existing: &ExistingNetwork) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut count = |path: &str, what: &str, found: usize, least: usize, most: usize| {
        if !(least..=most).contains(&found) {
            problems.push(
                Problem::error("network/existing", path, format!("a VPC that is there already needs {what}"))
                    .value(found.to_string())
                    .limit(format!("{least} to {most}")),
            );
        }
    };
    count("network.subnet_ids", "its subnets", existing.subnet_ids.len(), 1, 16);
    count("network.security_group_ids", "few security groups", existing.security_group_ids.len(), 0, 3);
    problems
}

/// The addresses of a VPC: well formed, and within AWS's limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Addresses {
    first: u32,
    mask: u8,
}

impl Addresses {
    fn parse(cidr: &str) -> Option<Self> {
        let (address, mask) = cidr.split_once('/')?;
        let address: Ipv4Addr = address.parse().ok()?;
        let mask: u8 = mask.parse().ok().filter(|mask| (16..=24).contains(mask))?;
        let first = u32::from(address);
        (first & (u32::MAX >> mask) == 0).then_some(Self { first, mask })
    }

    /// One of sixteen equal parts. Nine are used: the others are left for what comes later.
    fn sixteenth(self, index: u32) -> String {
        let Self { first, mask } = self;
        let first = first | ((index & 15) << (28 - mask));
        format!("{}/{}", Ipv4Addr::from(first), mask + 4)
    }
}

/// The name of the log group of the flow logs, where there are any.
pub(super) fn flow_log_group(stack: &Stack<'_>) -> Option<String> {
    match &stack.settings.network {
        Network::Create(NewNetwork { flow_log_days: Some(_), .. }) => {
            Some(format!("/{}/flow-logs", stack.environment.prefix))
        }
        _ => None,
    }
}

/// Adds the network.
pub(super) fn add(stack: &mut Stack<'_>, key: Option<&Handle<kms::Key>>) -> Option<Placement> {
    let settings = stack.settings;
    let placement = match &settings.network {
        Network::None => return None,
        Network::Existing(existing) => {
            let vpc: Value<kinds::VpcId> = existing.vpc_id.as_str().into();
            let subnets: Vec<Value<String>> =
                existing.subnet_ids.iter().map(|id| id.as_str().into()).collect();
            let mut security_groups: Vec<Value<kinds::SecurityGroupId>> =
                existing.security_group_ids.iter().map(|id| id.as_str().into()).collect();
            if security_groups.is_empty() {
                security_groups.push(security_group(stack, vpc.clone()));
            }
            stack.published.insert("subnet-ids", Published::list(subnets.clone()));
            Placement { vpc, subnets: subnets.into(), security_groups }
        }
        Network::Create(new) => created::add(stack, new, Addresses::parse(&new.cidr)?, key),
    };
    stack.published.insert("vpc-id", Published::text(placement.vpc.clone()));
    let groups: Vec<Value<String>> = placement.security_groups.iter().map(|id| id.clone().into()).collect();
    stack.published.insert("security-group-ids", Published::list(groups));
    Some(placement)
}

/// The group of jobs and notebooks: they reach each other, and the world by HTTPS alone.
fn security_group(stack: &mut Stack<'_>, vpc: Value<kinds::VpcId>) -> Value<kinds::SecurityGroupId> {
    let https = ec2::security_group::Egress::new("tcp")
        .cidr_ip("0.0.0.0/0")
        .from_port(443)
        .to_port(443)
        .description("HTTPS");
    let resource = ec2::SecurityGroup::new("Jobs and notebooks")
        .vpc_id(vpc)
        .security_group_egress([https])
        .tags(stack.named_tags("jobs"));
    let group = stack.template.add("SecurityGroup", resource);
    // Rules of their own: a group can't name itself.
    stack.template.add(
        "SecurityGroupInside",
        ec2::SecurityGroupIngress::new("-1")
            .group_id(group.group_id())
            .source_security_group_id(group.group_id())
            .description("Each other"),
    );
    stack.template.add(
        "SecurityGroupInsideOut",
        ec2::SecurityGroupEgress::new(group.group_id(), "-1")
            .destination_security_group_id(group.group_id())
            .description("Each other"),
    );
    group.group_id()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (cidr, expected) in [
            ("10.0.0.0/16", Some(["10.0.0.0/20", "10.0.128.0/20", "10.0.240.0/20"])),
            ("192.168.4.0/24", Some(["192.168.4.0/28", "192.168.4.128/28", "192.168.4.240/28"])),
            ("172.16.64.0/18", Some(["172.16.64.0/22", "172.16.96.0/22", "172.16.124.0/22"])),
            ("10.0.0.0/15", None),
            ("10.0.0.0/25", None),
            ("10.0.1.0/16", None),
            ("10.0.0/16", None),
            ("10.0.0.0", None),
            ("10.0.0.0/x", None),
            ("", None),
        ] {
            let found = Addresses::parse(cidr).map(|a| [0, 8, 15].map(|index| a.sixteenth(index)));
            assert_eq!(found, expected.map(|texts| texts.map(str::to_owned)), "{cidr}");
        }
    }
}
