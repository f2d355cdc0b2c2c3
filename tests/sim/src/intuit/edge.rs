use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::app::App;
use crate::intuit::{API, errors, instants};

const TID: HeaderName = HeaderName::from_static("intuit_tid");

/// Whether a path stands for one of Intuit's hosts.
pub(crate) fn is_intuit(path: &str) -> bool {
    path.starts_with("/intuit-") || path.starts_with("/quickbooks-api")
}

/// What stands before all of Intuit's services: counts, throttles and gives every answer its `intuit_tid`.
pub(crate) async fn pass(State(app): State<App>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if !is_intuit(path) {
        return next.run(request).await;
    }
    let company_path = path.strip_prefix(API).and_then(|rest| rest.strip_prefix('/'));
    let call = company_path.and_then(|rest| rest.split_once('/')).map(|(realm, rest)| Call::begin(&app, realm, rest));
    let mut response = match call {
        Some(call) => call.run(&app, request, next).await,
        None => next.run(request).await,
    };
    let tid = app.new_hex();
    let (time, rest) = tid.split_at_checked(8).unwrap_or((&tid, ""));
    if let Ok(tid) = HeaderValue::from_str(&format!("1-{time}-{rest}")) {
        response.headers_mut().insert(TID, tid);
    }
    response
}

/// A call of the accounting API, counted as under way until it is dropped.
struct Call {
    app: App,
    realm: String,
    is_allowed: bool,
}

impl Call {
    fn begin(app: &App, realm: &str, rest: &str) -> Self {
        let now_s = app.clock.now_s();
        let mut intuit = app.intuit();
        let settings = intuit.settings.clone();
        let meter = intuit.meters.entry(realm.to_owned()).or_default();
        let seen = meter.begin(now_s, rest == "batch");
        let within = |n_calls: u64, limit: Option<u64>| limit.is_none_or(|limit| n_calls <= limit);
        let is_allowed = !settings.month_blocked
            && within(seen.in_second, settings.second_limit)
            && within(seen.in_minute, settings.minute_limit)
            && within(seen.batches_in_minute, settings.batch_limit);
        if !is_allowed {
            meter.throttled();
        }
        Self { app: app.clone(), realm: realm.to_owned(), is_allowed }
    }

    async fn run(self, app: &App, request: Request, next: Next) -> Response {
        if !self.is_allowed {
            return errors::throttled().answer(app);
        }
        let latency_ms = app.intuit().settings.latency_ms;
        if latency_ms > 0 {
            tokio::time::sleep(Duration::from_millis(latency_ms)).await;
        }
        let accepted = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let wants_json = accepted.contains("application/json");
        let response = next.run(request).await;
        let is_json = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
        if wants_json || !is_json || response.status() != 200 {
            return response;
        }
        as_xml(app, response)
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if let Some(meter) = self.app.intuit().meters.get_mut(&self.realm) {
            meter.end();
        }
    }
}

/// XML is the default; here it says no more than that.
fn as_xml(app: &App, mut response: Response) -> Response {
    let time = instants::pacific_ms(app.clock.now_ms());
    let text = format!("<IntuitResponse xmlns=\"http://schema.intuit.com/finance/v3\" time=\"{time}\"/>");
    *response.body_mut() = text.into();
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(header::CONTENT_TYPE, errors::XML);
    response
}
