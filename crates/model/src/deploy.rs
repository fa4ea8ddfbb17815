//! What is known when a pipeline is deployed, and the environment that knows it.

use serde::{Deserialize, Serialize};

/// A value that is known when the pipeline is deployed.
///
/// In an environment with account and region it becomes a literal at synth; in one without it
/// stays a CloudFormation intrinsic.
#[derive(Clone, Debug, PartialEq)]
pub enum Deploy {
    /// The account, twelve digits.
    Account,
    /// The region, such as `eu-west-1`.
    Region,
    /// The partition: `aws`, `aws-cn`, `aws-us-gov`.
    Partition,
    /// The domain of the partition's services: `amazonaws.com`, `amazonaws.com.cn`.
    UrlSuffix,
    /// The bucket that code is uploaded to, without `s3://`.
    SourceBucket,
    /// The bucket that results go to, without `s3://`.
    DataBucket,
    /// The ARN of the role that this pipeline and its jobs run under.
    RoleArn,
    /// The pipeline's name. Always a literal.
    PipelineName,
    /// The value of an SSM parameter.
    SsmParameter(String),
    /// The account whose registry holds an image in the region.
    ImageRegistry(&'static Registry),
}

/// The accounts that hold a family of images, by region.
#[derive(Debug, PartialEq, Eq)]
pub struct Registry {
    /// A name for the table: letters and digits, unique among registries, `SagemakerSklearn`.
    pub name: &'static str,
    /// Region and account, sorted by region.
    pub accounts: &'static [(&'static str, &'static str)],
}

impl Registry {
    /// The account in a region.
    pub fn account(&self, region: &str) -> Option<&'static str> {
        let index = self.accounts.binary_search_by(|(r, _)| (*r).cmp(region)).ok()?;
        Some(self.accounts[index].1)
    }
}

/// Where a pipeline goes: one environment of `pipewright.toml`.
///
/// `account` and `region` are optional. With both, a definition holds literals only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// The environment's name, such as `dev`.
    pub name: String,
    /// The account, twelve digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The partition; follows from the region where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition: Option<String>,
    /// What the names of all resources begin with.
    pub prefix: String,
    /// The bucket for code, instead of `PREFIX-sources-ACCOUNT-REGION`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_bucket: Option<String>,
    /// The bucket for results, instead of `PREFIX-data-ACCOUNT-REGION`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_bucket: Option<String>,
    /// One role for every pipeline, instead of `PREFIX-PIPELINE` for each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_arn: Option<String>,
    /// The path of the pipelines' roles, `/` at both ends, instead of `/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_path: Option<String>,
}

/// A part of a resolved [`Deploy`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// Known now.
    Literal(String),
    /// Known to CloudFormation under this name: a pseudo parameter, or a key of the substitutions.
    Placeholder(String),
}

/// What a placeholder that is no pseudo parameter stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Substitution {
    /// An account that depends on the region: a CloudFormation mapping.
    Mapping {
        /// Region to account, sorted.
        map: std::collections::BTreeMap<String, String>,
    },
    /// An SSM parameter, resolved by CloudFormation when the stack is deployed.
    Ssm {
        /// The parameter's name.
        parameter: String,
    },
}

impl Environment {
    /// The partition, where it is given or follows from the region.
    pub fn partition(&self) -> Option<&str> {
        self.partition.as_deref().or_else(|| self.region.as_deref().map(partition_of))
    }

    /// The name of a pipeline's own role: `PREFIX-PIPELINE`.
    pub fn role_name(&self, pipeline: &str) -> String {
        format!("{}-{pipeline}", self.prefix)
    }

    /// What a reference is in this environment, for the pipeline of this name.
    ///
    /// # Errors
    /// An image that is not published in the environment's region.
    pub fn resolve(&self, deploy: &Deploy, pipeline: &str) -> Result<Vec<Resolved>, UnknownRegion> {
        let literal = |text: &str| vec![Resolved::Literal(text.to_owned())];
        Ok(match deploy {
            Deploy::Account => vec![known(self.account.as_deref(), "AWS::AccountId")],
            Deploy::Region => vec![known(self.region.as_deref(), "AWS::Region")],
            Deploy::Partition => vec![known(self.partition(), "AWS::Partition")],
            Deploy::UrlSuffix => vec![known(self.partition().map(url_suffix), "AWS::URLSuffix")],
            Deploy::PipelineName => literal(pipeline),
            Deploy::SourceBucket => self.bucket(self.source_bucket.as_deref(), "sources", pipeline)?,
            Deploy::DataBucket => self.bucket(self.data_bucket.as_deref(), "data", pipeline)?,
            Deploy::RoleArn => {
                if let Some(arn) = &self.role_arn {
                    literal(arn)
                } else {
                    let mut arn = literal("arn:");
                    arn.extend(self.resolve(&Deploy::Partition, pipeline)?);
                    arn.push(Resolved::Literal(":iam::".to_owned()));
                    arn.extend(self.resolve(&Deploy::Account, pipeline)?);
                    let path = self.role_path.as_deref().unwrap_or("/");
                    arn.push(Resolved::Literal(format!(":role{path}{}", self.role_name(pipeline))));
                    arn
                }
            }
            Deploy::SsmParameter(name) => vec![Resolved::Placeholder(ssm_placeholder(name))],
            Deploy::ImageRegistry(registry) => match self.region.as_deref() {
                Some(region) => literal(
                    registry
                        .account(region)
                        .ok_or_else(|| UnknownRegion { registry, region: region.to_owned() })?,
                ),
                None => vec![Resolved::Placeholder(registry.name.to_owned())],
            },
        })
    }

    /// A reference as it stands in a definition: literals, and `${NAME}` for what CloudFormation
    /// fills in. An image that the region lacks is left out.
    pub fn text(&self, deploy: &Deploy, pipeline: &str) -> String {
        let pieces = self.resolve(deploy, pipeline).unwrap_or_default();
        pieces
            .into_iter()
            .map(|piece| match piece {
                Resolved::Literal(text) => text,
                Resolved::Placeholder(name) => format!("${{{name}}}"),
            })
            .collect()
    }

    fn bucket(
        &self,
        given: Option<&str>,
        role: &str,
        pipeline: &str,
    ) -> Result<Vec<Resolved>, UnknownRegion> {
        if let Some(name) = given {
            return Ok(vec![Resolved::Literal(name.to_owned())]);
        }
        let mut name = vec![Resolved::Literal(format!("{}-{role}-", self.prefix))];
        name.extend(self.resolve(&Deploy::Account, pipeline)?);
        name.push(Resolved::Literal("-".to_owned()));
        name.extend(self.resolve(&Deploy::Region, pipeline)?);
        Ok(name)
    }
}

fn known(value: Option<&str>, pseudo: &str) -> Resolved {
    value.map_or_else(|| Resolved::Placeholder(pseudo.to_owned()), |v| Resolved::Literal(v.to_owned()))
}

/// An image that is not published in a region.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the images of {} are not published in region {region}", .registry.name)]
pub struct UnknownRegion {
    /// The images' table.
    pub registry: &'static Registry,
    /// The region that is not in it.
    pub region: String,
}

/// The placeholder of an SSM parameter: its name in letters and digits.
///
/// Two names that differ in their punctuation alone get different placeholders: the length of each
/// run of letters and digits is part of it.
pub fn ssm_placeholder(name: &str) -> String {
    let mut placeholder = String::from("Ssm");
    for word in name.split(|c: char| !c.is_ascii_alphanumeric()) {
        let mut chars = word.chars();
        if let Some(first) = chars.next() {
            placeholder.push(first.to_ascii_uppercase());
            placeholder.extend(chars);
        }
        placeholder.push_str(&word.len().to_string());
    }
    placeholder
}

fn partition_of(region: &str) -> &'static str {
    const PREFIXES: [(&str, &str); 7] = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-isof-", "aws-iso-f"),
        ("eusc-", "aws-eusc"),
    ];
    PREFIXES.iter().find(|(prefix, _)| region.starts_with(prefix)).map_or("aws", |(_, partition)| partition)
}

fn url_suffix(partition: &str) -> &'static str {
    match partition {
        "aws-cn" => "amazonaws.com.cn",
        "aws-iso" => "c2s.ic.gov",
        "aws-iso-b" => "sc2s.sgov.gov",
        "aws-iso-e" => "cloud.adc-e.uk",
        "aws-iso-f" => "csp.hci.ic.gov",
        "aws-eusc" => "amazonaws.eu",
        _ => "amazonaws.com",
    }
}

impl Substitution {
    /// What a placeholder for this reference stands for, where it needs saying.
    pub fn of(deploy: &Deploy) -> Option<(String, Self)> {
        match deploy {
            Deploy::SsmParameter(name) => {
                Some((ssm_placeholder(name), Self::Ssm { parameter: name.clone() }))
            }
            Deploy::ImageRegistry(registry) => {
                let map = registry.accounts.iter().map(|(r, a)| ((*r).to_owned(), (*a).to_owned())).collect();
                Some((registry.name.to_owned(), Self::Mapping { map }))
            }
            _ => None,
        }
    }
}
