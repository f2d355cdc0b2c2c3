//! A part of a page that is loaded once the page is there, since it takes long: the place for it, and how it is answered.

use askama::Template;
use axum::http::{HeaderMap, StatusCode};
use numo_app::error::AppError;
use url::form_urlencoded;

use crate::{
    console::{Loads, Shown, frame::Frame, render, viewer::Viewer},
    state::AppState,
};

/// The place of a part that is to come.
pub(super) struct Awaited {
    /// Which element the part takes the place of, and is.
    pub(super) id: &'static str,
    /// Where it is loaded from.
    pub(super) from: String,
    /// The part on a page of its own, for browsers in which no script runs.
    pub(super) alone: String,
    /// What is being done meanwhile.
    pub(super) words: &'static str,
    /// The page, for another try.
    pub(super) page: String,
}

/// What opens a part on a page of its own, where its page and the part have one address.
pub(super) const ALONE: &str = "show=alone";

/// A part with what stands around a page.
#[derive(Template)]
#[template(path = "part_alone.html")]
struct PartAlone {
    frame: Frame,
    part: String,
}

/// Whether htmx asks for a part, and not a person for a page.
pub(super) fn is_part(headers: &HeaderMap) -> bool {
    headers.contains_key("hx-request")
}

/// Whether a person asks for the part, with what stands around a page.
pub(super) fn is_alone(query: &str) -> bool {
    form_urlencoded::parse(query.as_bytes()).any(|(name, value)| name == "show" && value == "alone")
}

/// The part as it takes its place for htmx, or on a page of its own for a person.
pub(super) fn part(
    viewer: &Viewer,
    state: &AppState,
    headers: &HeaderMap,
    (title, part): (&str, &impl Template),
) -> Shown {
    if is_part(headers) {
        return Ok(render(StatusCode::OK, part, &viewer.nonce, Loads::Clerk(&state.site))?);
    }
    let part = part.render().map_err(|error| AppError::Internal(format!("a part cannot be rendered: {error}")))?;
    viewer.page(state, &PartAlone { frame: viewer.frame(state, title), part })
}
