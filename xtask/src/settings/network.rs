//! The table `[network]`: a network that is made, one that is there, or none.

use std::collections::BTreeMap;

use pipewright_cli::{FoundSubnet, FoundVpc, VpcQuery};
use pipewright_macros::Config;
use pipewright_model::Problem;
use pipewright_stacks::infrastructure::{Endpoint, ExistingNetwork, Network, NewNetwork};

use crate::context::{self, Context};

/// What `vpc` says where the stack makes a network.
const CREATE: &str = "create";

/// What `vpc` says where there is none.
const NONE: &str = "none";

/// The tag that is a VPC's name.
const NAME: &str = "Name";

/// How many subnets a job can be given.
const SUBNETS: usize = 16;

/// The network of jobs and notebooks.
#[derive(Config)]
#[config(crate = "pipewright_config")]
pub(super) struct NetworkTable {
    /// `create`, the id of a VPC that is there, or `none`; `create` where neither this nor `vpc_name` nor `vpc_tags` is given.
    #[config(pattern = "^(create|none|vpc-[0-9a-f]{8,17})$")]
    vpc: Option<String>,
    /// The name of a VPC that is there, its tag `Name`. `cargo xtask lookup` asks for its id.
    #[config(min_length = 1, max_length = 256)]
    vpc_name: Option<String>,
    /// Tags of a VPC that is there; it has all of them.
    #[config(default, max_length = 50)]
    vpc_tags: BTreeMap<String, String>,
    /// Which subnets of a VPC that is looked up jobs and the domain are in.
    #[config(default = "private")]
    subnets: SubnetsKey,
    /// Tags of those subnets of a VPC that is looked up that count; all of them where none is given.
    #[config(default, max_length = 50)]
    subnet_tags: BTreeMap<String, String>,
    /// The addresses of a VPC that is made: a mask between /16 and /24.
    #[config(default = "10.0.0.0/16", max_length = 18)]
    cidr: String,
    /// NAT gateways of a VPC that is made: with none, private subnets have no way out; three are one a zone.
    #[config(default = 1, le = 3)]
    nat_gateways: u8,
    /// Whether what starts in a public subnet gets a public address.
    #[config(default = false)]
    public_addresses: bool,
    /// How many days flow logs are kept; 0 makes none.
    #[config(default = 90, le = 3653)]
    flow_log_days: u16,
    /// Services that are reached inside of the network, beside S3; all of them unless said otherwise.
    endpoints: Option<Vec<Service>>,
    /// The subnets of a VPC that is given by its id.
    #[config(default, max_length = 16)]
    subnet_ids: Vec<String>,
    /// The security groups of a VPC that is there; one is made where none is given.
    #[config(default, max_length = 3)]
    security_group_ids: Vec<String>,
}

/// A service with an interface endpoint.
#[derive(Clone, Copy, Config)]
#[config(crate = "pipewright_config")]
enum Service {
    SagemakerApi,
    SagemakerRuntime,
    EcrApi,
    EcrDkr,
    Logs,
    Sts,
}

/// Subnets by what they reach.
#[derive(Clone, Copy, Config)]
#[config(crate = "pipewright_config")]
enum SubnetsKey {
    /// The internet through a NAT gateway or a transit gateway.
    Private,
    /// Neither.
    Isolated,
    /// The internet directly.
    Public,
}

impl SubnetsKey {
    const ALL: [Self; 3] = [Self::Private, Self::Isolated, Self::Public];

    const fn name(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Isolated => "isolated",
            Self::Public => "public",
        }
    }

    fn of(self, vpc: &FoundVpc) -> &[FoundSubnet] {
        match self {
            Self::Private => &vpc.private,
            Self::Isolated => &vpc.isolated,
            Self::Public => &vpc.public,
        }
    }
}

/// Where an environment is.
pub(super) struct Place<'p> {
    pub(super) environment: &'p str,
    pub(super) account: Option<&'p str>,
    pub(super) region: Option<&'p str>,
}

/// Which network it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    Made,
    ById,
    LookedUp,
    None,
}

impl NetworkTable {
    fn which(&self) -> Which {
        match self.vpc.as_deref() {
            None if self.vpc_name.is_some() || !self.vpc_tags.is_empty() => Which::LookedUp,
            None | Some(CREATE) => Which::Made,
            Some(NONE) => Which::None,
            Some(_) => Which::ById,
        }
    }

    /// What is to be looked up, where anything is.
    ///
    /// # Errors
    /// Keys that contradict each other, and an environment of which nobody knows where it is.
    pub(super) fn query(&self, place: &Place<'_>) -> Result<Option<VpcQuery>, Vec<Problem>> {
        let mut problems = self.strays();
        if self.which() != Which::LookedUp {
            return if problems.is_empty() { Ok(None) } else { Err(problems) };
        }
        let mut tags = self.vpc_tags.clone();
        if let Some(name) = &self.vpc_name
            && let Some(other) = tags.insert(NAME.to_owned(), name.clone())
            && other != *name
        {
            problems.push(
                wrong("vpc_tags", "`network.vpc_name` and the tag `Name` name two VPCs".to_owned())
                    .value(other)
                    .help("leave one of them out"),
            );
        }
        let (Some(account), Some(region)) = (place.account, place.region) else {
            let message =
                "a VPC is looked up by name or tag in one account and region, and the environment does not \
                           say which"
                    .to_owned();
            problems.push(
                wrong(if self.vpc_name.is_some() { "vpc_name" } else { "vpc_tags" }, message).help(format!(
                    "give environment {:?} account and region, or set network.vpc to an id",
                    place.environment
                )),
            );
            return Err(problems);
        };
        if !problems.is_empty() {
            return Err(problems);
        }
        let subnet_tags = self.subnet_tags.clone();
        Ok(Some(VpcQuery { account: account.to_owned(), region: region.to_owned(), tags, subnet_tags }))
    }

    /// Keys that mean nothing beside what says which network it is.
    fn strays(&self) -> Vec<Problem> {
        let which = self.which();
        let keys = [
            ("vpc_name", self.vpc_name.is_some(), &[Which::LookedUp][..], "a VPC that is looked up"),
            ("vpc_tags", !self.vpc_tags.is_empty(), &[Which::LookedUp], "a VPC that is looked up"),
            ("subnet_tags", !self.subnet_tags.is_empty(), &[Which::LookedUp], "a VPC that is looked up"),
            ("subnet_ids", !self.subnet_ids.is_empty(), &[Which::ById], "a VPC that is given by its id"),
            (
                "security_group_ids",
                !self.security_group_ids.is_empty(),
                &[Which::ById, Which::LookedUp],
                "a VPC that is there already",
            ),
        ];
        let help = match which {
            Which::LookedUp => "set network.vpc to an id instead of a name or tags, or leave this out",
            _ => "set network.vpc to an id, or network.vpc_name in its place, or leave this out",
        };
        keys.iter()
            .filter(|(_, is_set, meant, _)| *is_set && !meant.contains(&which))
            .map(|(key, .., what)| wrong(key, format!("`network.{key}` belongs to {what}")).help(help))
            .collect()
    }

    /// The network.
    ///
    /// # Errors
    /// Those of [`Self::query`], a VPC that was not looked up yet, and one without the subnets that are asked for.
    pub(super) fn settings(self, place: &Place<'_>, context: &Context) -> Result<Network, Vec<Problem>> {
        if let Some(query) = self.query(place)? {
            return self.looked_up(&query, place, context);
        }
        let which = self.which();
        let Self {
            vpc,
            cidr,
            nat_gateways,
            public_addresses,
            flow_log_days,
            endpoints,
            subnet_ids,
            security_group_ids,
            ..
        } = self;
        if which == Which::None {
            return Ok(Network::None);
        }
        if which == Which::ById {
            let vpc_id = vpc.unwrap_or_default();
            return Ok(Network::Existing(ExistingNetwork { vpc_id, subnet_ids, security_group_ids }));
        }
        let endpoints = endpoints.map(|services| services.into_iter().map(Endpoint::from).collect());
        Ok(Network::Create(NewNetwork {
            cidr,
            nat_gateways,
            public_addresses,
            flow_log_days: (flow_log_days > 0).then_some(flow_log_days),
            endpoints: endpoints.unwrap_or_else(|| Endpoint::ALL.to_vec()),
        }))
    }

    fn looked_up(
        self,
        query: &VpcQuery,
        place: &Place<'_>,
        context: &Context,
    ) -> Result<Network, Vec<Problem>> {
        let Some(found) = context.vpc(query) else {
            let key = if self.vpc_name.is_some() { "network.vpc_name" } else { "network.vpc_tags" };
            let message = format!("{} has no entry for {}", context::FILE, context::described(query));
            let help = format!("run `cargo xtask lookup --env {}`", place.environment);
            return Err(vec![Problem::error("context/missing", key, message).help(help)]);
        };
        let subnets = self.subnets.of(found);
        if !(1..=SUBNETS).contains(&subnets.len()) {
            let counts = SubnetsKey::ALL.map(|kind| format!("{} {}", kind.of(found).len(), kind.name()));
            let message = format!("jobs can't be in the {} subnets of {}", self.subnets.name(), found.vpc_id);
            let problem = Problem::error("settings/network", "network.subnets", message)
                .value(format!("{} subnets", counts.join(", ")))
                .limit(format!("1 to {SUBNETS}"))
                .help("set network.subnets to one of these, or pick some by network.subnet_tags");
            return Err(vec![problem]);
        }
        Ok(Network::Existing(ExistingNetwork {
            vpc_id: found.vpc_id.clone(),
            subnet_ids: subnets.iter().map(|subnet| subnet.id.clone()).collect(),
            security_group_ids: self.security_group_ids,
        }))
    }
}

fn wrong(key: &str, message: String) -> Problem {
    Problem::error("settings/network", format!("network.{key}"), message)
}

impl From<Service> for Endpoint {
    fn from(service: Service) -> Self {
        match service {
            Service::SagemakerApi => Self::SagemakerApi,
            Service::SagemakerRuntime => Self::SagemakerRuntime,
            Service::EcrApi => Self::EcrApi,
            Service::EcrDkr => Self::EcrDkr,
            Service::Logs => Self::Logs,
            Service::Sts => Self::Sts,
        }
    }
}
