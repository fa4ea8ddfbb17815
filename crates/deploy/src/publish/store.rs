//! [`Store`]: one bucket, and requests to it that are repeated until they succeed or it makes no sense.

use std::fmt::Display;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::StalledStreamProtectionConfig;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use tokio::task::JoinHandle;

use super::body::Pulse;
use super::explain::{Failure, explain, stalled};
use super::pace::{Gate, Pace};
use super::progress::Progress;
use super::wanted::Place;
use crate::error::{Error, Kind, Result};
use crate::session::Session;

/// How often content may arrive damaged before that counts.
const DIGEST_ATTEMPTS: u32 = 4;

/// How long nothing succeeds before a person is told.
const SILENCE: Duration = Duration::from_secs(5);

/// A bucket that belongs to the session's account.
pub(super) struct Store<'a> {
    pub(super) client: Client,
    pub(super) bucket: String,
    pub(super) region: String,
    /// The account that must own the bucket: said with every request.
    pub(super) owner: String,
    pub(super) pace: Pace,
    /// The stack of the assembly that makes the bucket.
    pub(super) maker: Option<String>,
    pub(super) gate: &'a Gate,
    pub(super) progress: &'a Progress<'a>,
    told: AtomicBool,
}

/// What the SDK gives.
type Answer<T, E> = std::result::Result<T, SdkError<E>>;

/// What a request is for.
pub(super) struct Ask<'a> {
    /// `send`, `look at`: what comes after "can't", and before the object.
    verb: &'a str,
    /// The permission it needs.
    pub(super) action: &'static str,
    /// The object's key; empty where it is the bucket as a whole.
    key: &'a str,
}

impl<'a> Ask<'a> {
    pub(super) fn new(verb: &'a str, action: &'static str, key: &'a str) -> Self {
        Self { verb, action, key }
    }
}

impl<'a> Store<'a> {
    pub(super) fn new(
        session: &Session,
        at: Place,
        pace: Pace,
        maker: Option<String>,
        gate: &'a Gate,
        progress: &'a Progress<'a>,
    ) -> Self {
        // Requests are repeated here and not by the SDK, so that each refusal is seen, and limits are on how long a request
        // stands still and not on how long it takes: large parts take long on a slow line.
        let config = session
            .s3()
            .config()
            .to_builder()
            .region(aws_sdk_s3::config::Region::new(at.region.clone()))
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::builder().connect_timeout(Duration::from_secs(10)).build())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build();
        Self {
            client: Client::from_conf(config),
            bucket: at.bucket,
            region: at.region,
            owner: session.account.clone(),
            pace,
            maker,
            gate,
            progress,
            told: AtomicBool::new(false),
        }
    }

    /// The request's answer, after as many attempts as it takes.
    pub(super) async fn ask<T, E, F, Fut>(&self, ask: &Ask<'_>, mut attempt: F) -> Result<T>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Answer<T, E>> + Send + 'static,
        T: Send + 'static,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        self.try_ask(ask, |_| attempt()).await.map_err(|failure| failure.error)
    }

    /// The same for those who know what to do about a refusal. `attempt` gets what tells that a body moves.
    pub(super) async fn try_ask<T, E, F, Fut>(
        &self,
        ask: &Ask<'_>,
        mut attempt: F,
    ) -> std::result::Result<T, Failure>
    where
        F: FnMut(Pulse) -> Fut,
        Fut: Future<Output = Answer<T, E>> + Send + 'static,
        T: Send + 'static,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let mut failures = 0;
        loop {
            let entry = self.gate.enter().await;
            let pulse = Pulse::new();
            let failure = match self.guard(attempt(pulse.clone()), &pulse).await {
                Ended::Answer(Ok(answer)) => {
                    self.gate.went_well();
                    return Ok(answer);
                }
                Ended::Answer(Err(error)) => explain(self, ask, error),
                Ended::Stalled => stalled(self, ask),
                Ended::Broken(why) => {
                    let message = format!("can't {}: {why}", self.what(ask));
                    return Err(Failure::of(Error::new(Kind::Fault, message)));
                }
            };
            if failure.error.kind == Kind::Throttled {
                self.gate.slow_down();
            }
            drop(entry);
            let again = failure.is_damage() && failures < DIGEST_ATTEMPTS
                || failure.is_transient() && self.gate.since_success() < self.pace.patience;
            if !again {
                // An answer of the service, even if it is no: the line is good.
                if failure.status.is_some() && !failure.is_transient() {
                    self.gate.went_well();
                }
                return Err(Failure { failures, ..failure });
            }
            if self.gate.since_success() > SILENCE && !self.told.swap(true, Ordering::Relaxed) {
                self.progress.note(&format!("{}; trying again", failure.error.message));
            }
            tokio::time::sleep(self.pace.wait(failures, spread())).await;
            failures += 1;
        }
    }

    /// Runs a request on any thread, and ends it when it stands still.
    async fn guard<T: Send + 'static>(
        &self,
        request: impl Future<Output = T> + Send + 'static,
        pulse: &Pulse,
    ) -> Ended<T> {
        let mut running = Running(tokio::spawn(request));
        loop {
            match tokio::time::timeout(self.pace.stall / 4, &mut running.0).await {
                Ok(Ok(answer)) => return Ended::Answer(answer),
                Ok(Err(error)) => return Ended::Broken(error.to_string()),
                Err(_) if pulse.still() >= self.pace.stall => return Ended::Stalled,
                Err(_) => {}
            }
        }
    }

    /// What a request is for, in words.
    pub(super) fn what(&self, ask: &Ask<'_>) -> String {
        if ask.key.is_empty() {
            format!("{} bucket {}", ask.verb, self.bucket)
        } else {
            format!("{} {}", ask.verb, self.uri(ask.key))
        }
    }

    /// An object, as people write it.
    pub(super) fn uri(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.bucket)
    }

    /// An object that is not what it should be.
    pub(super) fn mistake(&self, key: &str, why: impl Display) -> Error {
        Error::new(Kind::Publish, format!("can't publish {}: {why}", self.uri(key)))
    }
}

enum Ended<T> {
    Answer(T),
    Stalled,
    Broken(String),
}

/// A task that ends when nobody waits for it any more.
struct Running<T>(JoinHandle<T>);

impl<T> Drop for Running<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A number from 0 to 1 that is another one each time. The clock is good enough to keep requests apart.
fn spread() -> f64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    f64::from(now.subsec_nanos() % 1_000_003) / 1_000_003.0
}
