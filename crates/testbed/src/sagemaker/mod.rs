//! The part of SageMaker's API that deploying touches: pipelines with versions and executions, domains,
//! apps, spaces, user profiles, tags. JSON 1.1 over preset data in memory; executions never run.

mod actions;
mod data;

use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use serde_json::{Value, json};

use crate::background::{AnyBody, Background, Broken, answer};
use crate::s3::lock;
use data::World;
pub use data::{App, Domain, Execution, Pipeline, Space, Version};

/// One request as it came in.
#[derive(Debug, Clone)]
pub struct Request {
    /// The API action, for example `UpdatePipeline`.
    pub action: String,
    /// Its parameters.
    pub params: Value,
    /// When it came.
    pub at: SystemTime,
}

/// What a fake starts with.
#[derive(Debug, Default)]
pub struct Builder {
    world: World,
}

impl Builder {
    /// The region in its ARNs; `us-east-1` without this.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.world.region = region.into();
        self
    }

    /// The account, twelve digits; 111122223333 without this.
    pub fn account(mut self, account: impl Into<String>) -> Self {
        self.world.account = account.into();
        self
    }

    /// How many items a page of an answer has at most; 100 without this.
    pub fn page(mut self, size: usize) -> Self {
        self.world.page = size.max(1);
        self
    }

    /// A pipeline that is there.
    pub fn pipeline(mut self, pipeline: Pipeline) -> Self {
        self.world.pipelines.push(pipeline);
        self
    }

    /// A domain that is there.
    pub fn domain(mut self, domain: Domain) -> Self {
        self.world.domains.push(domain);
        self
    }

    /// Denies an action, for example `sagemaker:UpdatePipeline`.
    pub fn deny(mut self, permission: impl Into<String>) -> Self {
        self.world.denied.insert(permission.into());
        self
    }

    /// Answers the first requests for an action with `ThrottlingException`.
    pub fn throttle(mut self, action: impl Into<String>, times: u32) -> Self {
        self.world.throttled.insert(action.into(), times);
        self
    }

    /// Starts the fake.
    ///
    /// # Panics
    /// When no port can be had.
    pub fn start(self) -> Fake {
        let shared = Arc::new(Shared { world: Mutex::new(self.world), log: Mutex::default() });
        let here = Arc::clone(&shared);
        let background =
            Background::start("testbed-sagemaker", move |request| Arc::clone(&here).answer(request));
        Fake { background, shared }
    }
}

#[derive(Debug)]
struct Shared {
    world: Mutex<World>,
    log: Mutex<Vec<Request>>,
}

/// A running fake; dropping it ends it.
#[derive(Debug)]
pub struct Fake {
    background: Background,
    shared: Arc<Shared>,
}

impl Fake {
    /// What to start with.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// `http://127.0.0.1:PORT`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.background.address())
    }

    /// Every request so far, in the order of arrival.
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.shared.log).clone()
    }

    /// How many requests came in for an action.
    pub fn count(&self, action: &str) -> usize {
        lock(&self.shared.log).iter().filter(|request| request.action == action).count()
    }

    /// A pipeline as it is now.
    pub fn pipeline(&self, name: &str) -> Option<Pipeline> {
        lock(&self.shared.world).pipelines.iter().find(|pipeline| pipeline.name == name).cloned()
    }

    /// Changes the preset data while the fake runs: adds a pipeline or replaces the one of that name.
    pub fn set_pipeline(&self, pipeline: Pipeline) {
        let mut world = lock(&self.shared.world);
        world.pipelines.retain(|one| one.name != pipeline.name);
        world.pipelines.push(pipeline);
    }
}

impl Shared {
    async fn answer(
        self: Arc<Self>,
        request: hyper::Request<Incoming>,
    ) -> Result<hyper::Response<AnyBody>, Broken> {
        let target = request.headers().get("x-amz-target").and_then(|value| value.to_str().ok());
        let action = target.and_then(|target| target.rsplit('.').next()).unwrap_or_default().to_owned();
        let body = Limited::new(request.into_body(), 8 << 20).collect().await?.to_bytes();
        let params: Value = serde_json::from_slice(&body).unwrap_or_else(|_| json!({}));
        let logged = Request { action: action.clone(), params: params.clone(), at: SystemTime::now() };
        lock(&self.log).push(logged);
        let result = actions::dispatch(&mut lock(&self.world), &action, &params);
        let kind = "application/x-amz-json-1.1";
        Ok(match result {
            Ok(result) => answer(200, kind, result.to_string()),
            Err((code, message)) => {
                let body = json!({ "__type": code, "message": message });
                answer(400, kind, body.to_string())
            }
        })
    }
}
