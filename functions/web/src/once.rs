//! A `POST` with an `Idempotency-Key`: done once, and answered as often as it is sent.

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{FromRequestParts as _, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use numo_app::{
    asked_once::{Asked, Once},
    error::AppError,
};
use numo_runtime::telemetry::chain;
use serde::{Deserialize, Serialize};

use crate::{
    auth::{Known, Signed},
    failure::Failure,
    state::AppState,
};

/// Names the request; chosen by whoever sends it.
const KEY: &str = "idempotency-key";

/// Says that an answer is that of an earlier request.
const REPLAYED: &str = "idempotency-replayed";

/// Longest key.
const MAX_KEY_CHARS: usize = 128;

/// Seconds until whoever sent it twice asks again: few requests take as long.
const PATIENCE_S: i64 = 5;

/// What is kept of an answer.
#[derive(Serialize, Deserialize)]
struct Kept {
    status: u16,
    is_failure: bool,
    /// JSON, or nothing.
    body: String,
}

/// Does what was not done yet; without a key nothing is remembered.
pub(crate) async fn once(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST || !request.headers().contains_key(KEY) {
        return next.run(request).await;
    }
    answer(&state, request, next).await.unwrap_or_else(Failure::into_response)
}

async fn answer(state: &AppState, request: Request, next: Next) -> Result<Response, Failure> {
    let (mut parts, body) = request.into_parts();
    let Signed(session) = Signed::from_request_parts(&mut parts, state).await?;
    let key = key(&parts.headers)?;
    // How long it may be is for whoever reads it to say.
    let body = to_bytes(body, crate::LONGEST_BODY_BYTES).await.map_err(|_cut_off| Failure::too_large())?;
    let address = parts.uri.to_string();
    let asked = Asked::new(state.number_keys(), (&session.org, &session.user), &key, (&address, &body));
    let begun = match asked.begin(state.store(), state.now()).await? {
        Once::New(begun) => begun,
        Once::Done(kept) => return replayed(&kept),
        Once::Underway => return Err(Failure::underway(PATIENCE_S)),
        Once::Unknown => return Err(Failure::not_known_to_be_done()),
        Once::Other => return Err(Failure::other_request()),
    };
    parts.extensions.insert(Known { session: session.clone(), new_id: asked.new_id().to_string() });
    let (answer, body) = read(next.run(Request::from_parts(parts, Body::from(body))).await).await?;
    let noted = match kept(&answer, &body) {
        Some(kept) => asked.done(state.store(), begun, kept, state.now()).await,
        None => asked.failed(state.store(), begun).await,
    };
    // It is done, whether that could be noted or not.
    if let Err(error) = noted {
        tracing::warn!(error.class = error.class(), error.chain = chain(&error), "an answer is not kept");
    }
    Ok(answer.map(|()| Body::from(body)))
}

async fn read(answer: Response) -> Result<(Response<()>, Bytes), Failure> {
    let (parts, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await;
    let body = body.map_err(|broken| AppError::Internal(format!("an answer broke off: {broken}")))?;
    Ok((Response::from_parts(parts, ()), body))
}

/// What is kept of an answer; nothing of one that says to ask again.
fn kept(answer: &Response<()>, body: &Bytes) -> Option<Vec<u8>> {
    let status = answer.status();
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        return None;
    }
    let failure = answer.extensions().get::<Failure>();
    let body = match failure {
        Some(failure) => failure.body("").to_string(),
        None => str::from_utf8(body).ok()?.to_owned(),
    };
    serde_json::to_vec(&Kept { status: status.as_u16(), is_failure: failure.is_some(), body }).ok()
}

fn replayed(kept: &[u8]) -> Result<Response, Failure> {
    let unreadable = || AppError::Malformed("request: its answer cannot be read".to_owned());
    let Kept { status, is_failure, body } = serde_json::from_slice(kept).map_err(|_unreadable| unreadable())?;
    let status = StatusCode::from_u16(status).map_err(|_unknown| unreadable())?;
    let mut answer = match (is_failure, body.is_empty()) {
        (true, _) => Failure::again(status, &body).ok_or_else(unreadable)?.into_response(),
        (false, true) => status.into_response(),
        (false, false) => (status, [(header::CONTENT_TYPE, "application/json")], body).into_response(),
    };
    answer.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(answer)
}

/// The one key of a request.
fn key(headers: &HeaderMap) -> Result<String, Failure> {
    let mut given = headers.get_all(KEY).iter();
    let only = given.next().filter(|_| given.next().is_none()).and_then(|value| value.to_str().ok());
    let is_key = |key: &&str| (1..=MAX_KEY_CHARS).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
    let wrong =
        || Failure::invalid("Idempotency-Key", "one key of 1 to 128 visible characters without spaces is needed");
    only.filter(is_key).map(str::to_owned).ok_or_else(wrong)
}
