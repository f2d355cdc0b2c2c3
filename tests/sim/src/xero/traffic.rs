use std::collections::HashMap;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::answer;
use crate::app::App;
use crate::xero::limits::{self, Caller};
use crate::xero::{API, IDENTITY, access, token};

const LARGEST_FORM_BYTES: usize = 64 * 1024;

/// Watches calls from before a fault delays them until they are answered.
pub(crate) async fn watch(State(app): State<App>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if path.starts_with(API) {
        return counted(&app, request, next).await;
    }
    if path == format!("{IDENTITY}/connect/token") {
        return exchanged(&app, request, next).await;
    }
    next.run(request).await
}

/// Limits are of those who may ask at all; the others are refused further in.
async fn counted(app: &App, request: Request, next: Next) -> Response {
    let Some(caller) = caller(app, &request) else { return next.run(request).await };
    let (seat, refused) = limits::admit(app, &caller);
    let mut response = match refused {
        Some(refused) => refused,
        None => next.run(request).await,
    };
    app.xero().limits.tell(&caller, app.clock.now_s(), response.headers_mut());
    drop(seat);
    response
}

fn caller(app: &App, request: &Request) -> Option<Caller> {
    let access = access::bearer(app, request.headers()).ok()?;
    let client_id = access.grant.client_id.clone();
    if request.uri().path().starts_with(&format!("{API}/connections")) {
        return Some(Caller { client_id, tenant: None });
    }
    let tenant = access::connected(app, &access.grant.user, access::tenant_id(request.headers()))?;
    Some(Caller { client_id, tenant: Some(tenant) })
}

/// Counts how many refreshes of one person's token set overlap.
async fn exchanged(app: &App, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(form) = to_bytes(body, LARGEST_FORM_BYTES).await else { return answer::empty(413) };
    let fields: HashMap<String, String> = url::form_urlencoded::parse(&form).into_owned().collect();
    let under_way = fields.get("refresh_token").and_then(|refresh| token::begin(app, refresh));
    let response = next.run(Request::from_parts(parts, Body::from(form))).await;
    drop(under_way);
    response
}
