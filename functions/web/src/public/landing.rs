//! What Numo is, for whoever was never here.

use askama::Template;
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
    response::{IntoResponse as _, Response},
};
use numo_app::error::AppError;

use super::{Keep, lasting};
use crate::{
    etag::unless_known,
    failure::Failure,
    state::{AppState, Publisher},
};

#[derive(Template)]
#[template(path = "landing.html")]
struct Landing<'a> {
    publisher: &'a Publisher,
}

/// Somebody who was here before, by the cookies of Clerk; whoever was not is shown what Numo is.
pub(crate) struct Acquainted;

impl FromRequestParts<AppState> for Acquainted {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        if has_signed_in(&parts.headers) {
            return Ok(Self);
        }
        let shown = lasting(&Landing { publisher: &state.site.publisher }, Keep::UntilAskedAgain);
        let shown = shown.unwrap_or_else(|error: AppError| Failure::from(error).into_response());
        Err(unless_known(&parts.headers, shown))
    }
}

/// Whether a browser has a session of Clerk's, an ended one too (Clerk: cookies): `__session`, or since when somebody
/// is signed in, which is `0` for nobody; several instances on one host give both names an ending.
fn has_signed_in(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut cookies = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    cookies.any(|(name, value)| {
        let is = |clerks: &str| name.strip_prefix(clerks).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'));
        (is("__session") && !value.is_empty()) || (is("__client_uat") && !matches!(value, "" | "0"))
    })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn whoever_has_a_session_or_had_one_is_known() {
        let is_known = |cookies: &'static str| {
            has_signed_in(&HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static(cookies))]))
        };
        let known =
            ["__session=a.b.c", "theme=dark; __client_uat=1795000000", "__session_x1=a", "__client_uat_x1=1795"];
        assert_eq!(known.map(is_known), [true; 4]);
        let unknown = ["", "theme=dark", "__session=", "__client_uat=0", "__client_uat=; __sessions=1", "x__session=1"];
        assert_eq!(unknown.map(is_known), [false; 6]);
    }
}
