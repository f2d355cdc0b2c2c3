//! Pages travel compressed: API Gateway compresses nothing.

use std::io::Write as _;

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use flate2::{Compression, write::GzEncoder};
use numo_app::error::AppError;

use crate::failure::Failure;

/// What is shorter fits into one packet either way.
const WORTH_BYTES: usize = 1_400;

/// Compresses a page for whoever takes it so.
pub(crate) async fn compress(request: Request, next: Next) -> Response {
    let takes = takes_gzip(request.headers());
    let answer = next.run(request).await;
    if !takes || !is_page(answer.headers()) {
        return answer;
    }
    let (mut parts, body) = answer.into_parts();
    let packed = match to_bytes(body, usize::MAX).await {
        Ok(plain) if plain.len() < WORTH_BYTES => return Response::from_parts(parts, Body::from(plain)),
        Ok(plain) => pack(&plain),
        Err(broken) => Err(AppError::Internal(format!("a page broke off: {broken}"))),
    };
    match packed {
        Ok(packed) => {
            parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            parts.headers.entry(header::VARY).or_insert(HeaderValue::from_static("accept-encoding"));
            Response::from_parts(parts, Body::from(packed))
        }
        Err(error) => Failure::from(error).into_response(),
    }
}

/// Whether a browser takes what gzip compressed.
pub(crate) fn takes_gzip(headers: &HeaderMap) -> bool {
    let mut ways = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    ways.any(|ways| {
        ways.split(',').any(|way| {
            let mut parts = way.split(';').map(str::trim);
            parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"))
                && !parts.any(|weight| weight.strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()) == Some(0.0))
        })
    })
}

fn is_page(headers: &HeaderMap) -> bool {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    media_type.is_some_and(|media_type| media_type.starts_with("text/html"))
}

fn pack(plain: &[u8]) -> Result<Vec<u8>, AppError> {
    let mut packed = GzEncoder::new(Vec::with_capacity(plain.len() / 4), Compression::fast());
    let written = packed.write_all(plain).and_then(|()| packed.finish());
    written.map_err(|error| AppError::Internal(format!("a page cannot be compressed: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_taken_by_whoever_names_it_without_refusing_it() {
        let takes = |ways: &'static str| {
            takes_gzip(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(ways))]))
        };
        let told = ["gzip, deflate, br, zstd", "br;q=1.0, GZIP;q=0.5", "br", "gzip;q=0", "gzip; q=0.0, br", "x-gzip"];
        assert_eq!(told.map(takes), [true, true, false, false, false, false]);
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
