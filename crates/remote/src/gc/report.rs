//! [`Report`]: what was found and done, as a table and as JSON.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde::Serialize;

use super::reach::Object;
use super::roots::Counts;

/// What was found in the source bucket, and what became of it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The bucket.
    pub bucket: String,
    /// When it was looked at.
    pub at: Timestamp,
    /// Whether nothing was changed: `--delete` was not given.
    pub dry_run: bool,
    /// Whether the bucket keeps what is deleted; absent when it does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub versioned: Option<bool>,
    /// What was read to find out.
    pub read: Counts,
    /// Who refers to the bucket as a whole, and thereby keeps everything in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub whole_bucket: Option<String>,
    /// What something refers to.
    pub kept: Share,
    /// What something refers to again: the tag goes.
    pub untagged: Share,
    /// What nothing refers to any more: gets the tag.
    pub tagged: Share,
    /// What was tagged, but not long enough.
    pub waiting: Share,
    /// What was tagged long enough: goes.
    pub deleted: Share,
    /// What nothing refers to and no deploy wrote, as far as can be told: is left alone.
    pub left_alone: Share,
    /// What was deleted and put back, because something refers to it again.
    pub restored: Share,
}

/// Some of the objects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Share {
    /// How many.
    pub objects: usize,
    /// How large all of them are together.
    pub bytes: u64,
    /// Their keys, sorted; empty of those that stay.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<String>,
}

impl Share {
    /// These of the objects.
    pub(crate) fn of(objects: &[Object], indices: &[usize], with_keys: bool) -> Self {
        let chosen = || indices.iter().filter_map(|index| objects.get(*index));
        Self {
            objects: chosen().count(),
            bytes: chosen().map(|object| object.bytes).sum(),
            keys: if with_keys { chosen().map(|object| object.key.clone()).collect() } else { Vec::new() },
        }
    }

    /// Adds one more.
    pub(crate) fn add(&mut self, object: &Object) {
        self.objects += 1;
        self.bytes += object.bytes;
        self.keys.push(object.key.clone());
        self.keys.sort();
    }
}

impl Report {
    /// The table.
    pub fn text(&self) -> String {
        let mut out = String::new();
        // Writing to a String can't fail.
        let _ = self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        let would = |did: &str, would: &str| if self.dry_run { would.to_owned() } else { did.to_owned() };
        let rows = [
            ("kept".to_owned(), &self.kept),
            (would("untagged", "to untag"), &self.untagged),
            (would("tagged", "to tag"), &self.tagged),
            ("tagged before".to_owned(), &self.waiting),
            (would("deleted", "to delete"), &self.deleted),
            ("put back".to_owned(), &self.restored),
            ("left alone".to_owned(), &self.left_alone),
        ];
        for (name, share) in &rows {
            for key in &share.keys {
                writeln!(out, "{name:<14} {key}")?;
            }
        }
        if rows.iter().any(|(_, share)| !share.keys.is_empty()) {
            writeln!(out)?;
        }
        writeln!(out, "s3://{}", self.bucket)?;
        for (name, share) in &rows {
            if share.objects > 0 || name == "kept" {
                writeln!(out, "  {name:<14} {:>7}  {:>10}", share.objects, size(share.bytes))?;
            }
        }
        let Counts { pipelines, versions, executions, stacks, change_sets, documents } = self.read;
        writeln!(
            out,
            "read: {pipelines} pipelines, {versions} versions, {executions} executions, {stacks} stacks, {change_sets} change sets, {documents} texts in the bucket"
        )?;
        if let Some(who) = &self.whole_bucket {
            writeln!(out, "{who} refers to the bucket as a whole, which keeps everything in it")?;
        }
        match (self.dry_run, self.versioned) {
            (true, _) if self.tagged.objects + self.untagged.objects + self.deleted.objects > 0 => {
                writeln!(out, "nothing was changed; --delete does it")?;
            }
            (false, Some(true)) if self.deleted.objects > 0 => {
                writeln!(
                    out,
                    "the bucket is versioned: what was deleted is behind a delete marker, and is back when that is removed"
                )?;
            }
            (false, _) if self.deleted.objects > 0 => {
                writeln!(out, "the bucket is not versioned: what was deleted is gone")?;
            }
            _ => {}
        }
        Ok(())
    }
}

/// A size for people.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    // In tenths, so that no floating point is needed.
    let (mut tenths, mut unit) = (bytes / 100, UNITS[0]);
    for larger in &UNITS[1..] {
        if tenths < 10_000 {
            break;
        }
        (tenths, unit) = (tenths / 1000, larger);
    }
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (bytes, expected) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (999_949, "999.9 kB"),
            (1_000_000, "1.0 MB"),
            (5_368_709_120, "5.3 GB"),
            (u64::MAX, "18446744.0 TB"),
        ] {
            assert_eq!(size(bytes), expected);
        }
    }
}
