//! The way of a request through the proxy, with or without trouble.

use futures_util::{StreamExt, stream};
use http_body_util::{BodyExt, Limited, StreamBody};
use hyper::body::{Body, Bytes, Frame, Incoming};
use hyper::{Request, Response, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;

use super::Trouble;
use crate::background::{AnyBody, Broken, answer, full};
use crate::{form, s3};

/// The largest body that is held to be sent twice, and the largest form that is read for its action.
const HELD: u64 = 8 << 20;

/// Finds out which action a request asks for. A form is read for that; other bodies stay untouched.
pub(super) async fn recognise(request: Request<Incoming>) -> Result<(Request<AnyBody>, String), Broken> {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    if let Some(target) = header("x-amz-target") {
        let action = target.rsplit('.').next().unwrap_or_default().to_owned();
        return Ok((boxed(request), action));
    }
    let form =
        header("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if !form {
        let action = s3::operation(&request);
        return Ok((boxed(request), action));
    }
    let (head, body) = request.into_parts();
    let bytes = Limited::new(body, usize::try_from(HELD)?).collect().await?.to_bytes();
    let action = form::parse(&bytes).remove("Action").unwrap_or_default();
    Ok((Request::from_parts(head, full(bytes)), action))
}

fn boxed(request: Request<Incoming>) -> Request<AnyBody> {
    request.map(|body| body.map_err(Broken::from).boxed_unsync())
}

/// Sends a request upstream and its answer back, as the trouble wants it.
pub(super) async fn pass(
    client: &Client<HttpConnector, AnyBody>,
    upstream: &str,
    mut request: Request<AnyBody>,
    trouble: Option<Trouble>,
) -> Result<Response<AnyBody>, Broken> {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    *request.uri_mut() = format!("{upstream}{path}").parse::<Uri>()?;
    // The host header stays the client's, because the signature covers it.
    let send = |request| async move {
        let answer: Response<Incoming> = client.request(request).await?;
        Ok::<_, Broken>(answer.map(|body| body.map_err(Broken::from).boxed_unsync()))
    };
    let length = request.body().size_hint().exact();
    match trouble {
        Some(Trouble::DropBefore) => Err("dropped before it was sent".into()),
        Some(Trouble::DropAfter) => {
            let answer = send(request).await?;
            // Upstream must have finished, not just begun, before the client hears of the loss.
            drop(answer.into_body().collect().await);
            Err("dropped after it was sent".into())
        }
        Some(Trouble::DropMidway) => {
            let answer = send(request).await?;
            let half = answer.body().size_hint().exact().unwrap_or(2) / 2;
            Ok(answer.map(|body| cut(body, half, true)))
        }
        Some(Trouble::TruncateRequest) => {
            let half = length.unwrap_or(2) / 2;
            send(request.map(|body| cut(body, half, true))).await
        }
        Some(Trouble::TruncateAnswer) => {
            let mut answer = send(request).await?;
            let half = answer.body().size_hint().exact().unwrap_or(2) / 2;
            let headers = answer.headers_mut();
            headers.remove("content-length");
            headers.insert("connection", "close".parse()?);
            Ok(answer.map(|body| cut(body, half, false)))
        }
        Some(Trouble::Delay(time)) => {
            tokio::time::sleep(time).await;
            send(request).await
        }
        Some(Trouble::Repeat) if length.is_some_and(|length| length <= HELD) => {
            let (head, body) = request.into_parts();
            let bytes = body.collect().await?.to_bytes();
            let first = send(Request::from_parts(head.clone(), full(bytes.clone()))).await?;
            drop(first.into_body().collect().await);
            send(Request::from_parts(head, full(bytes))).await
        }
        None | Some(Trouble::Repeat) => send(request).await,
        Some(refusal) => {
            // Read to the end first: an answer before the body is another fault than a refusal.
            let mut body = request.into_body();
            while let Some(frame) = body.frame().await {
                frame?;
            }
            Ok(refused(&refusal))
        }
    }
}

/// The first bytes of a body; then it breaks off, or ends as if that had been all.
fn cut(body: AnyBody, bytes: u64, breaks: bool) -> AnyBody {
    let frames = stream::unfold(Some((body, bytes)), move |state| async move {
        let (mut body, left) = state?;
        if left == 0 {
            let broken = || Err(Broken::from("the connection broke off"));
            return breaks.then(|| (broken(), None));
        }
        match body.frame().await? {
            Ok(frame) => {
                let Ok(mut data) = frame.into_data() else { return None };
                data.truncate(usize::try_from(left).unwrap_or(usize::MAX));
                let left = left - data.len() as u64;
                Some((Ok(Frame::data(data)), Some((body, left))))
            }
            Err(error) => Some((Err(error), None)),
        }
    });
    StreamBody::new(frames.map(|frame: Result<Frame<Bytes>, Broken>| frame)).boxed_unsync()
}

fn refused(trouble: &Trouble) -> Response<AnyBody> {
    let (status, code, message) = match trouble {
        Trouble::TooManyRequests => (429, "TooManyRequestsException", "Too many requests"),
        Trouble::SlowDown => (503, "SlowDown", "Please reduce your request rate."),
        Trouble::Throttling => (400, "Throttling", "Rate exceeded"),
        _ => (500, "InternalError", "We encountered an internal error. Please try again."),
    };
    // S3 answers with a bare Error, the Query protocol with one in an ErrorResponse.
    let error = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    let body = if *trouble == Trouble::SlowDown {
        error
    } else {
        format!("<ErrorResponse>{error}<RequestId>testbed</RequestId></ErrorResponse>")
    };
    answer(status, "application/xml", body)
}
