//! A proxy before one upstream that does by rules what networks and busy services do: it drops, delays,
//! truncates, refuses and repeats. Bodies stream through it; only what is repeated is held, and only when it
//! is small. The same seed and the same order of requests give the same faults.

mod rule;
mod through;

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use hyper::Request;
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::background::{AnyBody, Background, Broken};
use crate::random::Random;
use crate::s3::lock;
pub use rule::{How, Rule};

/// What happens to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The connection ends before anything is sent upstream.
    DropBefore,
    /// Upstream gets the request and does its work; the connection ends without an answer.
    DropAfter,
    /// The answer's head and about half of its body arrive, then the connection ends.
    DropMidway,
    /// Upstream gets about half of the request's body, then both connections end.
    TruncateRequest,
    /// The answer arrives as if it were whole, with half of its body. Its length and checksum headers are
    /// gone, as behind a proxy that cuts off.
    TruncateAnswer,
    /// The request waits before it goes on.
    Delay(Duration),
    /// 429 `TooManyRequestsException`.
    TooManyRequests,
    /// 503 `SlowDown`, as S3 answers.
    SlowDown,
    /// 500 `InternalError`.
    InternalError,
    /// 400 `Throttling`, as CloudFormation answers.
    Throttling,
    /// Upstream gets the request twice, one after the other; the second answer is passed on. Bodies over
    /// 8 MiB go once.
    Repeat,
}

/// One request that the proxy saw.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The HTTP method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The action: of the form or the target header, else S3's operation.
    pub action: String,
    /// What was done to it; `None` when it passed.
    pub trouble: Option<Trouble>,
    /// When it came.
    pub at: SystemTime,
}

/// What a proxy starts with.
#[derive(Debug)]
pub struct Builder {
    upstream: String,
    seed: u64,
    rules: Vec<Rule>,
}

impl Builder {
    /// The seed of its dice; 0 without this.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// One more rule. The first that applies to a request decides.
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Starts the proxy.
    ///
    /// # Panics
    /// When no port can be had.
    pub fn start(self) -> Fault {
        let shared = Arc::new(Shared {
            upstream: self.upstream.trim_end_matches('/').to_owned(),
            client: Client::builder(TokioExecutor::new()).build_http(),
            state: Mutex::new(State { rules: self.rules, random: Random::new(self.seed) }),
            log: Mutex::default(),
        });
        let here = Arc::clone(&shared);
        let background = Background::start("testbed-proxy", move |request| Arc::clone(&here).answer(request));
        Fault { background, shared }
    }
}

#[derive(Debug)]
struct State {
    rules: Vec<Rule>,
    random: Random,
}

#[derive(Debug)]
struct Shared {
    upstream: String,
    client: Client<HttpConnector, AnyBody>,
    state: Mutex<State>,
    log: Mutex<Vec<Seen>>,
}

/// A running proxy; dropping it ends it.
#[derive(Debug)]
pub struct Fault {
    background: Background,
    shared: Arc<Shared>,
}

impl Fault {
    /// A proxy before an endpoint such as `http://127.0.0.1:1234`.
    pub fn before(endpoint: impl Into<String>) -> Builder {
        Builder { upstream: endpoint.into(), seed: 0, rules: Vec::new() }
    }

    /// `http://127.0.0.1:PORT`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.background.address())
    }

    /// Every request so far, with what was done to it.
    pub fn seen(&self) -> Vec<Seen> {
        lock(&self.shared.log).clone()
    }

    /// How many requests had trouble.
    pub fn troubled(&self) -> usize {
        lock(&self.shared.log).iter().filter(|seen| seen.trouble.is_some()).count()
    }

    /// Replaces the rules; counts start anew.
    pub fn set_rules(&self, rules: Vec<Rule>) {
        lock(&self.shared.state).rules = rules;
    }
}

impl Shared {
    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Result<hyper::Response<AnyBody>, Broken> {
        let (request, action) = through::recognise(request).await?;
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let method = request.method().to_string();
        let trouble = {
            let mut state = lock(&self.state);
            let State { rules, random } = &mut *state;
            // Every rule counts what it matches, so that "the third PutObject" means the third that came.
            let mut decided = None;
            for rule in rules {
                let hit = rule.applies(&method, &path, &action, random);
                decided = decided.or_else(|| hit.then(|| rule.trouble.clone()));
            }
            decided
        };
        let seen = Seen { method, path, action, trouble: trouble.clone(), at: SystemTime::now() };
        lock(&self.log).push(seen);
        through::pass(&self.client, &self.upstream, request, trouble).await
    }
}
