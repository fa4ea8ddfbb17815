//! What the fake knows: pipelines, domains and what belongs to them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A pipeline.
#[derive(Debug, Clone)]
pub struct Pipeline {
    /// Its name.
    pub name: String,
    /// Its display name.
    pub display_name: Option<String>,
    /// The ARN of its role.
    pub role: String,
    /// Its versions, oldest first; the last is the one deployed.
    pub versions: Vec<Version>,
    /// Its executions.
    pub executions: Vec<Execution>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// When it was last changed.
    pub modified: SystemTime,
}

/// A version of a pipeline.
#[derive(Debug, Clone)]
pub struct Version {
    /// The definition, JSON.
    pub definition: String,
    /// When it was made.
    pub created: SystemTime,
}

/// An execution of a pipeline.
#[derive(Debug, Clone)]
pub struct Execution {
    /// The last part of its ARN.
    pub id: String,
    /// `Executing`, `Stopping`, `Stopped`, `Failed` or `Succeeded`.
    pub status: String,
    /// The definition it runs.
    pub definition: String,
    /// The version it runs, from 1.
    pub version: usize,
    /// When it started.
    pub started: SystemTime,
}

impl Pipeline {
    /// A pipeline with one version and no executions, made now.
    pub fn new(name: impl Into<String>, definition: impl Into<String>) -> Self {
        let now = SystemTime::now();
        Self {
            name: name.into(),
            display_name: None,
            role: "arn:aws:iam::111122223333:role/pipeline".to_owned(),
            versions: vec![Version { definition: definition.into(), created: now }],
            executions: Vec::new(),
            tags: BTreeMap::new(),
            modified: now,
        }
    }

    /// A newer version; it is the deployed one now.
    pub fn version(mut self, definition: impl Into<String>) -> Self {
        self.versions.push(Version { definition: definition.into(), created: SystemTime::now() });
        self
    }

    /// An execution of a definition, so many seconds ago.
    pub fn execution(
        mut self,
        id: impl Into<String>,
        status: impl Into<String>,
        definition: impl Into<String>,
        seconds_ago: u64,
    ) -> Self {
        self.executions.push(Execution {
            id: id.into(),
            status: status.into(),
            definition: definition.into(),
            version: self.versions.len(),
            started: SystemTime::now() - Duration::from_secs(seconds_ago),
        });
        self
    }

    /// A tag.
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.insert(key.into(), value.into());
        self
    }

    /// The deployed definition.
    ///
    /// # Panics
    /// When the pipeline has no version.
    pub fn definition(&self) -> &str {
        &self.versions.last().expect("a pipeline has a version").definition
    }
}

/// A domain.
#[derive(Debug, Clone)]
pub struct Domain {
    /// Its id, for example `d-abc`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The file system that stays when it is deleted.
    pub file_system: String,
    /// The VPC it is in.
    pub vpc: String,
    /// The names of its user profiles.
    pub user_profiles: Vec<String>,
    /// Its spaces.
    pub spaces: Vec<Space>,
    /// Its apps.
    pub apps: Vec<App>,
}

impl Domain {
    /// A domain with nothing in it.
    pub fn new(id: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            file_system: "fs-0123456789abcdef0".to_owned(),
            vpc: "vpc-0123456789abcdef0".to_owned(),
            user_profiles: Vec::new(),
            spaces: Vec::new(),
            apps: Vec::new(),
        }
    }
}

/// A space.
#[derive(Debug, Clone)]
pub struct Space {
    /// Its name.
    pub name: String,
    /// Its status, for example `InService`.
    pub status: String,
}

/// An app.
#[derive(Debug, Clone)]
pub struct App {
    /// Its name.
    pub name: String,
    /// Its type, for example `JupyterLab`.
    pub kind: String,
    /// Its status, for example `InService` or `Deleted`.
    pub status: String,
    /// Whose it is; an app belongs to a user profile or to a space.
    pub user_profile: Option<String>,
    /// The space it runs in.
    pub space: Option<String>,
}

#[derive(Debug)]
pub(super) struct World {
    pub(super) region: String,
    pub(super) account: String,
    pub(super) page: usize,
    pub(super) pipelines: Vec<Pipeline>,
    pub(super) domains: Vec<Domain>,
    pub(super) denied: BTreeSet<String>,
    pub(super) throttled: BTreeMap<String, u32>,
}

impl Default for World {
    fn default() -> Self {
        Self {
            region: "us-east-1".to_owned(),
            account: "111122223333".to_owned(),
            page: 100,
            pipelines: Vec::new(),
            domains: Vec::new(),
            denied: BTreeSet::new(),
            throttled: BTreeMap::new(),
        }
    }
}

/// A time as JSON 1.1 carries it: seconds since 1970.
pub(super) fn seconds(time: SystemTime) -> f64 {
    let whole = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    // Milliseconds fit a double for the next 280,000 years.
    #[allow(clippy::cast_precision_loss, reason = "53 bits are enough for milliseconds")]
    let seconds = whole as f64 / 1000.0;
    seconds
}
