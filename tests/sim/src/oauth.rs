use std::collections::HashMap;

use axum::http::{HeaderMap, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::Url;

use crate::answer;

/// The parameters of a query or of a form.
pub(crate) type Parameters = HashMap<String, String>;

/// Plain http is allowed for the local machine only.
pub(crate) fn redirect_target(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let host = url.host_str().unwrap_or_default();
    let local = host == "localhost" || host == "127.0.0.1" || host.ends_with(".localhost");
    (url.scheme() == "https" || (url.scheme() == "http" && local)).then_some(url)
}

/// The scopes asked for, which are separated by spaces.
pub(crate) fn scopes(asked: &Parameters) -> Vec<String> {
    asked.get("scope").map_or("", String::as_str).split_whitespace().map(String::from).collect()
}

/// Who is signed in: `sim_user`, or the owner of the first organisation.
pub(crate) fn user_of(asked: &Parameters) -> &str {
    asked.get("sim_user").map_or("owner@harbour.example", String::as_str)
}

/// Sends the browser back; empty parameters are left out.
pub(crate) fn back(mut redirect: Url, parameters: &[(&str, &str)]) -> Response {
    redirect.query_pairs_mut().extend_pairs(parameters.iter().filter(|(_, value)| !value.is_empty()));
    answer::redirect(redirect.as_str())
}

/// HTTP Basic with a client id and any non-empty secret but `wrong`.
pub(crate) fn client(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let decoded = String::from_utf8(STANDARD.decode(value.strip_prefix("Basic ")?).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    (!id.is_empty() && !secret.is_empty() && secret != "wrong").then(|| id.to_owned())
}
