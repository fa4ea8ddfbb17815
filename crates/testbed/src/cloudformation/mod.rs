//! CloudFormation as tests need it: its Query protocol over a real state machine in memory, with events in
//! the order of dependencies, and every state and fault on request. STS answers on the same port.
//!
//! It creates nothing: a resource is a status, a made-up physical id and its properties. Templates are
//! JSON. Where CloudFormation refuses, the fake refuses with the same code and words.

mod actions;
mod apply;
mod builder;
mod change_sets;
mod changes;
mod faults;
mod operate;
mod preset;
mod query;
mod show;
mod state;
mod template;
mod timeline;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::{Bytes, Incoming};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

use crate::background::{AnyBody, Background, Broken, answer};
use crate::form;
use crate::s3::lock;
pub use builder::Builder;
use faults::Faults;
pub use preset::Preset;
use query::Params;
pub use query::Refused;
pub use state::{Event, Output, Resource, Validation};
use state::{Kind, World};

/// One request as it came in.
#[derive(Debug, Clone)]
pub struct Request {
    /// The API action.
    pub action: String,
    /// Its parameters, as the form spells them.
    pub params: BTreeMap<String, String>,
    /// When it came.
    pub at: SystemTime,
    /// What it was refused with, if it was.
    pub refused: Option<Refused>,
}

/// A stack as a test inspects it.
#[derive(Debug, Clone)]
pub struct StackView {
    /// Its ARN.
    pub id: String,
    /// Its status now.
    pub status: String,
    /// Why it has that status.
    pub reason: Option<String>,
    /// The template of the last operation that succeeded, as it was sent.
    pub template: String,
    /// Its parameters.
    pub parameters: BTreeMap<String, String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Its outputs, resolved.
    pub outputs: Vec<Output>,
    /// Its resources, sorted by logical id.
    pub resources: Vec<Resource>,
    /// Its events, oldest first.
    pub events: Vec<Event>,
    /// Whether termination protection is on.
    pub protected: bool,
    /// The names of its change sets with their statuses.
    pub change_sets: BTreeMap<String, String>,
}

#[derive(Debug)]
struct Shared {
    world: Mutex<World>,
    faults: Mutex<Faults>,
    log: Mutex<Vec<Request>>,
    s3: Option<String>,
}

/// A running fake; dropping it ends it.
#[derive(Debug)]
pub struct Fake {
    background: Background,
    shared: Arc<Shared>,
}

impl Fake {
    /// A fake without stacks and faults, at 5 ms a resource.
    pub fn start() -> Self {
        Self::builder().start()
    }

    /// What to start with.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// `http://127.0.0.1:PORT`, for CloudFormation and for STS.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.background.address())
    }

    /// Every request so far, in the order of arrival.
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.shared.log).clone()
    }

    /// The actions of every request so far, in the order of arrival.
    pub fn actions(&self) -> Vec<String> {
        lock(&self.shared.log).iter().map(|request| request.action.clone()).collect()
    }

    /// How many requests came in for an action.
    pub fn count(&self, action: &str) -> usize {
        lock(&self.shared.log).iter().filter(|request| request.action == action).count()
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        lock(&self.shared.log).clear();
    }

    /// A living stack by name, or any by ARN.
    pub fn stack(&self, name: &str) -> Option<StackView> {
        let mut world = lock(&self.shared.world);
        world.advance();
        let stack = world.find(name)?;
        let sets = world.change_sets.iter().filter(|set| set.stack_id == stack.id);
        Some(StackView {
            id: stack.id.clone(),
            status: stack.status.clone(),
            reason: stack.reason.clone(),
            template: stack.now.template.body.clone(),
            parameters: stack.now.parameters.clone(),
            tags: stack.now.tags.clone(),
            outputs: stack.now.outputs.clone(),
            resources: stack.now.resources.values().cloned().collect(),
            events: stack.events.clone(),
            protected: stack.protected,
            change_sets: sets.map(|set| (set.name.clone(), set.status.clone())).collect(),
        })
    }

    /// The names of all living stacks, sorted.
    pub fn stacks(&self) -> Vec<String> {
        let world = lock(&self.shared.world);
        let mut names: Vec<_> =
            world.stacks.iter().filter(|stack| stack.lives()).map(|stack| stack.name.clone()).collect();
        names.sort();
        names
    }

    /// Adds a stack while the fake runs.
    pub fn add(&self, preset: Preset) {
        preset.put(&mut lock(&self.shared.world));
    }

    /// From now on creating or updating this resource fails with this reason.
    pub fn fail_resource(&self, id: impl Into<String>, reason: impl Into<String>) {
        lock(&self.shared.world).script.fail.insert(id.into(), reason.into());
    }

    /// From now on bringing this resource back in a rollback fails with this reason.
    pub fn fail_rollback(&self, id: impl Into<String>, reason: impl Into<String>) {
        lock(&self.shared.world).script.fail_rollback.insert(id.into(), reason.into());
    }

    /// From now on deleting this resource fails with this reason.
    pub fn fail_delete(&self, id: impl Into<String>, reason: impl Into<String>) {
        lock(&self.shared.world).script.fail_delete.insert(id.into(), reason.into());
    }

    /// From now on this resource never gets done.
    pub fn hang(&self, id: impl Into<String>) {
        lock(&self.shared.world).script.hang.insert(id.into());
    }

    /// Takes back every failure and hang of a resource.
    pub fn mend(&self, id: &str) {
        let script = &mut lock(&self.shared.world).script;
        for failures in [&mut script.fail, &mut script.fail_rollback, &mut script.fail_delete] {
            failures.remove(id);
        }
        script.hang.remove(id);
        script.early.retain(|one| one.logical_id != id);
    }

    /// Every change set from now on fails with this reason; `None` takes it back.
    pub fn fail_change_sets(&self, reason: Option<&str>) {
        lock(&self.shared.world).script.change_set_failure = reason.map(str::to_owned);
    }

    /// Denies an action from now on, for example `cloudformation:CreateChangeSet`.
    pub fn deny(&self, permission: impl Into<String>) {
        lock(&self.shared.faults).denied.insert(permission.into());
    }

    /// Allows an action again.
    pub fn allow(&self, permission: &str) {
        lock(&self.shared.faults).denied.remove(permission);
    }

    /// Answers the next requests for an action (`*`: any) with `Throttling: Rate exceeded`.
    pub fn throttle(&self, action: impl Into<String>, times: u32) {
        self.refuse(action, times, Refused::new(400, "Throttling", "Rate exceeded"));
    }

    /// Answers the next requests for an action (`*`: any) with an error of the test's own.
    pub fn refuse(&self, action: impl Into<String>, times: u32, refused: Refused) {
        lock(&self.shared.faults).refused.insert(action.into(), (times, refused));
    }

    /// After this many more requests every one is answered 403 `ExpiredToken`; `None` renews them.
    pub fn expire_credentials_after(&self, requests: Option<u64>) {
        lock(&self.shared.faults).credentials = requests;
    }

    /// Somebody else updates a stack, which takes the given time; open change sets become obsolete.
    ///
    /// # Panics
    /// When the stack doesn't exist.
    pub fn start_foreign_update(&self, name: &str, milliseconds: u64) {
        let mut world = lock(&self.shared.world);
        world.advance();
        let position = world.position(name).expect("the stack that somebody else updates exists");
        let id = world.stacks[position].id.clone();
        let mut target = world.stacks[position].now.clone();
        target.tags.insert("changed-by".to_owned(), "somebody else".to_owned());
        actions::obsolete(&mut world, &id, None);
        let pace = world.pace.resource;
        world.pace.resource = milliseconds;
        world.run(position, target, None, "ROLLBACK", None);
        world.pace.resource = pace;
    }

    /// Ends an operation at once, by a status: for presets that were `…_IN_PROGRESS`.
    ///
    /// # Panics
    /// When the stack doesn't exist.
    pub fn settle(&self, name: &str, status: &str) {
        let mut world = lock(&self.shared.world);
        let position = world.position(name).expect("the stack to settle exists");
        world.stacks[position].operation = None;
        world.stacks[position].turn(status, None);
    }

    /// Whether an operation of this stack is a rollback of an update.
    pub fn rolls_back(&self, name: &str) -> bool {
        let world = lock(&self.shared.world);
        let operation = world.find(name).and_then(|stack| stack.operation.as_ref());
        operation.is_some_and(|operation| operation.kind == Kind::RollbackUpdate)
    }
}

impl Shared {
    async fn answer(
        self: Arc<Self>,
        request: hyper::Request<Incoming>,
    ) -> Result<hyper::Response<AnyBody>, Broken> {
        let body = Limited::new(request.into_body(), 4 << 20).collect().await?.to_bytes();
        let params = Params(form::parse(&body));
        let action = params.get("Action").unwrap_or_default().to_owned();
        let mut logged = Request {
            action: action.clone(),
            params: params.0.clone(),
            at: SystemTime::now(),
            refused: None,
        };
        let result = self.result(&action, &params).await;
        logged.refused = result.as_ref().err().cloned();
        lock(&self.log).push(logged);
        Ok(match result {
            Ok(result) => answer(200, "text/xml", query::response(&action, &result)),
            Err(refused) => answer(refused.status, "text/xml", refused.xml()),
        })
    }

    async fn result(&self, action: &str, params: &Params) -> Result<String, Refused> {
        let (caller, scope) = {
            let world = lock(&self.world);
            (world.caller.clone(), format!("{}:{}", world.region, world.account))
        };
        if let Some(refused) = lock(&self.faults).check(action, params, &caller, &scope) {
            return Err(refused);
        }
        let fetched = match params.get("TemplateURL") {
            Some(url) => Some(self.fetch(url).await?),
            None => None,
        };
        actions::dispatch(&mut lock(&self.world), action, params, fetched)
    }

    /// A template from S3: from loopback as the URL says, else by bucket and key from the S3 that was given.
    async fn fetch(&self, url: &str) -> Result<String, Refused> {
        let unsupported = || Refused::validation("TemplateURL must be a supported URL.");
        let (_, rest) = url.split_once("://").ok_or_else(unsupported)?;
        let (host, path) = rest.split_once('/').ok_or_else(unsupported)?;
        let local = host.starts_with("127.0.0.1") || host.starts_with("localhost");
        let address = if local {
            url.to_owned()
        } else {
            let endpoint = self.s3.as_ref().ok_or_else(unsupported)?;
            match host.split_once(".s3") {
                Some((bucket, _)) => format!("{endpoint}/{bucket}/{path}"),
                None if host.starts_with("s3") => format!("{endpoint}/{path}"),
                None => return Err(unsupported()),
            }
        };
        let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
        let failed = |text: &str| Refused::validation(format!("S3 error: {text}"));
        let answer = client
            .get(address.parse().map_err(|_| unsupported())?)
            .await
            .map_err(|error| failed(&error.to_string()))?;
        match answer.status().as_u16() {
            200 => {}
            404 => return Err(failed("The specified key does not exist.")),
            _ => return Err(failed("Access Denied")),
        }
        let body = Limited::new(answer.into_body(), 1_000_001).collect().await;
        let body = body.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        if body.is_empty() || body.len() > 1_000_000 {
            return Err(Refused::validation("Template may not exceed 1000000 bytes in size."));
        }
        String::from_utf8(body.to_vec()).map_err(|_| Refused::validation("Template format error: not UTF-8"))
    }
}
