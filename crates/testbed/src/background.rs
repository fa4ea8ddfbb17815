//! One server in a thread of its own, with its own runtime, so that tests with and without a runtime
//! can start it alike. It listens on loopback at a port the system picks and stops when it is dropped.

use std::convert::Infallible;
use std::error::Error;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::sync::oneshot;

/// Why an exchange ended without an answer. Handing it to the server closes the connection.
pub(crate) type Broken = Box<dyn Error + Send + Sync>;
/// A body of any kind.
pub(crate) type AnyBody = UnsyncBoxBody<Bytes, Broken>;

/// A running server; dropping it ends it and every connection it holds.
#[derive(Debug)]
pub(crate) struct Background {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Background {
    /// Starts a server that answers every request with `handle`. An `Err` closes the connection without
    /// a further byte.
    pub(crate) fn start<H, F>(name: &str, handle: H) -> Self
    where
        H: Fn(Request<Incoming>) -> F + Send + Sync + 'static,
        F: Future<Output = Result<Response<AnyBody>, Broken>> + Send + 'static,
    {
        let socket = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port on loopback");
        socket.set_nonblocking(true).expect("a socket that doesn't block");
        let address = socket.local_addr().expect("a bound socket has an address");
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                let runtime = tokio::runtime::Builder::new_multi_thread()
                    .worker_threads(2)
                    .enable_all()
                    .build()
                    .expect("a runtime for the server");
                runtime.block_on(async move {
                    tokio::select! {
                        () = accept(socket, Arc::new(handle)) => {}
                        _ = stopped => {}
                    }
                });
                runtime.shutdown_background();
            })
            .expect("a thread for the server");
        Self { address, stop: Some(stop), thread: Some(thread) }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

async fn accept<H, F>(socket: std::net::TcpListener, handle: Arc<H>)
where
    H: Fn(Request<Incoming>) -> F + Send + Sync + 'static,
    F: Future<Output = Result<Response<AnyBody>, Broken>> + Send + 'static,
{
    let listener = tokio::net::TcpListener::from_std(socket).expect("a listener of this runtime");
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        // Small answers must not wait for the other side's acknowledgement.
        drop(stream.set_nodelay(true));
        let handle = Arc::clone(&handle);
        tokio::spawn(async move {
            let service = hyper::service::service_fn(move |request| handle(request));
            let connection =
                hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            // A connection that breaks is what half of these tests ask for.
            drop(connection.await);
        });
    }
}

/// A body that is all there.
pub(crate) fn full(bytes: impl Into<Bytes>) -> AnyBody {
    Full::new(bytes.into()).map_err(|never: Infallible| match never {}).boxed_unsync()
}

/// An answer with a status, a content type and a body.
pub(crate) fn answer(status: u16, content_type: &str, body: impl Into<Bytes>) -> Response<AnyBody> {
    Response::builder()
        .status(status)
        .header("content-type", content_type)
        .body(full(body))
        .expect("a status and a header that are valid")
}
