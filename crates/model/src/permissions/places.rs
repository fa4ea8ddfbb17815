//! Places in S3 that a graph names.

use std::collections::{BTreeMap, BTreeSet};

use super::known::Known;
use super::{Collector, Statement};
use crate::deploy::Deploy;

/// What a step does with a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// It reads.
    Read,
    /// It reads and writes.
    Write,
    /// Only its code knows: it writes, where that is the data bucket.
    Free,
}

/// Prefixes that are read, by bucket, with the steps that do.
#[derive(Default)]
pub(super) struct Buckets(BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)>);

const GET: &[&str] = &["s3:GetObject"];
const PUT: &[&str] = &["s3:AbortMultipartUpload", "s3:PutObject"];

impl Collector<'_> {
    fn bucket(&self, deploy: &Deploy) -> String {
        self.environment.text(deploy, self.pipeline)
    }

    fn object_arn(&self, bucket: &str, key: &str) -> String {
        let partition = self.environment.text(&Deploy::Partition, self.pipeline);
        format!("arn:{partition}:s3:::{bucket}/{key}")
    }

    /// Its own code may be read.
    pub(super) fn code(&mut self) {
        let bucket = self.bucket(&Deploy::SourceBucket);
        let all = format!("code/{}/*", self.pipeline);
        let resource = self.object_arn(&bucket, &all);
        self.allow("ReadCode", GET, [resource]);
        self.listed(bucket, [all]);
    }

    /// Every URI in a text.
    pub(super) fn uris(&mut self, known: &Known, access: Access) {
        let mut rest = known.text.as_str();
        while let Some((_, after)) = rest.split_once("s3://") {
            // What ends a URI inside of other text: nothing that would be in one unquoted.
            let end =
                after.find([' ', '\n', '\t', '"', '\'', ',', ';', '<', '>', '|']).unwrap_or(after.len());
            self.place(&after[..end], known.complete || end < after.len(), access);
            rest = &after[end..];
        }
    }

    fn place(&mut self, place: &str, complete: bool, access: Access) {
        let (bucket, key, complete) = match place.split_once('/') {
            Some((bucket, key)) => (bucket, key, complete),
            // Part of a bucket's name is no bucket.
            None if !complete => return,
            None => (place, "", complete),
        };
        if bucket.is_empty() {
            return;
        }
        let (source, data) = (self.bucket(&Deploy::SourceBucket), self.bucket(&Deploy::DataBucket));
        let of_source = bucket == source;
        if of_source && key.starts_with(&format!("code/{}/", self.pipeline)) {
            self.code();
            return;
        }
        let keys = patterns(key, complete);
        let resources: Vec<String> = keys
            .iter()
            // The folder itself is no object, but a file of that name may be meant.
            .map(|key| self.object_arn(bucket, key))
            .collect();
        self.allow("ReadData", GET, resources.clone());
        let is_code = of_source && (source != data || reaches_code(key, complete));
        let writes = match access {
            Access::Read => false,
            Access::Write => true,
            Access::Free => bucket == data,
        };
        if writes && !is_code {
            self.allow("WriteData", PUT, resources);
        }
        self.listed(bucket.to_owned(), keys);
    }

    fn listed(&mut self, bucket: String, keys: impl IntoIterator<Item = String>) {
        let (prefixes, steps) = self.buckets.0.entry(bucket).or_default();
        prefixes.extend(keys);
        steps.extend(self.step.clone());
    }
}

/// Whether a write there could reach code.
fn reaches_code(key: &str, complete: bool) -> bool {
    let folder = key.trim_end_matches('/');
    ["code/", "definitions/"].iter().any(|code| {
        if complete && !folder.is_empty() {
            format!("{folder}/").starts_with(code)
        } else {
            key.starts_with(code) || code.starts_with(key)
        }
    })
}

/// A key and what is below it, or everything that begins so.
fn patterns(key: &str, complete: bool) -> Vec<String> {
    let folder = key.trim_end_matches('/');
    if !complete || folder.is_empty() {
        return vec![format!("{key}*")];
    }
    if folder.len() < key.len() {
        return vec![format!("{folder}/*")];
    }
    vec![folder.to_owned(), format!("{folder}/*")]
}

/// One statement for listing each bucket, as the prefixes are of that bucket.
pub(super) fn finish(collector: &mut Collector<'_>) {
    let buckets = std::mem::take(&mut collector.buckets).0;
    let partition = collector.environment.text(&Deploy::Partition, collector.pipeline);
    for (index, (bucket, (prefixes, steps))) in buckets.into_iter().enumerate() {
        let mut statement = Statement {
            actions: BTreeSet::from(["s3:ListBucket".to_owned()]),
            resources: BTreeSet::from([format!("arn:{partition}:s3:::{bucket}")]),
            steps,
            ..Statement::default()
        };
        for prefix in prefixes {
            statement.only_where("StringLike", "s3:prefix", prefix);
        }
        collector.statements.insert(format!("ListBucket{}", index + 1), statement);
    }
}
