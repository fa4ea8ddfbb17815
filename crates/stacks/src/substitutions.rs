//! What placeholders in a text stand for that CloudFormation does not know by itself.

use std::collections::BTreeMap;

use pipewright_cloudformation::intrinsic::{find_in_map, resolve};
use pipewright_cloudformation::{Value, pseudo};
use pipewright_model::deploy::Substitution;

/// The second key of a mapping from regions to accounts.
pub(crate) const ACCOUNT: &str = "Account";

/// The substitutions that stand in the text: CloudFormation minds those that do not.
pub(crate) fn used<'s>(
    text: &'s str,
    substitutions: &'s BTreeMap<String, Substitution>,
) -> impl Iterator<Item = (&'s String, &'s Substitution)> {
    substitutions.iter().filter(move |(name, _)| text.contains(&format!("${{{name}}}")))
}

/// The variables that `Fn::Sub` needs for the text.
pub(crate) fn variables<'s>(
    text: &'s str,
    substitutions: &'s BTreeMap<String, Substitution>,
) -> impl Iterator<Item = (&'s str, Value<String>)> {
    used(text, substitutions).map(|(name, substitution)| {
        let value: Value<String> = match substitution {
            Substitution::Mapping { .. } => find_in_map(name, pseudo::region(), ACCOUNT),
            Substitution::Ssm { parameter } => resolve::ssm(parameter),
        };
        (name.as_str(), value)
    })
}
