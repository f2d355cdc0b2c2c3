//! Pages for everybody: what Numo is, what it keeps of whom, and on which terms.

mod acknowledgements;
mod kept;
pub(crate) mod landing;
mod privacy;
mod terms;

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use askama::Template;
use axum::{
    Router,
    http::{HeaderValue, StatusCode, header},
    middleware::from_fn,
    response::Response,
    routing::get,
};
use jiff::civil::Date;
use numo_app::error::AppError;

use crate::{
    compress::compress,
    console::{Loads, guarded},
    etag, processors,
    state::AppState,
};

pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/privacy", get(privacy::show))
        .route("/terms", get(terms::show))
        .route("/processors", get(processors::show))
        .route("/acknowledgements", get(acknowledgements::show))
        .layer(from_fn(compress))
        .layer(from_fn(etag::not_modified))
}

/// How long a copy of a page is good, at ourselves and on the way to us.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Keep {
    /// An hour, for everybody.
    AnHour,
    /// Until it is asked for again, as somebody may have signed in since.
    UntilAskedAgain,
}

/// A page that is the same for everybody, with what tells whether it has changed.
pub(crate) fn lasting(page: &impl Template, keep: Keep) -> Result<Response, AppError> {
    let html = page.render().map_err(|error| AppError::Internal(format!("a page cannot be rendered: {error}")))?;
    let mut hash = DefaultHasher::new();
    html.hash(&mut hash);
    let (control, vary) = match keep {
        Keep::AnHour => ("public, max-age=3600", "accept-encoding"),
        Keep::UntilAskedAgain => ("private, no-cache", "cookie, accept-encoding"),
    };
    let mut shown = guarded(StatusCode::OK, html, "", Loads::Nothing)?;
    let headers = shown.headers_mut();
    // Weak, since a compressed page has other bytes and the same words.
    if let Ok(tag) = HeaderValue::from_str(&format!("W/\"{:016x}\"", hash.finish())) {
        headers.insert(header::ETAG, tag);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(control));
    headers.insert(header::VARY, HeaderValue::from_static(vary));
    Ok(shown)
}

/// A date as pages have it.
fn day(date: Date) -> String {
    date.strftime("%-d %B %Y").to_string()
}
