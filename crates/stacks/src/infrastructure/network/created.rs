//! A VPC of the stack's own.

use pipewright_cloudformation::intrinsic::{availability_zones, select, sub};
use pipewright_cloudformation::{Handle, Resource as _, Value, ec2, iam, kinds, kms, logs, pseudo};
use pipewright_model::Deploy;
use serde_json::json;

use super::{Addresses, Placement, flow_log_group, security_group};
use crate::infrastructure::published::Published;
use crate::infrastructure::settings::NewNetwork;
use crate::infrastructure::{Stack, policy};

const ZONES: u32 = 3;

/// What a subnet reaches.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The internet, and is reached from there.
    Public,
    /// The internet through NAT gateways.
    Private,
    /// The network, and the endpoints in it.
    Isolated,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Public, Self::Private, Self::Isolated];

    const fn name(self) -> &'static str {
        match self {
            Self::Public => "Public",
            Self::Private => "Private",
            Self::Isolated => "Isolated",
        }
    }

    const fn parameter(self) -> &'static str {
        match self {
            Self::Public => "public-subnet-ids",
            Self::Private => "private-subnet-ids",
            Self::Isolated => "isolated-subnet-ids",
        }
    }
}

/// Subnets with the route table of each.
type Subnets = Vec<(Handle<ec2::Subnet>, Handle<ec2::RouteTable>)>;

pub(super) fn add(
    stack: &mut Stack<'_>,
    new: &NewNetwork,
    addresses: Addresses,
    key: Option<&Handle<kms::Key>>,
) -> Placement {
    let resource = ec2::Vpc::new()
        .cidr_block(new.cidr.as_str())
        .enable_dns_support(true)
        .enable_dns_hostnames(true)
        .tags(stack.named_tags("vpc"));
    let vpc = stack.template.add("Vpc", resource);
    let [public, private, isolated] = Kind::ALL.map(|kind| subnets(stack, new, addresses, &vpc, kind));
    routes(stack, new, &vpc, &public, &private);
    flow_logs(stack, new, &vpc, key);
    let group = security_group(stack, vpc.reference());
    let tables = [&public, &private, &isolated].into_iter().flatten().map(|(_, table)| table.reference());
    stack.template.add(
        "S3Endpoint",
        ec2::VpcEndpoint::new(&vpc)
            .service_name(sub(format!("com.amazonaws.{}.s3", stack.environment.text(&Deploy::Region, ""))))
            .vpc_endpoint_type(ec2::vpc_endpoint::VpcEndpointType::GATEWAY)
            .route_table_ids(tables.collect::<Vec<_>>())
            .tags(stack.named_tags("s3")),
    );
    endpoints(stack, new, &vpc, &private);
    let subnets: Vec<Value<String>> = private.iter().map(|(subnet, _)| subnet.reference().into()).collect();
    Placement { vpc: vpc.reference(), subnets: subnets.into(), security_groups: vec![group] }
}

fn subnets(
    stack: &mut Stack<'_>,
    new: &NewNetwork,
    addresses: Addresses,
    vpc: &Handle<ec2::Vpc>,
    kind: Kind,
) -> Subnets {
    let region: Value<String> = match &stack.environment.region {
        Some(region) => region.as_str().into(),
        None => pseudo::region(),
    };
    let subnets: Subnets = (0..ZONES)
        .map(|zone| {
            let id = format!("{}{}", kind.name(), zone + 1);
            let label = format!("{}-{}", kind.name().to_ascii_lowercase(), zone + 1);
            let resource = ec2::Subnet::new(vpc)
                .cidr_block(addresses.sixteenth(kind as u32 * ZONES + zone))
                .availability_zone(select(zone as usize, availability_zones(region.clone())))
                .map_public_ip_on_launch(kind == Kind::Public && new.public_addresses)
                .tags(stack.named_tags(&label));
            let subnet = stack.template.add(format!("{id}Subnet"), resource);
            let resource = ec2::RouteTable::new(vpc).tags(stack.named_tags(&label));
            let table = stack.template.add(format!("{id}Routes"), resource);
            stack
                .template
                .add(format!("{id}Association"), ec2::SubnetRouteTableAssociation::new(&table, &subnet));
            (subnet, table)
        })
        .collect();
    let ids: Vec<Value<String>> = subnets.iter().map(|(subnet, _)| subnet.reference().into()).collect();
    stack.published.insert(kind.parameter(), Published::list(ids));
    subnets
}

/// Ways out: from public subnets directly, from private ones through NAT gateways.
fn routes(
    stack: &mut Stack<'_>,
    new: &NewNetwork,
    vpc: &Handle<ec2::Vpc>,
    public: &Subnets,
    private: &Subnets,
) {
    let resource = ec2::InternetGateway::new().tags(stack.named_tags("internet"));
    let gateway = stack.template.add("InternetGateway", resource);
    let attachment = stack
        .template
        .add("InternetGatewayAttachment", ec2::VpcGatewayAttachment::new(vpc).internet_gateway_id(&gateway));
    let everywhere =
        |table: &Handle<ec2::RouteTable>| ec2::Route::new(table).destination_cidr_block("0.0.0.0/0");
    for (zone, (_, table)) in public.iter().enumerate() {
        stack.template.add(
            format!("Public{}Route", zone + 1),
            everywhere(table).gateway_id(gateway.reference()).depends_on(&attachment),
        );
    }
    let gateways: Vec<Handle<ec2::NatGateway>> = public
        .iter()
        .take(new.nat_gateways.into())
        .enumerate()
        .map(|(zone, (subnet, _))| {
            let label = format!("nat-{}", zone + 1);
            let resource = ec2::Eip::new()
                .domain(ec2::eip::Domain::VPC)
                .tags(stack.named_tags(&label))
                .depends_on(&attachment);
            let address = stack.template.add(format!("Nat{}Address", zone + 1), resource);
            let resource = ec2::NatGateway::new()
                .allocation_id(address.allocation_id())
                .subnet_id(subnet)
                .tags(stack.named_tags(&label));
            stack.template.add(format!("Nat{}", zone + 1), resource)
        })
        .collect();
    for (zone, ((_, table), nat)) in private.iter().zip(gateways.iter().cycle()).enumerate() {
        stack
            .template
            .add(format!("Private{}Route", zone + 1), everywhere(table).nat_gateway_id(nat.reference()));
    }
}

fn flow_logs(
    stack: &mut Stack<'_>,
    new: &NewNetwork,
    vpc: &Handle<ec2::Vpc>,
    key: Option<&Handle<kms::Key>>,
) {
    let (Some(days), Some(name)) = (new.flow_log_days, flow_log_group(stack)) else { return };
    let mut resource = logs::LogGroup::new()
        .log_group_name(name.as_str())
        .retention_in_days(i64::from(days))
        .tags(stack.tags());
    if let Some(key) = key {
        resource = resource.kms_key_id(key.arn());
    }
    let group = stack.template.add("FlowLogGroup", resource);
    let all_groups = stack.arn("logs", "log-group:*");
    let document = policy(&[
        json!({
            "Sid": "Write",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            "Resource": group.arn(),
        }),
        json!({
            "Sid": "Find",
            "Effect": "Allow",
            "Action": "logs:DescribeLogGroups",
            "Resource": sub(all_groups),
        }),
    ]);
    let role = stack
        .role("vpc-flow-logs.amazonaws.com", "Writes flow logs")
        .policies([iam::role::Policy::new(document, "flow-logs")]);
    let role = stack.template.add("FlowLogRole", role);
    stack.template.add(
        "FlowLog",
        ec2::FlowLog::new(vpc.reference(), ec2::flow_log::ResourceType::VPC)
            .traffic_type(ec2::flow_log::TrafficType::ALL)
            .log_group_name(&group)
            .deliver_logs_permission_arn(role.arn())
            .tags(stack.named_tags("flow-log")),
    );
}

/// Interface endpoints, one address in each zone.
fn endpoints(stack: &mut Stack<'_>, new: &NewNetwork, vpc: &Handle<ec2::Vpc>, private: &Subnets) {
    let mut wanted = new.endpoints.clone();
    wanted.sort_unstable();
    wanted.dedup();
    if wanted.is_empty() {
        return;
    }
    let https = ec2::security_group::Ingress::new("tcp")
        .cidr_ip(vpc.cidr_block())
        .from_port(443)
        .to_port(443)
        .description("HTTPS from the network");
    // Endpoints answer and never begin; the rule to nowhere takes the place of the one to everywhere.
    let nowhere = ec2::security_group::Egress::new("icmp")
        .cidr_ip("127.0.0.1/32")
        .from_port(-1)
        .to_port(-1)
        .description("Nothing");
    let resource = ec2::SecurityGroup::new("Endpoints of services")
        .vpc_id(vpc)
        .security_group_ingress([https])
        .security_group_egress([nowhere])
        .tags(stack.named_tags("endpoints"));
    let group: Value<kinds::SecurityGroupId> =
        stack.template.add("EndpointSecurityGroup", resource).group_id();
    let region = stack.text(&Deploy::Region);
    for endpoint in wanted {
        let subnets: Vec<_> = private.iter().map(|(subnet, _)| subnet.reference()).collect();
        let resource = ec2::VpcEndpoint::new(vpc)
            .service_name(sub(format!("com.amazonaws.{region}.{}", endpoint.service())))
            .vpc_endpoint_type(ec2::vpc_endpoint::VpcEndpointType::INTERFACE)
            .private_dns_enabled(true)
            .subnet_ids(subnets)
            .security_group_ids([Value::<String>::from(group.clone())])
            .tags(stack.named_tags(endpoint.service()));
        stack.template.add(endpoint.logical_id(), resource);
    }
}
