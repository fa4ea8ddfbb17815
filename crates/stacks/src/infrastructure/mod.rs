//! The infrastructure stack: network, buckets, domain, and where they are found.
//!
//! Nothing here is exported: the pipelines stack knows names by rule, and anyone else reads them from SSM
//! parameters below `/PREFIX/`. An export would tie two stacks together.

mod buckets;
mod domain;
mod key;
mod network;
mod published;
mod settings;

use std::collections::BTreeMap;

use pipewright_cloudformation::{self as cloudformation, BODY_LIMIT, Tag, Template};
use pipewright_model::{Deploy, Environment, Problem, Severity};
use serde_json::{Value as Json, json};

use crate::problem;

pub use self::key::use_of_key;
pub use self::settings::{
    Auth, Buckets, Domain, Endpoint, ExistingNetwork, InfrastructureSettings, Network, NewNetwork, Roles,
};

/// The stack of everything that pipelines stand on.
#[derive(Clone, Debug)]
pub struct InfrastructureStack {
    /// `PREFIX-infrastructure`.
    pub name: String,
    /// The template.
    pub template: Template,
    /// Its text: with line breaks where it then still fits into a request. It has to: the bucket that a larger one would
    /// go through is in this very stack.
    pub text: String,
    /// What deserves a look without being wrong.
    pub warnings: Vec<Problem>,
}

/// The infrastructure of an environment.
///
/// # Errors
/// Everything that is wrong: settings that don't go together, and what [`Template::check`] finds.
pub fn infrastructure_stack(
    environment: &Environment,
    settings: &InfrastructureSettings,
) -> Result<InfrastructureStack, Vec<Problem>> {
    let mut problems = network::problems(&settings.network);
    problems.extend(domain::problems(settings));
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut stack = Stack {
        environment,
        settings,
        template: Template::new(format!("Network, storage and domain ({})", environment.prefix)),
        published: BTreeMap::new(),
    };
    let key = key::add(&mut stack);
    let network = network::add(&mut stack, key.as_ref());
    buckets::add(&mut stack, key.as_ref());
    if let (Some(domain), Some(network)) = (&settings.domain, &network) {
        domain::add(&mut stack, domain, network, key.as_ref());
    }
    published::add(&mut stack);
    let template = stack.template;
    let mut problems: Vec<Problem> =
        template.check().iter().map(|found| problem::at(found.logical_id.as_str(), found)).collect();
    let text = crate::text::fitting(&template);
    if text.len() > BODY_LIMIT {
        problems.push(
            Problem::error(
                "infrastructure/size",
                "",
                "the template of the infrastructure is too large for a request",
            )
            .value(format!("{} bytes", text.len()))
            .limit(format!("{BODY_LIMIT} bytes"))
            .help("take fewer users or shorter tags: what a larger template would go through is part of it"),
        );
    }
    if problems.iter().any(|problem| problem.severity == Severity::Error) {
        return Err(problems);
    }
    Ok(InfrastructureStack {
        name: format!("{}-infrastructure", environment.prefix),
        template,
        text,
        warnings: problems,
    })
}

/// A stack that is being put together.
struct Stack<'s> {
    environment: &'s Environment,
    settings: &'s InfrastructureSettings,
    template: Template,
    /// What becomes an SSM parameter: its name below the prefix, and its value.
    published: BTreeMap<&'static str, published::Published>,
}

impl Stack<'_> {
    /// `PREFIX-NAME`.
    fn named(&self, name: &str) -> String {
        format!("{}-{name}", self.environment.prefix)
    }

    /// What is known of the place, as text for `Fn::Sub`.
    fn text(&self, deploy: &Deploy) -> String {
        self.environment.text(deploy, "")
    }

    /// An ARN in the account and region: `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`, for `Fn::Sub`.
    fn arn(&self, service: &str, resource: &str) -> String {
        format!(
            "arn:{}:{service}:{}:{}:{resource}",
            self.text(&Deploy::Partition),
            self.text(&Deploy::Region),
            self.text(&Deploy::Account)
        )
    }

    /// The tags of the environment.
    fn tags(&self) -> Vec<Tag> {
        let tags = self.settings.tags.iter();
        tags.map(|(key, value)| Tag::new(key.as_str(), value.as_str())).collect()
    }

    /// The same, with a name for those who look at a list in the console.
    fn named_tags(&self, name: &str) -> Vec<Tag> {
        let others = self.settings.tags.iter().filter(|(key, _)| *key != "Name");
        std::iter::once(Tag::new("Name", self.named(name)))
            .chain(others.map(|(key, value)| Tag::new(key.as_str(), value.as_str())))
            .collect()
    }

    /// Who may assume a role: a service, on behalf of this account alone.
    fn trust(&self, service: &str) -> Json {
        trust(service, &self.text(&Deploy::Account))
    }

    /// A role with what all of them have.
    fn role(&self, service: &str, description: &str) -> cloudformation::iam::Role {
        let role = cloudformation::iam::Role::new(self.trust(service)).description(description);
        with_limits(role, &self.settings.roles).tags(self.tags())
    }
}

/// A trust policy for a service on behalf of one account.
pub(crate) fn trust(service: &str, account: &str) -> Json {
    policy(&[json!({
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": cloudformation::intrinsic::sub(account)}},
    })])
}

/// Sets path and permissions boundary.
pub(crate) fn with_limits(mut role: cloudformation::iam::Role, limits: &Roles) -> cloudformation::iam::Role {
    if let Some(path) = &limits.path {
        role = role.path(path.as_str());
    }
    if let Some(boundary) = &limits.boundary {
        role = role.permissions_boundary(boundary.as_str());
    }
    role
}

/// A policy document.
pub(crate) fn policy(statements: &[Json]) -> Json {
    json!({"Version": "2012-10-17", "Statement": statements})
}
