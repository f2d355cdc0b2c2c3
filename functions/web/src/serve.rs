//! From Lambda's requests and answers to the router's, and back.

use axum::{Router, body};
use lambda_http::{Body, Request, Response};
use numo_app::error::AppError;
use numo_runtime::http::{error::error_response, request::request_id};
use tower::ServiceExt as _;

/// Answers one request of API Gateway.
pub async fn answer(router: Router, request: Request) -> Response<Body> {
    let id = request_id(&request).to_owned();
    let request = request.map(|sent| match sent {
        Body::Text(text) => body::Body::from(text),
        Body::Binary(bytes) => body::Body::from(bytes),
        Body::Empty | _ => body::Body::empty(),
    });
    let Ok(answer) = router.oneshot(request).await;
    let (parts, sent) = answer.into_parts();
    match body::to_bytes(sent, usize::MAX).await.map(|bytes| String::from_utf8(bytes.into())) {
        Ok(Ok(text)) => Response::from_parts(parts, Body::Text(text)),
        Ok(Err(bytes)) => Response::from_parts(parts, Body::Binary(bytes.into_bytes())),
        Err(broken) => error_response(&AppError::Internal(format!("an answer broke off: {broken}")), &id),
    }
}
