//! What `pipewright-deploy lookup` is asked and what it answers, both as JSON; and what stands in
//! `pipewright.context.json`.

use std::collections::BTreeMap;

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::Target;

/// The VPC that is meant: where it is, and the tags that it has.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VpcQuery {
    /// The account, twelve digits.
    pub account: String,
    /// The region.
    pub region: String,
    /// The tags that it has, all of them; a VPC's name is its tag `Name`.
    pub tags: BTreeMap<String, String>,
    /// The tags of those of its subnets that count; all subnets where there are none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub subnet_tags: BTreeMap<String, String>,
}

/// The VPC that was found, and its subnets by what they reach, each list sorted by zone and id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FoundVpc {
    /// Its id, `vpc-…`.
    pub vpc_id: String,
    /// Its first block of addresses.
    pub cidr: String,
    /// Subnets with a route to an internet gateway.
    pub public: Vec<FoundSubnet>,
    /// Subnets with a route to a NAT gateway or a transit gateway.
    pub private: Vec<FoundSubnet>,
    /// Subnets with neither.
    pub isolated: Vec<FoundSubnet>,
}

/// A subnet that was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FoundSubnet {
    /// Its availability zone, such as `eu-west-1a`.
    pub zone: String,
    /// Its id, `subnet-…`.
    pub id: String,
    /// Its addresses.
    pub cidr: String,
}

/// Looks up a VPC and prints what it found as JSON.
#[derive(Clone, Debug, Default, Args)]
pub struct FindVpcArgs {
    /// The VPC that is meant, as JSON: {"account": "…", "region": "…", "tags": {"Name": "…"}}.
    #[arg(long, value_name = "JSON")]
    pub query: String,

    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would show a comment here as the description of the command")]
    pub target: Target,
}
