pub(crate) mod control;

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::{StreamExt as _, stream};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::answer;
use crate::app::App;
use crate::{intuit, meta, xero};

/// A rule that spoils the next matching calls.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Fault {
    service: Service,
    #[serde(default)]
    path_contains: String,
    #[serde(default)]
    method: Option<String>,
    kind: Kind,
    /// HTTP status of a `status` or `html` fault.
    #[serde(default)]
    status: Option<u16>,
    /// Meta's or Intuit's error code of a `status` or `fault_200` fault.
    #[serde(default)]
    code: Option<i64>,
    #[serde(default)]
    retry_after_s: Option<u64>,
    /// Calls still to be spoiled.
    times: u64,
    /// Matching calls still to be let through first.
    #[serde(default)]
    after: u64,
    /// A `timeout` after the call had its effect.
    #[serde(default)]
    after_processing: bool,
    /// How long `timeout` and `slow` wait; 60 s and 3 s if absent.
    #[serde(default)]
    hold_ms: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Service {
    Xero,
    Intuit,
    Meta,
    Clerk,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Status,
    Timeout,
    Truncate,
    ExpiredToken,
    Slow,
    /// A page of the edge, where an API's answer was expected.
    Html,
    /// Intuit: a fault in an answer that says 200.
    #[serde(rename = "fault_200")]
    Fault200,
    /// Intuit: throttled, in XML.
    XmlThrottle,
}

impl Fault {
    /// Some kinds are one provider's alone.
    pub(crate) fn is_possible(&self) -> bool {
        !matches!(self.kind, Kind::Fault200 | Kind::XmlThrottle) || self.service == Service::Intuit
    }
}

const LARGEST_BODY_BYTES: usize = 64 * 1024 * 1024;

/// Applies the first matching rule, if any.
pub(crate) async fn inject(State(app): State<App>, request: Request, next: Next) -> Response {
    let Some(fault) = due(&app, &request) else { return next.run(request).await };
    let path = request.uri().path().to_owned();
    let hold = |default_ms| Duration::from_millis(fault.hold_ms.unwrap_or(default_ms));
    match fault.kind {
        Kind::Status => status(&app, &fault, &path),
        Kind::ExpiredToken => expired(&app, fault.service, &path),
        Kind::Fault200 => intuit::errors::fault_with_200(&app, fault.code),
        Kind::XmlThrottle => intuit::errors::throttled().answer(&app),
        Kind::Html => html(fault.status.unwrap_or(502)),
        Kind::Slow => {
            tokio::time::sleep(hold(3_000)).await;
            next.run(request).await
        }
        Kind::Truncate => truncated(next.run(request).await).await,
        Kind::Timeout => {
            if fault.after_processing {
                drop(next.run(request).await);
            }
            tokio::time::sleep(hold(60_000)).await;
            answer::empty(504)
        }
    }
}

fn due(app: &App, request: &Request) -> Option<Fault> {
    let path = request.uri().path_and_query().map_or("", |path| path.as_str());
    let service = match path {
        path if path.starts_with("/xero") => Service::Xero,
        path if intuit::edge::is_intuit(path) => Service::Intuit,
        path if path.starts_with("/meta") => Service::Meta,
        path if path.starts_with("/clerk") => Service::Clerk,
        _ => return None,
    };
    let mut faults = app.faults();
    for fault in faults.iter_mut() {
        let same_method = fault.method.as_deref().is_none_or(|method| request.method().as_str() == method);
        if fault.service != service || fault.times == 0 || !same_method || !path.contains(&fault.path_contains) {
            continue;
        }
        if fault.after > 0 {
            fault.after -= 1;
            continue;
        }
        fault.times -= 1;
        return Some(fault.clone());
    }
    None
}

fn status(app: &App, fault: &Fault, path: &str) -> Response {
    let status = fault.status.unwrap_or(500);
    let mut response = match fault.service {
        Service::Xero => xero::errors::injected(app, status),
        Service::Intuit => intuit::errors::injected(app, path, status, fault.code),
        Service::Meta => meta::errors::injected(app, fault.status, fault.code),
        Service::Clerk => answer::json(status, json!({ "errors": [{ "message": "injected", "code": "injected" }] })),
    };
    if let Some(seconds) = fault.retry_after_s {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn expired(app: &App, service: Service, path: &str) -> Response {
    match service {
        Service::Xero => xero::errors::token_expired(app),
        Service::Intuit => intuit::errors::expired(app, path),
        Service::Meta => meta::errors::token_expired(app),
        Service::Clerk => answer::empty(401),
    }
}

/// What a load balancer says before the API is reached.
fn html(status: u16) -> Response {
    answer::page(status, &format!("{status} Bad Gateway"), "<hr><center>nginx</center>")
}

/// Promises the whole length, sends half of it and then breaks the connection.
async fn truncated(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let whole = to_bytes(body, LARGEST_BODY_BYTES).await.unwrap_or_default();
    let half = whole.slice(..whole.len() / 2);
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(whole.len()));
    let broken = async {
        // A pause, so that the first half is on its way before the connection breaks.
        tokio::time::sleep(Duration::from_millis(50)).await;
        Err(std::io::Error::new(std::io::ErrorKind::ConnectionReset, "truncated on request"))
    };
    let pieces = stream::iter([Ok::<Bytes, std::io::Error>(half)]).chain(stream::once(broken));
    Response::from_parts(parts, Body::from_stream(pieces))
}
