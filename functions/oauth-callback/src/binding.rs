//! The cookie that binds a consent to the browser that began it.

use http::{HeaderValue, header};
use lambda_http::{Body, Request, Response};
use numo_app::store::oauth_state::STATE_LIFETIME;
use numo_runtime::{config::PublicUrl, http::request};

const NAME: &str = "numo_oauth";

/// The binding that the browser shows.
pub(crate) fn shown(request: &Request) -> Option<String> {
    request::cookie(request.headers(), NAME).map(str::to_owned)
}

/// Has the browser keep the binding as long as the consent may take.
pub(crate) fn keep(answer: &mut Response<Body>, public_url: &PublicUrl, binding: &str) {
    set(answer, public_url, binding, STATE_LIFETIME.as_secs());
}

/// Has the browser forget the binding.
pub(crate) fn forget(answer: &mut Response<Body>, public_url: &PublicUrl) {
    set(answer, public_url, "", 0);
}

/// Lax, since the callback is a navigation that begins at the provider.
fn set(answer: &mut Response<Body>, public_url: &PublicUrl, value: &str, max_age_seconds: i64) {
    let secure = if public_url.is_https() { "; Secure" } else { "" };
    let cookie = format!("{NAME}={value}; HttpOnly; SameSite=Lax; Path=/oauth; Max-Age={max_age_seconds}{secure}");
    // Bindings are base64url, so this is always a header value.
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        answer.headers_mut().insert(header::SET_COOKIE, cookie);
    }
}
