//! The request id, and the body of a failure.

use axum::{
    Json,
    extract::{Request, State},
    http::HeaderValue,
    middleware::Next,
    response::{IntoResponse, Response},
};
use numo_runtime::http::request;

use crate::{failure::Failure, state::AppState};

/// Header with the id that a person can quote.
const REQUEST_ID: &str = "x-request-id";

/// Gives the answer its request id, and a failure its body and its line in the log.
pub(crate) async fn follow(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let id = request_id(&state, &request);
    let mut response = next.run(request).await;
    if let Some(failure) = response.extensions_mut().remove::<Failure>() {
        failure.log();
        let headers = std::mem::take(response.headers_mut());
        response = (failure.status, headers, Json(failure.body(&id))).into_response();
    }
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// Lambda's id, under which the log has the request, or one of our own.
fn request_id(state: &AppState, request: &Request) -> String {
    let given = request::request_id(request).map(str::to_owned);
    given.unwrap_or_else(|| state.waker().ids.uuid().to_string())
}
