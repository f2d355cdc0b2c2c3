//! That a form of a page was sent from a page of ours: its token, and where the browser says it comes from.

use axum::http::{HeaderMap, header};
use numo_app::{number_key::NumberKeys, port::session::Session};
use url::Url;

/// The token of a page's forms: another one for each page, so that it cannot be guessed from a compressed page.
pub(crate) fn token(keys: &NumberKeys, session: &Session, nonce: &str) -> String {
    format!("{nonce}.{}", keys.form_seal(&session.org, &session.user, nonce))
}

/// Whether a token was given on a page of the same person and organisation.
pub(crate) fn is_ours(keys: &NumberKeys, session: &Session, token: &str) -> bool {
    token.split_once('.').is_some_and(|(nonce, seal)| keys.form_seal(&session.org, &session.user, nonce) == seal)
}

/// Whether a browser says that a request comes from a page of this site.
pub(crate) fn is_same_origin(headers: &HeaderMap, site: &Url) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let is_from_here =
        text(header::ORIGIN.as_str()).is_some_and(|origin| origin == site.origin().ascii_serialization());
    is_from_here && text("sec-fetch-site").is_none_or(|site| site == "same-origin")
}
