//! The tables of `pipewright.toml` that say what the pipelines stand on.

use pipewright_macros::Config;
use pipewright_model::Problem;
use pipewright_stacks::infrastructure::{
    Auth, Buckets, Domain, Endpoint, ExistingNetwork, InfrastructureSettings, Network, NewNetwork, Roles,
};

/// What `vpc` says where the stack makes a network.
const CREATE: &str = "create";

/// What `vpc` says where there is none.
const NONE: &str = "none";

/// The network of jobs and notebooks.
#[derive(Config)]
#[config(crate = "pipewright_config")]
pub(super) struct NetworkTable {
    /// `create`, the id of a VPC that is there, or `none`.
    #[config(default = "create", pattern = "^(create|none|vpc-[0-9a-f]{8,17})$")]
    vpc: String,
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
    /// The subnets of a VPC that is there.
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

/// The source bucket, the data bucket, and that of their access logs.
#[derive(Config)]
#[config(crate = "pipewright_config")]
pub(super) struct BucketsTable {
    /// Whether they are made; where not, they are there already.
    #[config(default = true)]
    create: bool,
    /// Whether a key of their own encrypts them, instead of S3's.
    #[config(default = false)]
    kms: bool,
    /// How many days old versions are kept.
    #[config(default = 90, ge = 1, le = 36500)]
    noncurrent_days: u32,
    /// How many days access logs are kept; 0 makes none.
    #[config(default = 365, le = 36500)]
    access_log_days: u32,
    /// After how many days data is deleted; 0 keeps it.
    #[config(default = 0, le = 36500)]
    data_days: u32,
    /// Whether they stay when the stack is deleted.
    #[config(default = true)]
    retain: bool,
}

/// The SageMaker domain.
#[derive(Config)]
#[config(crate = "pipewright_config")]
pub(super) struct DomainTable {
    /// Whether it is made; without a network there is none in any case.
    #[config(default = true)]
    create: bool,
    /// How users sign in.
    #[config(default = "iam")]
    auth: SignIn,
    /// Whether notebooks reach the internet past the VPC.
    #[config(default = false)]
    public_internet: bool,
    /// Whether a key of its own encrypts home directories.
    #[config(default = true)]
    kms: bool,
    /// The users: names of profiles, or of people in IAM Identity Center.
    #[config(default)]
    users: Vec<String>,
}

/// How users sign in.
#[derive(Clone, Copy, Config)]
#[config(crate = "pipewright_config")]
enum SignIn {
    /// IAM.
    Iam,
    /// IAM Identity Center.
    Sso,
}

/// What all roles have in common.
#[derive(Config)]
#[config(crate = "pipewright_config")]
pub(super) struct RolesTable {
    /// The path, `/` at both ends.
    #[config(pattern = "^/([!-.0-~]+/)*$", max_length = 512)]
    path: Option<String>,
    /// The ARN of a managed policy that no role goes beyond.
    #[config(pattern = "^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/[!-~]{1,512}$")]
    permissions_boundary: Option<String>,
}

/// The tables together.
pub(super) struct Tables {
    pub(super) network: NetworkTable,
    pub(super) buckets: BucketsTable,
    pub(super) domain: DomainTable,
    pub(super) roles: RolesTable,
}

impl Tables {
    /// The settings without their tags.
    ///
    /// # Errors
    /// Keys that mean nothing beside what `vpc` says.
    pub(super) fn settings(self) -> Result<InfrastructureSettings, Vec<Problem>> {
        let Self { network, buckets, domain, roles } = self;
        let network = network.settings()?;
        let domain = (domain.create && network != Network::None).then(|| domain.settings());
        let RolesTable { path, permissions_boundary: boundary } = roles;
        Ok(InfrastructureSettings {
            network,
            buckets: buckets.settings(),
            domain,
            roles: Roles { path: path.filter(|path| path != "/"), boundary },
            ..InfrastructureSettings::default()
        })
    }
}

impl NetworkTable {
    fn settings(self) -> Result<Network, Vec<Problem>> {
        let Self {
            vpc,
            cidr,
            nat_gateways,
            public_addresses,
            flow_log_days,
            endpoints,
            subnet_ids,
            security_group_ids,
        } = self;
        if vpc != CREATE && vpc != NONE {
            return Ok(Network::Existing(ExistingNetwork { vpc_id: vpc, subnet_ids, security_group_ids }));
        }
        let stray = [("subnet_ids", &subnet_ids), ("security_group_ids", &security_group_ids)];
        let problems: Vec<Problem> = stray
            .iter()
            .filter(|(_, ids)| !ids.is_empty())
            .map(|(key, _)| {
                let message = format!("`network.{key}` belongs to a VPC that is there already");
                Problem::error("settings/network", format!("network.{key}"), message)
                    .help("set network.vpc to its id, or leave this out")
            })
            .collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        if vpc == NONE {
            return Ok(Network::None);
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

impl BucketsTable {
    fn settings(self) -> Buckets {
        let Self { create, kms, noncurrent_days, access_log_days, data_days, retain } = self;
        Buckets {
            create,
            kms,
            noncurrent_days,
            access_log_days: (access_log_days > 0).then_some(access_log_days),
            data_days: (data_days > 0).then_some(data_days),
            retain,
        }
    }
}

impl DomainTable {
    fn settings(self) -> Domain {
        let Self { create: _, auth, public_internet, kms, users } = self;
        let auth = match auth {
            SignIn::Iam => Auth::Iam,
            SignIn::Sso => Auth::Sso,
        };
        Domain { auth, public_internet, kms, users }
    }
}
