//! Which of the keys are there already: found with few requests, however much else is in the bucket.
//!
//! One listing begins just before the first key that is wanted. Where it breaks off after 1,000 objects, the next one begins
//! just before the next key that is wanted: what lies between is skipped. So there are never more requests than keys, and one
//! is enough where the keys lie close together.

use std::collections::BTreeMap;

use super::store::{Ask, Store};
use super::wanted::Wanted;
use crate::error::Result;

/// The sizes of those of the wanted objects that are there, by key. `wanted` is sorted by key.
pub(super) async fn sizes(store: &Store<'_>, wanted: &[Wanted]) -> Result<BTreeMap<String, u64>> {
    let mut there = BTreeMap::new();
    let prefix = prefix(wanted);
    let mut rest = wanted;
    let mut token: Option<String> = None;
    while let Some(first) = rest.first() {
        let start = token.is_none().then(|| just_before(&first.key));
        let page = store
            .ask(&Ask::new("look at what is in", "s3:ListBucket", ""), || {
                store
                    .client
                    .list_objects_v2()
                    .bucket(&store.bucket)
                    .expected_bucket_owner(&store.owner)
                    .set_prefix((!prefix.is_empty()).then(|| prefix.to_owned()))
                    .set_start_after(start.clone().filter(|start| !start.is_empty()))
                    .set_continuation_token(token.clone())
                    .send()
            })
            .await?;
        let mut last = None;
        for object in page.contents() {
            let Some(key) = object.key() else { continue };
            let size = u64::try_from(object.size().unwrap_or_default()).unwrap_or_default();
            if rest.binary_search_by(|wanted| wanted.key.as_str().cmp(key)).is_ok() {
                there.insert(key.to_owned(), size);
            }
            last = Some(key);
        }
        if !page.is_truncated().unwrap_or_default() {
            break;
        }
        let after = last.map_or(rest, |last| after(rest, last));
        // Without a step forward the listing goes on where it broke off.
        token =
            if after.len() == rest.len() { page.next_continuation_token().map(str::to_owned) } else { None };
        if after.len() == rest.len() && token.is_none() {
            break;
        }
        rest = after;
    }
    Ok(there)
}

/// Those of the wanted that come after this key.
fn after<'w>(wanted: &'w [Wanted], key: &str) -> &'w [Wanted] {
    &wanted[wanted.partition_point(|one| one.key.as_str() <= key)..]
}

/// A key before this one, with hardly anything between.
fn just_before(key: &str) -> String {
    let mut before = key.to_owned();
    before.pop();
    before
}

/// The folders that all keys have in common: `code/` of `code/a/1` and `code/b/2`.
fn prefix(wanted: &[Wanted]) -> &str {
    let (Some(first), Some(last)) = (wanted.first(), wanted.last()) else { return "" };
    let (first, last) = (first.key.as_str(), last.key.as_str());
    // The keys are sorted: what first and last have in common, all have.
    let common = first.bytes().zip(last.bytes()).take_while(|(a, b)| a == b).count();
    first.as_bytes()[..common].iter().rposition(|byte| *byte == b'/').map_or("", |slash| &first[..=slash])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(keys: &[&str]) -> Vec<Wanted> {
        keys.iter().map(|key| Wanted { key: (*key).to_owned(), ..Wanted::default() }).collect()
    }

    #[test]
    fn folders_in_common() {
        for (keys, expected) in [
            (&["code/a/1", "code/b/2"][..], "code/"),
            (&["code/a/1", "code/a/2"], "code/a/"),
            (&["code/a/1"], "code/a/"),
            (&["code/a", "definitions/b"], ""),
            (&["code/ab", "code/ac"], "code/"),
            (&["a", "b"], ""),
            (&["é/a", "ê/a"], ""),
            (&[], ""),
        ] {
            assert_eq!(prefix(&wanted(keys)), expected, "{keys:?}");
        }
    }

    #[test]
    fn a_listing_goes_on_at_the_next_key() {
        let keys = wanted(&["a", "c", "e"]);
        for (last, left) in [("", 3), ("a", 2), ("b", 2), ("c", 1), ("e", 0), ("z", 0)] {
            assert_eq!(after(&keys, last).len(), left, "{last}");
        }
        for (key, before) in [("code/a.py", "code/a.p"), ("a", ""), ("aé", "a")] {
            assert_eq!(just_before(key), before);
        }
    }
}
