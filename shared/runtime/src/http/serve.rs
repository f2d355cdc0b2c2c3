//! Serving: one line per request.

use std::future::Future;

use http::StatusCode;
use jiff::Timestamp;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use numo_app::port::clock::Clock;
use numo_aws::trace;
use tracing::Instrument;

use crate::{
    config::PublicUrl,
    http::{
        caller::{self, for_caller},
        gateway::{Answer, Event, Invocation, Request, Response},
        request, response,
    },
    telemetry::chain,
};

/// Answers requests until the process ends.
pub async fn serve<H, F>(public_url: &PublicUrl, clock: &dyn Clock, handle: H) -> Result<(), Error>
where
    H: Fn(Request) -> F + Sync,
    F: Future<Output = Response> + Send,
{
    run(service_fn(|event: LambdaEvent<Event>| async {
        let (event, context) = event.into_parts();
        let trace = context.xray_trace_id;
        let lambda = Invocation { request_id: context.request_id, trace, ..Invocation::default() };
        let mut answer = match event.request(lambda) {
            Ok(request) => answer(clock, &handle, request).await,
            Err(unreadable) => {
                tracing::warn!(error = chain(&unreadable), "a call that is no request");
                response::empty(StatusCode::BAD_REQUEST)
            }
        };
        if public_url.is_https() {
            response::secure_transport(answer.headers_mut());
        }
        Ok::<_, Error>(Answer::from(answer))
    }))
    .await
}

/// The answer to one request, with its line in the log.
async fn answer<H, F>(clock: &dyn Clock, handle: &H, request: Request) -> Response
where
    H: Fn(Request) -> F,
    F: Future<Output = Response>,
{
    let started: Timestamp = clock.now();
    let request_id = request::request_id(&request).unwrap_or("-");
    // The query stays out: it carries codes and states.
    let header = request::trace_header(&request);
    let span = tracing::info_span!(
        "request",
        request_id,
        trace = header.as_deref().and_then(trace::id),
        method = %request.method(),
        path = request::shown_path(&request)
    );
    let work = async {
        let address = caller::address(&request);
        let answer = for_caller(address, handle(request)).await;
        let duration_ms = clock.now().duration_since(started).as_millis();
        tracing::info!(status = answer.status().as_u16(), duration_ms = i64::try_from(duration_ms).ok(), "answered");
        answer
    };
    trace::within(header, work.instrument(span)).await
}

#[cfg(test)]
mod tests {
    use numo_testkit::fixed_clock::FixedClock;
    use serde_json::json;

    use super::*;
    use crate::telemetry::json_lines::tests::Kept;

    fn request() -> Request {
        let mut request = Request::default();
        *request.uri_mut() = "/oauth/xero/callback?code=hush&state=hush".parse().unwrap();
        request
    }

    #[tokio::test]
    async fn a_request_is_one_line_without_its_query() {
        let (kept, clock) = (Kept::default(), FixedClock::at(Timestamp::UNIX_EPOCH));
        let guard = kept.install();
        answer(&clock, &|_| async { response::empty(StatusCode::OK) }, request()).await;
        drop(guard);
        let expected = json!({
            "timestamp": "2026-11-23T06:00:00Z", "level": "INFO", "service": "due-sweeper", "stage": "test",
            "version": env!("CARGO_PKG_VERSION"), "request_id": "-", "method": "GET", "path": "/oauth/xero/callback",
            "status": 200, "duration_ms": 0, "message": "answered",
        });
        assert_eq!(kept.lines(), [expected]);
    }
}
