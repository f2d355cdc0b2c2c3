//! Headers that every answer carries.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use numo_runtime::http::response;

use crate::state::AppState;

/// Adds what is missing; a page brings its own content security policy.
pub(crate) async fn add(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    response::secure(answer.headers_mut());
    if state.site.is_https() {
        response::secure_transport(answer.headers_mut());
    }
    answer
}
