//! The cookie that binds a consent to the browser that began it.

use http::header;
use numo_app::store::oauth_state::STATE_LIFETIME;
use numo_runtime::{
    config::PublicUrl,
    http::{
        gateway::{Request, Response},
        own_cookie::OwnCookie,
    },
};

const COOKIE: OwnCookie = OwnCookie("numo_oauth");

/// The binding that the browser shows.
pub(crate) fn shown(request: &Request, public_url: &PublicUrl) -> Option<String> {
    COOKIE.shown(request.headers(), public_url.is_https()).map(str::to_owned)
}

/// Has the browser keep the binding as long as the consent may take.
pub(crate) fn keep(answer: &mut Response, public_url: &PublicUrl, binding: &str) {
    set(answer, public_url, binding, STATE_LIFETIME.as_secs());
}

/// Has the browser forget the binding.
pub(crate) fn forget(answer: &mut Response, public_url: &PublicUrl) {
    set(answer, public_url, "", 0);
}

/// Bindings are base64url, so this is always a header value.
fn set(answer: &mut Response, public_url: &PublicUrl, value: &str, seconds: i64) {
    if let Some(cookie) = COOKIE.kept(value, seconds, public_url.is_https()) {
        answer.headers_mut().insert(header::SET_COOKIE, cookie);
    }
}
