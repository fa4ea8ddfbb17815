//! What a fake starts with.

use std::sync::{Arc, Mutex};

use super::faults::Faults;
use super::preset::Preset;
use super::query::Refused;
use super::state::{Pace, Script, Validation, World};
use super::{Fake, Shared};
use crate::background::Background;

/// Settings and script of a fake. What is scripted here can also be scripted while it runs, on [`Fake`].
#[derive(Debug)]
pub struct Builder {
    region: String,
    account: String,
    caller: Option<String>,
    pace: Pace,
    page: usize,
    s3: Option<String>,
    script: Script,
    faults: Faults,
    presets: Vec<Preset>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            region: "us-east-1".to_owned(),
            account: "111122223333".to_owned(),
            caller: None,
            pace: Pace { resource: 5, change_set: 2, by_poll: false },
            page: 100,
            s3: None,
            script: Script::default(),
            faults: Faults::default(),
            presets: Vec::new(),
        }
    }
}

impl Builder {
    /// The region in its ARNs; `us-east-1` without this.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = region.into();
        self
    }

    /// The account, twelve digits; 111122223333 without this.
    pub fn account(mut self, account: impl Into<String>) -> Self {
        self.account = account.into();
        self
    }

    /// The ARN of who calls; the user `deployer` without this.
    pub fn caller(mut self, arn: impl Into<String>) -> Self {
        self.caller = Some(arn.into());
        self
    }

    /// How long a resource takes, in milliseconds; 5 without this.
    pub fn resource_ms(mut self, milliseconds: u64) -> Self {
        self.pace.resource = milliseconds;
        self
    }

    /// How long computing a change set takes, in milliseconds; 2 without this.
    pub fn change_set_ms(mut self, milliseconds: u64) -> Self {
        self.pace.change_set = milliseconds;
        self
    }

    /// Time stands still but for questions: each `DescribeStacks` or event listing of a stack moves it on by
    /// the time of one resource. Makes runs repeatable.
    pub fn by_poll(mut self) -> Self {
        self.pace.by_poll = true;
        self
    }

    /// How many items a page of an answer has; 100 without this.
    pub fn page(mut self, size: usize) -> Self {
        self.page = size;
        self
    }

    /// Where templates by URL come from when their host is Amazon's: the endpoint of an S3 server.
    pub fn s3(mut self, endpoint: impl Into<String>) -> Self {
        self.s3 = Some(endpoint.into());
        self
    }

    /// A stack that is there.
    pub fn stack(mut self, preset: Preset) -> Self {
        self.presets.push(preset);
        self
    }

    /// Creating or updating this resource fails with this reason.
    pub fn fail_resource(mut self, id: impl Into<String>, reason: impl Into<String>) -> Self {
        self.script.fail.insert(id.into(), reason.into());
        self
    }

    /// Bringing this resource back in a rollback fails with this reason.
    pub fn fail_rollback(mut self, id: impl Into<String>, reason: impl Into<String>) -> Self {
        self.script.fail_rollback.insert(id.into(), reason.into());
        self
    }

    /// Deleting this resource fails with this reason.
    pub fn fail_delete(mut self, id: impl Into<String>, reason: impl Into<String>) -> Self {
        self.script.fail_delete.insert(id.into(), reason.into());
        self
    }

    /// This resource never gets done.
    pub fn hang(mut self, id: impl Into<String>) -> Self {
        self.script.hang.insert(id.into());
        self
    }

    /// Change sets fail early validation with this; `DescribeEvents` tells the details.
    pub fn early_validation_failure(mut self, failure: Validation) -> Self {
        self.script.early.push(failure);
        self
    }

    /// A property whose change needs a new resource, besides those that are known.
    pub fn create_only(mut self, kind: impl Into<String>, property: impl Into<String>) -> Self {
        self.script.create_only.insert((kind.into(), property.into()));
        self
    }

    /// After a change set was executed, this many descriptions of the stack still show the state before.
    pub fn stale_reads(mut self, count: u32) -> Self {
        self.script.stale_reads = count;
        self
    }

    /// Denies an action, for example `cloudformation:CreateChangeSet`.
    pub fn deny(mut self, permission: impl Into<String>) -> Self {
        self.faults.denied.insert(permission.into());
        self
    }

    /// Answers the first requests for an action (`*`: any) with `Throttling: Rate exceeded`.
    pub fn throttle(mut self, action: impl Into<String>, times: u32) -> Self {
        let refused = Refused::new(400, "Throttling", "Rate exceeded");
        self.faults.refused.insert(action.into(), (times, refused));
        self
    }

    /// After this many requests every one is answered 403 `ExpiredToken`.
    pub fn expire_credentials_after(mut self, requests: u64) -> Self {
        self.faults.credentials = Some(requests);
        self
    }

    /// Starts the fake.
    ///
    /// # Panics
    /// When no port can be had or a preset stack's template is no template.
    pub fn start(self) -> Fake {
        let caller = self.caller.unwrap_or_else(|| format!("arn:aws:iam::{}:user/deployer", self.account));
        let mut world = World {
            region: self.region,
            account: self.account,
            caller,
            pace: self.pace,
            page: self.page.max(1),
            stacks: Vec::new(),
            change_sets: Vec::new(),
            script: self.script,
            counter: 0,
        };
        for preset in self.presets {
            preset.put(&mut world);
        }
        let shared = Arc::new(Shared {
            world: Mutex::new(world),
            faults: Mutex::new(self.faults),
            log: Mutex::default(),
            s3: self.s3,
        });
        let here = Arc::clone(&shared);
        let background =
            Background::start("testbed-cloudformation", move |request| Arc::clone(&here).answer(request));
        Fake { background, shared }
    }
}
