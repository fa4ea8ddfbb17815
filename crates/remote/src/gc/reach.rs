//! [`plan`]: what is to be done with each object. Values in, values out.

use jiff::{SignedDuration, Timestamp};

use super::key::OwnKey;
use super::mention::Mentions;

/// The tag that says since when nothing refers to an object, as RFC 3339.
pub const TAG: &str = "pipewright-unreachable-since";
/// The metadata by which an object shows that a deploy wrote it.
pub const MARK: &str = "pipewright-sha256";

/// An object of the source bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its key.
    pub key: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// When it was written.
    pub modified: Timestamp,
    /// Whether it has the metadata [`MARK`]. Of an object that is referred to it need not be known.
    pub marked: bool,
    /// The value of its tag [`TAG`].
    pub tag: Option<String>,
}

/// What becomes of the objects; positions in the list that was given, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Referred to: stay.
    pub keep: Vec<usize>,
    /// Referred to again: lose the tag, and stay.
    pub untag: Vec<usize>,
    /// Nothing refers to them any more: get the tag.
    pub tag: Vec<usize>,
    /// Tagged, but not long enough.
    pub wait: Vec<usize>,
    /// Tagged for long enough: go.
    pub delete: Vec<usize>,
    /// Nothing refers to them, and no deploy wrote them, as far as can be told: are left alone.
    pub alone: Vec<usize>,
}

/// Decides what becomes of each object.
///
/// `reach` has read everything that may refer to an object. An object goes only when it has been tagged for `grace`, and was not
/// written again since.
pub fn plan(reach: &Mentions, objects: &[Object], now: Timestamp, grace: SignedDuration) -> Plan {
    let mut plan = Plan::default();
    for (index, object) in objects.iter().enumerate() {
        let list = match decide(reach, object, now, grace) {
            Fate::Keep => &mut plan.keep,
            Fate::Untag => &mut plan.untag,
            Fate::Tag => &mut plan.tag,
            Fate::Wait => &mut plan.wait,
            Fate::Delete => &mut plan.delete,
            Fate::Alone => &mut plan.alone,
        };
        list.push(index);
    }
    plan
}

/// What becomes of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// [`Plan::keep`].
    Keep,
    /// [`Plan::untag`].
    Untag,
    /// [`Plan::tag`].
    Tag,
    /// [`Plan::wait`].
    Wait,
    /// [`Plan::delete`].
    Delete,
    /// [`Plan::alone`].
    Alone,
}

/// Decides what becomes of one object.
pub fn decide(reach: &Mentions, object: &Object, now: Timestamp, grace: SignedDuration) -> Fate {
    if OwnKey::parse(&object.key).is_none() {
        return Fate::Alone;
    }
    match (reach.who(&object.key), &object.tag) {
        (Some(_), None) => return Fate::Keep,
        (Some(_), Some(_)) => return Fate::Untag,
        (None, _) if !object.marked => return Fate::Alone,
        (None, _) => {}
    }
    // A date that can't be read, or lies before the object, is as good as none: the time begins anew.
    let since = object.tag.as_deref().and_then(|tag| tag.parse::<Timestamp>().ok());
    match since.filter(|since| *since >= object.modified) {
        None => Fate::Tag,
        Some(since) if now.duration_since(since) >= grace => Fate::Delete,
        Some(_) => Fate::Wait,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BUCKET: &str = "p-sources-1-r";
    const DAY: i64 = 24 * 3600;

    fn code(digit: char) -> String {
        format!("code/p/{}/a.py", digit.to_string().repeat(64))
    }

    fn at(day: i64) -> Timestamp {
        Timestamp::from_second(1_750_000_000 + day * DAY).unwrap()
    }

    #[track_caller]
    fn check(digit: char, marked: bool, tag: Option<&str>, expected: Fate) {
        let mut reach = Mentions::new(BUCKET, [code('a').as_str(), code('b').as_str()]);
        reach.read("r", &format!("s3://{BUCKET}/{}", code('a')));
        let tag = tag.map(|tag| {
            tag.strip_prefix("day ").map_or(tag.to_owned(), |day| at(day.parse().unwrap()).to_string())
        });
        let object = Object { key: code(digit), bytes: 1, modified: at(10), marked, tag };
        assert_eq!(decide(&reach, &object, at(20), SignedDuration::from_hours(7 * 24)), expected);
    }

    #[test]
    fn fates() {
        check('a', true, None, Fate::Keep);
        check('a', false, None, Fate::Keep);
        check('a', true, Some("day 11"), Fate::Untag);
        check('b', true, None, Fate::Tag);
        check('b', false, None, Fate::Alone);
        check('b', false, Some("day 11"), Fate::Alone);
        check('b', true, Some("day 14"), Fate::Wait);
        check('b', true, Some("day 13"), Fate::Delete);
        check('b', true, Some("day 11"), Fate::Delete);
        // Written again after it was tagged; tagged in the future; a tag nobody can read.
        check('b', true, Some("day 9"), Fate::Tag);
        check('b', true, Some("day 30"), Fate::Wait);
        check('b', true, Some("yesterday"), Fate::Tag);
        check('b', true, Some(""), Fate::Tag);
    }

    fn keys() -> impl Strategy<Value = String> {
        let hash = "[a-d]".prop_map(|digit| digit.repeat(64));
        prop_oneof![
            hash.clone().prop_map(|hash| format!("code/p/{hash}/a.py")),
            hash.clone().prop_map(|hash| format!("definitions/p/{hash}.json")),
            hash.clone().prop_map(|hash| format!("templates/{hash}.json")),
            hash.prop_map(|hash| format!("elsewhere/{hash}")),
            "[a-z/]{0,20}",
        ]
    }

    fn tags() -> impl Strategy<Value = Option<String>> {
        prop_oneof![
            Just(None),
            (0_i64..40).prop_map(|day| Some(at(day).to_string())),
            "[0-9a-zT:-]{0,12}".prop_map(Some)
        ]
    }

    proptest! {
        #[test]
        fn nothing_goes_that_must_not(
            objects in prop::collection::vec((keys(), 0_i64..40, any::<bool>(), tags()), 0..20),
            texts in prop::collection::vec(keys(), 0..4),
            now in 0_i64..40,
            grace in 1_i64..20,
        ) {
            let objects: Vec<Object> = objects
                .into_iter()
                .map(|(key, day, marked, tag)| Object { key, bytes: 1, modified: at(day), marked, tag })
                .collect();
            let mut reach = Mentions::new(BUCKET, objects.iter().map(|object| object.key.as_str()));
            for text in &texts {
                reach.read("r", text);
            }
            let plan = plan(&reach, &objects, at(now), SignedDuration::from_secs(grace * DAY));
            let lists = [&plan.keep, &plan.untag, &plan.tag, &plan.wait, &plan.delete, &plan.alone];
            let mut all: Vec<usize> = lists.into_iter().flatten().copied().collect();
            all.sort_unstable();
            prop_assert_eq!(all, (0..objects.len()).collect::<Vec<_>>());
            for object in plan.delete.iter().map(|index| &objects[*index]) {
                let own = OwnKey::parse(&object.key).unwrap();
                prop_assert!(!texts.iter().any(|text| text.contains(own.sha256)));
                prop_assert!(object.marked);
                let since: Timestamp = object.tag.as_deref().unwrap().parse().unwrap();
                prop_assert!(at(now).duration_since(since).as_secs() >= grace * DAY);
                prop_assert!(object.modified <= since);
            }
            for object in plan.tag.iter().map(|index| &objects[*index]) {
                prop_assert!(object.marked && OwnKey::parse(&object.key).is_some());
                prop_assert!(reach.who(&object.key).is_none());
            }
            for object in plan.untag.iter().map(|index| &objects[*index]) {
                prop_assert!(object.tag.is_some() && OwnKey::parse(&object.key).is_some());
            }
        }
    }
}
