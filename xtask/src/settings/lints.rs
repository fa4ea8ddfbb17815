//! The table of `pipewright.toml` that says what is thought of what is right, and yet not as careful as it could be.

use std::collections::BTreeMap;

use pipewright_macros::Config;

use crate::lints::{Exception, Level, Lint, Lints};

/// What becomes of each finding: `allow`, `warn` or `deny`.
#[derive(Config)]
#[config(crate = "pipewright_config")]
pub(super) struct LintsTable {
    /// A domain whose notebooks reach the internet past the VPC.
    #[config(default = "warn")]
    domain_not_vpc_only: LevelKey,
    /// A job or model that runs in SageMaker's own network.
    #[config(default = "warn")]
    job_without_network: LevelKey,
    /// Results of a job that no key of yours encrypts; `warn` where the buckets have a key of their own, `allow` elsewhere.
    unencrypted_output: Option<LevelKey>,
    /// Disks of a job that no key of yours encrypts.
    #[config(default = "allow")]
    unencrypted_volume: LevelKey,
    /// A job on several instances that talk to each other in the clear.
    #[config(default = "warn")]
    unencrypted_traffic: LevelKey,
    /// An output of a processing step that no step of the pipeline reads.
    #[config(default = "allow")]
    unread_output: LevelKey,
    /// A cache whose key differs in every execution.
    #[config(default = "warn")]
    cache_never_hits: LevelKey,
    /// Training on spot instances that keeps nothing when one is taken away.
    #[config(default = "warn")]
    spot_without_checkpoints: LevelKey,
    /// What is meant to be so, each with its reason.
    #[config(default)]
    except: Vec<ExceptTable>,
}

/// What becomes of a finding.
#[derive(Clone, Copy, Config)]
#[config(crate = "pipewright_config")]
enum LevelKey {
    /// Nothing.
    Allow,
    /// It is shown.
    Warn,
    /// It is an error, and nothing is written.
    Deny,
}

/// A lint, by the name of its key.
#[derive(Clone, Copy, Config)]
#[config(crate = "pipewright_config")]
enum LintKey {
    DomainNotVpcOnly,
    JobWithoutNetwork,
    UnencryptedOutput,
    UnencryptedVolume,
    UnencryptedTraffic,
    UnreadOutput,
    CacheNeverHits,
    SpotWithoutCheckpoints,
}

/// What is meant to be so.
#[derive(Config)]
#[config(crate = "pipewright_config")]
struct ExceptTable {
    /// The lint.
    lint: LintKey,
    /// The pipeline.
    #[config(min_length = 1, max_length = 256)]
    pipeline: String,
    /// The step; every step of the pipeline where none is given.
    #[config(min_length = 1, max_length = 256)]
    step: Option<String>,
    /// Why.
    #[config(min_length = 1, max_length = 1024)]
    reason: String,
}

impl LintsTable {
    /// What it says, for buckets that do or don't have a key of their own.
    pub(super) fn settings(self, buckets_have_key: bool) -> Lints {
        let Self {
            domain_not_vpc_only,
            job_without_network,
            unencrypted_output,
            unencrypted_volume,
            unencrypted_traffic,
            unread_output,
            cache_never_hits,
            spot_without_checkpoints,
            except,
        } = self;
        // Where S3's keys are good enough for the bucket, they are for what a job writes there.
        let output_default = if buckets_have_key { Level::Warn } else { Level::Allow };
        let levels = BTreeMap::from([
            (Lint::DomainNotVpcOnly, domain_not_vpc_only.into()),
            (Lint::JobWithoutNetwork, job_without_network.into()),
            (Lint::UnencryptedOutput, unencrypted_output.map_or(output_default, Level::from)),
            (Lint::UnencryptedVolume, unencrypted_volume.into()),
            (Lint::UnencryptedTraffic, unencrypted_traffic.into()),
            (Lint::UnreadOutput, unread_output.into()),
            (Lint::CacheNeverHits, cache_never_hits.into()),
            (Lint::SpotWithoutCheckpoints, spot_without_checkpoints.into()),
        ]);
        let exceptions = except
            .into_iter()
            .map(|except| {
                let ExceptTable { lint, pipeline, step, reason } = except;
                Exception { lint: lint.into(), pipeline, step, reason }
            })
            .collect();
        Lints { levels, exceptions }
    }
}

impl From<LevelKey> for Level {
    fn from(key: LevelKey) -> Self {
        match key {
            LevelKey::Allow => Self::Allow,
            LevelKey::Warn => Self::Warn,
            LevelKey::Deny => Self::Deny,
        }
    }
}

impl From<LintKey> for Lint {
    fn from(key: LintKey) -> Self {
        match key {
            LintKey::DomainNotVpcOnly => Self::DomainNotVpcOnly,
            LintKey::JobWithoutNetwork => Self::JobWithoutNetwork,
            LintKey::UnencryptedOutput => Self::UnencryptedOutput,
            LintKey::UnencryptedVolume => Self::UnencryptedVolume,
            LintKey::UnencryptedTraffic => Self::UnencryptedTraffic,
            LintKey::UnreadOutput => Self::UnreadOutput,
            LintKey::CacheNeverHits => Self::CacheNeverHits,
            LintKey::SpotWithoutCheckpoints => Self::SpotWithoutCheckpoints,
        }
    }
}
