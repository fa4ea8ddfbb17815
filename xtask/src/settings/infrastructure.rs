//! The tables of `pipewright.toml` that say what the pipelines stand on.

use pipewright_macros::Config;
use pipewright_model::Problem;
use pipewright_stacks::infrastructure::{Auth, Buckets, Domain, InfrastructureSettings, Network, Roles};

use super::network::{NetworkTable, Place};
use crate::context::Context;

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
    /// Keys that mean nothing beside what says which network it is, and a network that was not looked up.
    pub(super) fn settings(
        self,
        place: &Place<'_>,
        context: &Context,
    ) -> Result<InfrastructureSettings, Vec<Problem>> {
        let Self { network, buckets, domain, roles } = self;
        let network = network.settings(place, context)?;
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
