//! What the infrastructure may be told, and what holds when it is told nothing.

use std::collections::BTreeMap;

/// What the infrastructure stack holds. [`Default`] is a network of its own, three private buckets, and a
/// domain that can be reached from inside of the network alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InfrastructureSettings {
    /// The network that jobs and notebooks run in.
    pub network: Network,
    /// The buckets.
    pub buckets: Buckets,
    /// The SageMaker domain; `None` leaves it out.
    pub domain: Option<Domain>,
    /// Whether the data bucket tells `EventBridge` what is written to it: some pipeline is started by that.
    pub data_events: bool,
    /// Path and permissions boundary of every role.
    pub roles: Roles,
    /// Tags of every resource. `Name` is set for each resource and is not taken from here.
    pub tags: BTreeMap<String, String>,
}

impl InfrastructureSettings {
    /// Whether there is nothing to make, and so no stack.
    pub fn is_empty(&self) -> bool {
        matches!(self.network, Network::None) && !self.buckets.create && self.domain.is_none()
    }

    /// Whether the buckets are encrypted with the stack's own key.
    pub fn buckets_have_key(&self) -> bool {
        self.buckets.create && self.buckets.kms
    }

    /// The default with a domain.
    pub fn with_domain() -> Self {
        Self { domain: Some(Domain::default()), ..Self::default() }
    }
}

/// Where the network comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Network {
    /// The stack makes a VPC with three zones.
    Create(NewNetwork),
    /// One that is there already.
    Existing(ExistingNetwork),
    /// None; jobs run in SageMaker's own, and there can be no domain.
    None,
}

impl Default for Network {
    fn default() -> Self {
        Self::Create(NewNetwork::default())
    }
}

/// A VPC with a public, a private and an isolated subnet in each of three zones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNetwork {
    /// Its addresses, such as `10.0.0.0/16`; between /16 and /24. Each subnet gets a sixteenth.
    pub cidr: String,
    /// How many NAT gateways: 0 (private subnets have no way out) to 3 (one a zone).
    pub nat_gateways: u8,
    /// Whether what starts in a public subnet gets a public address.
    pub public_addresses: bool,
    /// How many days flow logs are kept: one of the choices that log groups have; `None` makes no flow logs.
    pub flow_log_days: Option<u16>,
    /// Services that are reached without leaving the network, beside S3.
    pub endpoints: Vec<Endpoint>,
}

impl Default for NewNetwork {
    fn default() -> Self {
        Self {
            cidr: "10.0.0.0/16".to_owned(),
            nat_gateways: 1,
            public_addresses: false,
            flow_log_days: Some(90),
            endpoints: Endpoint::ALL.to_vec(),
        }
    }
}

/// A service that an interface endpoint leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Endpoint {
    /// SageMaker's API.
    SagemakerApi,
    /// Inference endpoints.
    SagemakerRuntime,
    /// The API of the image registry.
    EcrApi,
    /// The image registry as Docker sees it.
    EcrDkr,
    /// Logs.
    Logs,
    /// Security Token Service.
    Sts,
}

impl Endpoint {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::SagemakerApi, Self::SagemakerRuntime, Self::EcrApi, Self::EcrDkr, Self::Logs, Self::Sts];

    /// The last part of the endpoint service's name.
    pub const fn service(self) -> &'static str {
        match self {
            Self::SagemakerApi => "sagemaker.api",
            Self::SagemakerRuntime => "sagemaker.runtime",
            Self::EcrApi => "ecr.api",
            Self::EcrDkr => "ecr.dkr",
            Self::Logs => "logs",
            Self::Sts => "sts",
        }
    }

    pub(super) const fn logical_id(self) -> &'static str {
        match self {
            Self::SagemakerApi => "SagemakerApiEndpoint",
            Self::SagemakerRuntime => "SagemakerRuntimeEndpoint",
            Self::EcrApi => "EcrApiEndpoint",
            Self::EcrDkr => "EcrDkrEndpoint",
            Self::Logs => "LogsEndpoint",
            Self::Sts => "StsEndpoint",
        }
    }
}

/// A VPC that is there already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExistingNetwork {
    /// Its id, `vpc-…`.
    pub vpc_id: String,
    /// The subnets for jobs and the domain: 1 to 16.
    pub subnet_ids: Vec<String>,
    /// The security groups for jobs and the domain, at most 3; where there is none, the stack makes one.
    pub security_group_ids: Vec<String>,
}

/// The source bucket, the data bucket, and the one for their access logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buckets {
    /// Whether the stack makes them at all; where not, they are there already.
    pub create: bool,
    /// Whether they are encrypted with a key of the stack's own, which is rotated, instead of one that S3 manages.
    pub kms: bool,
    /// How many days a version is kept that is not the newest any more.
    pub noncurrent_days: u32,
    /// How many days access logs are kept; `None` makes neither them nor their bucket.
    pub access_log_days: Option<u32>,
    /// After how many days results are deleted; `None` keeps them.
    pub data_days: Option<u32>,
    /// Whether buckets and key stay when the stack is deleted. A bucket that is not empty stays in any case: the stack
    /// empties none.
    pub retain: bool,
}

impl Default for Buckets {
    fn default() -> Self {
        Self {
            create: true,
            kms: false,
            noncurrent_days: 90,
            access_log_days: Some(365),
            data_days: None,
            retain: true,
        }
    }
}

/// The SageMaker domain and its users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// How users sign in.
    pub auth: Auth,
    /// Whether notebooks reach the internet through SageMaker's own network instead of through the VPC alone.
    pub public_internet: bool,
    /// Whether the users' home directories are encrypted with a key of the stack's own.
    pub kms: bool,
    /// The users: names of profiles, or of people in IAM Identity Center.
    pub users: Vec<String>,
}

impl Default for Domain {
    fn default() -> Self {
        Self { auth: Auth::Iam, public_internet: false, kms: true, users: Vec::new() }
    }
}

/// How users of a domain sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// With an IAM identity.
    Iam,
    /// With IAM Identity Center.
    Sso,
}

/// What all roles have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roles {
    /// The path, `/` at both ends; `None` is `/`.
    pub path: Option<String>,
    /// The ARN of a managed policy that no role goes beyond.
    pub boundary: Option<String>,
}
