//! What a change allows that was not allowed before.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;
use serde_json::Value;

use crate::change::{Effect, PolicyKind, Sign};
use crate::intrinsic::{referred, shown};
use crate::network::rules;
use crate::policy::changes::grouped;
use crate::policy::covers::covers;
use crate::policy::documents::IDENTITIES;
use crate::policy::grant::Grant;
use crate::policy::holdings::{GRANTS, Held, Holding, holdings, managed, properties, type_of};
use crate::template::resources;

/// After so many comparisons of one grant with another, what is left counts as broadening.
const COMPARISONS: usize = 3_000_000;

/// Something that is allowed, and was not before.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Broadening {
    /// The logical id of the resource that allows it, or no longer denies it; empty where there is more than can be compared.
    pub logical_id: String,
    /// Its type.
    pub resource_type: String,
    /// In which way.
    pub kind: BroadeningKind,
    /// What, in one line.
    pub what: String,
}

/// In which way a change allows more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BroadeningKind {
    /// A permission was added to an identity or a resource.
    Allow,
    /// The same permission stands under fewer conditions, or under other ones.
    Condition,
    /// Somebody may take on a role.
    Trust,
    /// Something is no longer denied.
    DenyRemoved,
    /// A managed policy was attached that the template does not hold.
    ManagedPolicy,
    /// A permissions boundary was removed, or is another one.
    Boundary,
    /// A security group lets more in.
    Ingress,
    /// A security group lets more out.
    Egress,
}

/// What the new template allows that the old one does not: an `Allow`, a managed policy or a rule of a security group that was
/// added, a `Deny`, a condition or a permissions boundary that was removed.
///
/// What was allowed before in a wider form does not count (`s3:GetObject` after `s3:*`), nor what moved from one policy of an
/// identity to another one. Where it can't be told, it counts.
pub fn broadening(old: Option<&Value>, new: Option<&Value>) -> Vec<Broadening> {
    let mut out = Vec::new();
    grants(old, new, &mut out);
    identities(old, new, &mut out);
    network(old, new, &mut out);
    out.sort();
    out.dedup();
    out
}

/// The grants of one effect, sorted, by whom or what they speak of.
type Scopes<'a> = BTreeMap<(PolicyKind, &'a str), Vec<&'a Grant>>;

fn by_scope(holdings: &[Holding], effect: Effect) -> Scopes<'_> {
    let mut out: Scopes<'_> = BTreeMap::new();
    for holding in holdings.iter().filter(|holding| holding.held.grant.effect == effect) {
        let entry = out.entry((holding.held.kind, holding.scope.as_str())).or_default();
        entry.push(&holding.held.grant);
    }
    for grants in out.values_mut() {
        grants.sort();
        grants.dedup();
    }
    out
}

fn grants(old: Option<&Value>, new: Option<&Value>, out: &mut Vec<Broadening>) {
    let ((before, all_before), (after, all_after)) = (holdings(old, new), holdings(new, old));
    if !(all_before && all_after) && old != new {
        let what = format!("more than {GRANTS} permissions: not all of them are compared");
        out.push(found("", "", BroadeningKind::Allow, what));
    }
    let mut comparisons = 0;
    let mut missing = |holding: &Holding, there: &Scopes<'_>| {
        let grant = &holding.held.grant;
        let Some(grants) = there.get(&(holding.held.kind, holding.scope.as_str())) else { return true };
        if grants.binary_search(&grant).is_ok() {
            return false;
        }
        comparisons += grants.len();
        comparisons > COMPARISONS || !grants.iter().any(|wide| covers(wide, grant))
    };

    let allowed = by_scope(&before, Effect::Allow);
    let mut added: BTreeMap<(&str, &str, bool), Vec<&Held>> = BTreeMap::new();
    for holding in after.iter().filter(|holding| holding.held.grant.effect == Effect::Allow) {
        if missing(holding, &allowed) {
            let there = allowed.get(&(holding.held.kind, holding.scope.as_str()));
            let conditional = there.is_some_and(|grants| same_but_conditions(grants, &holding.held.grant));
            added
                .entry((&holding.holder, &holding.resource_type, conditional))
                .or_default()
                .push(&holding.held);
        }
    }
    for ((id, resource_type, conditional), held) in added {
        for change in grouped(Sign::Added, held.into_iter()) {
            let kind = match change.policy {
                _ if conditional => BroadeningKind::Condition,
                PolicyKind::Trust => BroadeningKind::Trust,
                _ => BroadeningKind::Allow,
            };
            let mut what = change.to_string();
            if conditional {
                what.push_str(if change.conditions.is_empty() {
                    ", now without condition"
                } else {
                    ", a condition changed"
                });
            }
            out.push(found(id, resource_type, kind, what));
        }
    }

    let denied = by_scope(&after, Effect::Deny);
    let mut removed: BTreeMap<(&str, &str), Vec<&Held>> = BTreeMap::new();
    for holding in before.iter().filter(|holding| holding.held.grant.effect == Effect::Deny) {
        if !gone(&holding.scope, old, new) && missing(holding, &denied) {
            removed.entry((&holding.holder, &holding.resource_type)).or_default().push(&holding.held);
        }
    }
    for ((id, resource_type), held) in removed {
        for change in grouped(Sign::Removed, held.into_iter()) {
            out.push(found(id, resource_type, BroadeningKind::DenyRemoved, format!("{change} removed")));
        }
    }
}

/// Whether a grant among these, sorted, is the same one under other conditions.
fn same_but_conditions(grants: &[&Grant], grant: &Grant) -> bool {
    // They are sorted by everything else first.
    let rest = |grant: &Grant| (grant.principal.clone(), grant.action.clone(), grant.resource.clone());
    let wanted = rest(grant);
    grants.binary_search_by(|found| rest(found).cmp(&wanted)).is_ok()
}

/// Whether what a policy speaks of is deleted with the change, and doesn't stay outside of the stack.
fn gone(scope: &str, old: Option<&Value>, new: Option<&Value>) -> bool {
    let in_ = |template| resources(template).and_then(|resources| resources.get(scope));
    let Some(resource) = in_(old) else { return false };
    let policy = resource.get("DeletionPolicy").and_then(Value::as_str).unwrap_or_default();
    in_(new).is_none() && !policy.starts_with("Retain")
}

fn found(id: &str, resource_type: &str, kind: BroadeningKind, what: String) -> Broadening {
    Broadening { logical_id: id.to_owned(), resource_type: resource_type.to_owned(), kind, what }
}

/// Managed policies and permissions boundaries.
fn identities(old: Option<&Value>, new: Option<&Value>, out: &mut Vec<Broadening>) {
    let Some(there) = resources(new) else { return };
    for (id, resource) in there.iter().filter(|(_, resource)| IDENTITIES.contains(&type_of(resource))) {
        let resource_type = type_of(resource);
        let after = properties(resource);
        let before = resources(old).and_then(|resources| resources.get(id));
        let attached: HashSet<String> =
            before.into_iter().flat_map(|old| managed(properties(old))).map(shown).collect();
        for policy in managed(after) {
            // What the template holds itself was looked at grant by grant.
            let own = referred(policy).and_then(|id| there.get(id));
            if own.is_none_or(|own| type_of(own) != "AWS::IAM::ManagedPolicy")
                && !attached.contains(&shown(policy))
            {
                let what = format!("managed policy {} attached", shown(policy));
                out.push(found(id, resource_type, BroadeningKind::ManagedPolicy, what));
            }
        }
        let boundary = before.and_then(|before| properties(before).get("PermissionsBoundary"));
        let what = match (boundary.map(shown), after.get("PermissionsBoundary").map(shown)) {
            (Some(old), None) => format!("permissions boundary {old} removed"),
            (Some(old), Some(new)) if old != new => format!("permissions boundary is {new} instead of {old}"),
            _ => continue,
        };
        out.push(found(id, resource_type, BroadeningKind::Boundary, what));
    }
}

fn network(old: Option<&Value>, new: Option<&Value>, out: &mut Vec<Broadening>) {
    let before = rules(old);
    let exact: HashSet<String> = before.iter().map(|rule| format!("{:?}", rule.what)).collect();
    let mut comparisons = 0;
    for rule in rules(new).iter().filter(|rule| !rule.what.is_void()) {
        if exact.contains(&format!("{:?}", rule.what)) {
            continue;
        }
        comparisons += before.len();
        if comparisons > COMPARISONS || !before.iter().any(|wide| wide.what.covers(&rule.what)) {
            let kind = if rule.what.ingress { BroadeningKind::Ingress } else { BroadeningKind::Egress };
            out.push(found(&rule.holder, &rule.resource_type, kind, rule.what.shown()));
        }
    }
}
