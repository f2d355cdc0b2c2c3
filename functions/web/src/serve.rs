//! From Lambda's requests and answers to the router's, and back.

use axum::{Router, body};
use numo_app::error::AppError;
use numo_runtime::http::{
    error::error_response,
    gateway::{Request, Response},
    request::request_id,
};
use tower::ServiceExt as _;

/// Answers one request of API Gateway.
pub async fn answer(router: Router, request: Request) -> Response {
    let id = request_id(&request).unwrap_or("-").to_owned();
    let Ok(answer) = router.oneshot(request.map(body::Body::from)).await;
    let (parts, sent) = answer.into_parts();
    match body::to_bytes(sent, usize::MAX).await {
        Ok(bytes) => Response::from_parts(parts, bytes.into()),
        Err(broken) => error_response(&AppError::Internal(format!("an answer broke off: {broken}")), &id),
    }
}
