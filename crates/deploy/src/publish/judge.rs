//! Whether an object that has our key is what we would have put there.

use super::wanted::Wanted;

/// The metadata in which an object that was sent from here carries the SHA-256 of its bytes, lower-case hex.
pub(super) const SHA256: &str = "pipewright-sha256";

/// The metadata with the SHA-256 of the content, which is another one for a packed folder.
pub(super) const CONTENT: &str = "pipewright-content";

/// What a HEAD request says of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// In bytes.
    pub(super) size: u64,
    /// SHA-256 of the whole object in lower-case hex, where S3 has it: not of one that was sent in parts.
    pub(super) checksum: Option<String>,
    /// [`SHA256`].
    pub(super) sha256: Option<String>,
    /// [`CONTENT`].
    pub(super) content: Option<String>,
    /// Names this version of the object.
    pub(super) etag: Option<String>,
}

/// What to do about an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is what we want.
    Same,
    /// It says that it is what we want, and is not: it was damaged. It is replaced, unless its `ETag` is another one by then.
    Damaged {
        /// The `ETag` of what was seen.
        etag: String,
    },
    /// Somebody else's: it is left alone. Why it is not ours.
    Foreign(String),
}

/// Compares what is there with what is wanted.
///
/// Only what is provably ours is ever replaced: an object whose metadata names the very bytes that are wanted and whose size
/// or checksum contradicts that. Everything else that does not fit is an error, and a person decides. An object without
/// metadata that has the right size is taken for what its key says: the `cdk` CLI publishes like that.
pub(super) fn judge(wanted: &Wanted, found: &Found) -> Verdict {
    let claims = found.sha256.as_deref();
    let sums_up = match (&found.checksum, claims) {
        (Some(checksum), Some(claimed)) => checksum == claimed,
        _ => true,
    };
    // A folder that another release packed: other bytes, the same files.
    let is_packed = wanted.content != wanted.sha256;
    if is_packed
        && sums_up
        && claims.is_some()
        && claims != Some(&wanted.sha256)
        && found.content.as_deref() == Some(&wanted.content)
    {
        return Verdict::Same;
    }
    let fits = found.size == wanted.size
        && found.checksum.as_ref().is_none_or(|checksum| *checksum == wanted.sha256);
    match (fits, claims) {
        (true, None) => Verdict::Same,
        (true, Some(claimed)) if claimed == wanted.sha256 => Verdict::Same,
        (true, Some(claimed)) => Verdict::Foreign(format!("it says that its SHA-256 is {claimed}")),
        (false, Some(claimed)) if claimed == wanted.sha256 => match &found.etag {
            Some(etag) => Verdict::Damaged { etag: etag.clone() },
            None => Verdict::Foreign("it is damaged, and the server gives no ETag".to_owned()),
        },
        (false, _) if found.size != wanted.size => Verdict::Foreign(format!("it has {} bytes", found.size)),
        (false, _) => {
            Verdict::Foreign(format!("its SHA-256 is {}", found.checksum.as_deref().unwrap_or_default()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(content: &str) -> Wanted {
        Wanted { size: 5, sha256: "aa".into(), content: content.into(), ..Wanted::default() }
    }

    fn found(size: u64, checksum: &str, sha256: &str, content: &str) -> Found {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Found {
            size,
            checksum: some(checksum),
            sha256: some(sha256),
            content: some(content),
            etag: Some("e".into()),
        }
    }

    #[test]
    fn only_what_is_provably_ours_is_replaced() {
        let damaged = Verdict::Damaged { etag: "e".into() };
        let foreign = |why: &str| Verdict::Foreign(why.into());
        for (is, expected) in [
            (found(5, "aa", "aa", "aa"), Verdict::Same),
            (found(5, "", "aa", "aa"), Verdict::Same),
            (found(5, "aa", "", ""), Verdict::Same),
            (found(5, "", "", ""), Verdict::Same),
            (found(4, "", "aa", "aa"), damaged.clone()),
            (found(5, "bb", "aa", "aa"), damaged.clone()),
            (found(4, "", "", ""), foreign("it has 4 bytes")),
            (found(5, "bb", "", ""), foreign("its SHA-256 is bb")),
            (found(5, "bb", "bb", "aa"), foreign("its SHA-256 is bb")),
            (found(5, "", "bb", "bb"), foreign("it says that its SHA-256 is bb")),
        ] {
            assert_eq!(judge(&wanted("aa"), &is), expected, "{is:?}");
        }
        let no_etag = Found { etag: None, ..found(4, "", "aa", "aa") };
        assert!(matches!(judge(&wanted("aa"), &no_etag), Verdict::Foreign(_)));
    }

    #[test]
    fn a_folder_may_be_packed_in_another_way() {
        for (is, expected) in [
            (found(5, "aa", "aa", "cc"), Verdict::Same),
            (found(7, "bb", "bb", "cc"), Verdict::Same),
            (found(7, "", "bb", "cc"), Verdict::Same),
            (found(7, "dd", "bb", "cc"), Verdict::Foreign("it has 7 bytes".into())),
            (found(7, "bb", "bb", "dd"), Verdict::Foreign("it has 7 bytes".into())),
            (found(4, "", "aa", "cc"), Verdict::Damaged { etag: "e".into() }),
        ] {
            assert_eq!(judge(&wanted("cc"), &is), expected, "{is:?}");
        }
    }
}
