//! Sends requests, again where that may help.

use std::fs::File;
use std::thread;
use std::time::Duration;

use ureq::{Agent, SendBody};

use super::answer::{Answer, Problem};
use super::part;

/// How often a request is sent.
const ATTEMPTS: u32 = 4;
/// How long to wait before the second time; twice as long each time after.
const PAUSE: Duration = Duration::from_millis(200);
const CONNECT: Duration = Duration::from_secs(10);
/// How long the endpoint may be silent. It takes its time to put large uploads together.
const SILENCE: Duration = Duration::from_mins(2);

/// A request's verb.
#[derive(Clone, Copy, Debug)]
pub(super) enum Method {
    Delete,
    Get,
    Post,
    Put,
}

/// What is sent with a request.
#[derive(Clone, Copy, Debug)]
pub(super) enum Body<'b> {
    None,
    Bytes(&'b [u8]),
    /// `length` bytes of the file after the first `from`.
    File {
        file: &'b File,
        from: u64,
        length: u64,
    },
}

/// Keeps connections.
pub(super) struct Client {
    agent: Agent,
}

impl Client {
    /// For an endpoint on this host.
    pub(super) fn new(host: &str) -> Self {
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            // A signature is for one address: following to another can't work, and would show it to others.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(CONNECT))
            .timeout_recv_response(Some(SILENCE))
            .timeout_per_read(Some(SILENCE))
            .timeout_per_write(Some(SILENCE));
        // No proxy knows what is here.
        if host == "localhost" || host == "[::1]" || host.starts_with("127.") {
            config = config.proxy(None);
        }
        #[cfg(feature = "https")]
        {
            let roots = ureq::tls::RootCerts::PlatformVerifier;
            config = config.tls_config(ureq::tls::TlsConfig::builder().root_certs(roots).build());
        }
        Self { agent: config.build().new_agent() }
    }

    /// Sends a request and returns its answer, which says that it was done. `address` signs it anew each time.
    pub(super) fn ask(
        &self,
        method: Method,
        address: &dyn Fn() -> String,
        body: Body<'_>,
    ) -> Result<Answer, Problem> {
        retry(|| self.once(method, address, body))
    }

    /// Sends a request once.
    pub(super) fn once(
        &self,
        method: Method,
        address: &dyn Fn() -> String,
        body: Body<'_>,
    ) -> Result<Answer, Problem> {
        let address = address();
        let sent = match (method, body) {
            (Method::Get, _) => self.agent.get(&address).call(),
            (Method::Delete, _) => self.agent.delete(&address).call(),
            (Method::Post, Body::Bytes(bytes)) => self.agent.post(&address).send(bytes),
            (Method::Put, Body::Bytes(bytes)) => self.agent.put(&address).send(bytes),
            (Method::Post, _) => self.agent.post(&address).send_empty(),
            (Method::Put, Body::None | Body::File { length: 0, .. }) => self.agent.put(&address).send_empty(),
            (Method::Put, Body::File { file, from, length }) => {
                let mut part = part(file, from, length).map_err(|error| Problem::file(&error))?;
                let request = self.agent.put(&address).header("content-length", length.to_string());
                request.send(SendBody::from_reader(&mut part))
            }
        };
        Answer::of(sent.map_err(|error| Problem::transport(&error))?)
    }
}

/// Does something once more where it failed in passing.
pub(super) fn retry<T>(mut attempt: impl FnMut() -> Result<T, Problem>) -> Result<T, Problem> {
    let mut pause = PAUSE;
    for _ in 1..ATTEMPTS {
        match attempt() {
            Err(problem) if problem.is_passing() => thread::sleep(pause),
            done => return done,
        }
        pause *= 2;
    }
    attempt()
}
