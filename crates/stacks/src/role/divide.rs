//! What is allowed, divided into policies that IAM takes.
//!
//! [Quotas of IAM](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html)

use pipewright_model::Permission;
use serde_json::json;

/// The most characters, white space aside, that the policies inside of a role have together. Placeholders may be shorter
/// than what they stand for: a little is left over.
const INSIDE: usize = 10_240 - 1_000;

/// The same for a policy of its own.
const BESIDE: usize = 6_144 - 600;

/// The most policies beside a role.
const POLICIES: usize = 10;

/// What surrounds the statements of a document.
const FRAME: usize = r#"{"Version":"2012-10-17","Statement":[]}"#.len();

/// Where a role's statements stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Divided {
    /// In the role.
    Inside(Vec<Permission>),
    /// In policies of their own.
    Beside(Vec<Vec<Permission>>),
}

impl Divided {
    /// All statements.
    pub(super) fn statements(&self) -> impl Iterator<Item = &Permission> {
        let (inside, beside) = match self {
            Self::Inside(permissions) => (Some(permissions), None),
            Self::Beside(documents) => (None, Some(documents)),
        };
        inside.into_iter().flatten().chain(beside.into_iter().flatten().flatten())
    }

    /// How much there is, and how much there may be, where that is less.
    pub(super) fn too_large(&self) -> Option<(String, String)> {
        let Self::Beside(documents) = self else { return None };
        let largest = self.statements().map(size).max().unwrap_or_default() + FRAME;
        if largest > BESIDE {
            return Some((format!("a statement of {largest} characters"), format!("{BESIDE} characters")));
        }
        (documents.len() > POLICIES)
            .then(|| (format!("{} policies", documents.len()), format!("{POLICIES} policies")))
    }
}

/// Divides them: into the role while they fit, otherwise into as many policies as it takes.
pub(super) fn divide(permissions: &[Permission]) -> Divided {
    if permissions.iter().map(size).sum::<usize>() + FRAME <= INSIDE {
        return Divided::Inside(permissions.to_vec());
    }
    let mut documents: Vec<Vec<Permission>> = Vec::new();
    let mut room = 0;
    for part in permissions.iter().flat_map(parts) {
        let size = size(&part);
        match documents.last_mut() {
            Some(last) if size <= room => {
                last.push(part);
                room -= size;
            }
            _ => {
                room = (BESIDE - FRAME).saturating_sub(size);
                documents.push(vec![part]);
            }
        }
    }
    Divided::Beside(documents)
}

/// A statement as it is, or in parts that are small enough for a policy.
fn parts(permission: &Permission) -> Vec<Permission> {
    let mut parts = Vec::new();
    let mut next = vec![permission.clone()];
    while let Some(part) = next.pop() {
        if size(&part) + FRAME <= BESIDE {
            parts.push(part);
        } else if let Some([one, two]) = halves(&part) {
            next.extend([two, one]);
        } else {
            parts.push(part);
        }
    }
    if parts.len() > 1 {
        for (index, part) in parts.iter_mut().enumerate() {
            part.sid = format!("{}Part{}", part.sid, index + 1);
        }
    }
    parts
}

/// Two statements that allow together what the one does. A condition holds where any of its values fits, so its values
/// can be divided like resources.
fn halves(permission: &Permission) -> Option<[Permission; 2]> {
    let mut pair = [permission.clone(), permission.clone()];
    if permission.resources.len() > 1 {
        let middle = permission.resources.len() / 2;
        pair[0].resources.truncate(middle);
        pair[1].resources.drain(..middle);
        return Some(pair);
    }
    let keys =
        permission.conditions.iter().flat_map(|(operator, keys)| keys.iter().map(move |k| (operator, k)));
    let (operator, (key, values)) = keys.max_by_key(|(_, (_, values))| values.len())?;
    if values.len() < 2 {
        return None;
    }
    let (one, two) = values.split_at(values.len() / 2);
    for (half, values) in pair.iter_mut().zip([one, two]) {
        half.conditions.get_mut(operator)?.insert(key.clone(), values.to_vec());
    }
    Some(pair)
}

/// How many characters the statement has in a policy, with the comma after it. IAM does not count white space.
fn size(permission: &Permission) -> usize {
    let Permission { sid, actions, resources, conditions, .. } = permission;
    let mut statement = json!({"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources});
    if !conditions.is_empty() {
        statement["Condition"] = json!(conditions);
    }
    statement.to_string().chars().filter(|c| !c.is_whitespace()).count() + ",Part99".len()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    fn read(places: usize) -> Permission {
        Permission {
            sid: "ReadData".into(),
            actions: vec!["s3:GetObject".into()],
            resources: (0..places).map(|i| format!("arn:aws:s3:::data/{i:05}/{}", "x".repeat(80))).collect(),
            steps: vec!["step".into()],
            ..Permission::default()
        }
    }

    fn list(places: usize) -> Permission {
        let prefixes = (0..places).map(|i| format!("{i:05}/{}", "x".repeat(80))).collect();
        let keys = BTreeMap::from([("s3:prefix".to_owned(), prefixes)]);
        Permission {
            sid: "ListBucket1".into(),
            actions: vec!["s3:ListBucket".into()],
            resources: vec!["arn:aws:s3:::data".into()],
            conditions: BTreeMap::from([("StringLike".to_owned(), keys)]),
            steps: vec!["step".into()],
        }
    }

    #[test]
    fn what_fits_stays_inside() {
        let few = [list(20), read(20)];
        assert_eq!(divide(&few), Divided::Inside(few.to_vec()));
        assert_eq!(divide(&[]), Divided::Inside(Vec::new()));
    }

    #[test]
    fn much_is_divided_and_nothing_is_lost() {
        let many = [list(150), read(150)];
        let divided = divide(&many);
        assert_eq!(divided.too_large(), None);
        let Divided::Beside(documents) = &divided else { panic!("inside") };
        assert!(documents.len() > 4);
        for document in documents {
            assert!(document.iter().map(size).sum::<usize>() + FRAME <= BESIDE);
        }
        let sids: BTreeSet<&str> = divided.statements().map(|p| p.sid.as_str()).collect();
        assert_eq!(sids.len(), divided.statements().count());
        assert!(sids.contains("ReadDataPart1"), "{sids:?}");
        let resources: Vec<&String> =
            divided.statements().filter(|p| p.sid.starts_with("Read")).flat_map(|p| &p.resources).collect();
        assert_eq!(resources, many[1].resources.iter().collect::<Vec<_>>());
        let prefixes: Vec<&String> = divided
            .statements()
            .filter_map(|p| p.conditions.get("StringLike"))
            .flat_map(|keys| &keys["s3:prefix"])
            .collect();
        assert_eq!(prefixes, many[0].conditions["StringLike"]["s3:prefix"].iter().collect::<Vec<_>>());
    }

    #[test]
    fn too_much_is_told() {
        let (value, limit) = divide(&[read(1000)]).too_large().unwrap();
        assert!(value.ends_with("policies") && limit == "10 policies", "{value} {limit}");
        let mut long = read(1);
        long.resources[0].push_str(&"x".repeat(10_000));
        let (value, _) = divide(&[long]).too_large().unwrap();
        assert!(value.starts_with("a statement of"), "{value}");
    }
}
