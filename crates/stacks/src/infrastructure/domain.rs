//! The SageMaker domain, its users, and the role they work under.

mod users;

use std::collections::BTreeMap;

use pipewright_cloudformation::{DeletionPolicy, Handle, Resource as _, iam, kms, sagemaker};
use pipewright_model::Problem;
use sagemaker::domain::{AppNetworkAccessType, AuthMode, DefaultSpaceSettings, DomainSettings, UserSettings};

use super::network::Placement;
use super::published::Published;
use super::settings::{Auth, Domain, InfrastructureSettings, Network};
use super::{Stack, policy};
use crate::logical_id::logical_id;

/// The longest name of a profile.
const PROFILE: usize = 63;

/// What is wrong with the settings.
pub(super) fn problems(settings: &InfrastructureSettings) -> Vec<Problem> {
    let Some(domain) = &settings.domain else { return Vec::new() };
    let mut problems = Vec::new();
    if settings.network == Network::None {
        problems.push(
            Problem::error("domain/network", "domain", "a domain needs a network")
                .help("give the network subnets, or leave the domain out"),
        );
    }
    let mut profiles: BTreeMap<String, &str> = BTreeMap::new();
    for user in &domain.users {
        let name = profile_name(user);
        if name.is_empty() || name.len() > PROFILE {
            problems.push(
                Problem::error("domain/user", "domain.users", format!("user {user:?} can have no profile"))
                    .value(user.as_str())
                    .limit(format!("1 to {PROFILE} characters, a letter or digit among them")),
            );
        } else if let Some(other) = profiles.insert(name.to_ascii_lowercase(), user) {
            problems.push(
                Problem::error(
                    "domain/user",
                    "domain.users",
                    format!("users {other:?} and {user:?} would have one profile"),
                )
                .value(name),
            );
        }
    }
    problems
}

pub(super) fn add(
    stack: &mut Stack<'_>,
    domain: &Domain,
    network: &Placement,
    key: Option<&Handle<kms::Key>>,
) {
    let role = stack.role("sagemaker.amazonaws.com", "Users of the domain");
    let role = stack.template.add("UserRole", role);
    let groups = &network.security_groups;
    let mut resource = sagemaker::Domain::new(
        match domain.auth {
            Auth::Iam => AuthMode::IAM,
            Auth::Sso => AuthMode::SSO,
        },
        UserSettings::new(role.arn()).security_groups(groups.clone()),
        stack.named("domain"),
    )
    .app_network_access_type(if domain.public_internet {
        AppNetworkAccessType::PUBLIC_INTERNET_ONLY
    } else {
        AppNetworkAccessType::VPC_ONLY
    })
    .default_space_settings(DefaultSpaceSettings::new(role.arn()).security_groups(groups.clone()))
    .domain_settings(DomainSettings::new().security_group_ids(groups.clone()))
    .vpc_id(network.vpc.clone())
    .subnet_ids(network.subnets.clone())
    .tags(stack.tags())
    // Home directories are in it: a domain that takes its place does not have them.
    .update_replace_policy(DeletionPolicy::Retain)
    .deletion_policy(DeletionPolicy::Delete);
    if let Some(key) = key.filter(|_| domain.kms) {
        resource = resource.kms_key_id(key.key_id());
    }
    let handle = stack.template.add("Domain", resource);
    let statements = users::statements(stack, key.is_some());
    // It names the domain, which names the role: so it is no part of the role.
    stack.template.add(
        "UserPolicy",
        iam::Policy::new(policy(&statements), stack.named("domain-users")).roles([role.reference()]),
    );
    for user in &domain.users {
        let name = profile_name(user);
        let mut profile = sagemaker::UserProfile::new(&handle, name.as_str()).tags(stack.tags());
        if domain.auth == Auth::Sso {
            profile =
                profile.single_sign_on_user_identifier("UserName").single_sign_on_user_value(user.as_str());
        }
        stack.template.add(format!("{}User", logical_id(&name)), profile);
    }
    stack.published.insert("domain-id", Published::text(handle.domain_id()));
    stack.published.insert("domain-arn", Published::text(handle.domain_arn()));
    stack.published.insert("user-role-arn", Published::text(role.arn()));
}

/// The name of a user's profile: letters, digits, and a hyphen for anything else.
fn profile_name(user: &str) -> String {
    let name: String = user.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    name.trim_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles() {
        for (user, expected) in
            [("ada", "ada"), ("ada.l@example.com", "ada-l-example-com"), ("-x-", "x"), ("é", "")]
        {
            assert_eq!(profile_name(user), expected);
        }
    }
}
