//! A part of a page that is loaded once the page is there, since it takes long: the place for it, and who asks.

use axum::http::HeaderMap;

/// The place of a part that is to come.
pub(super) struct Awaited {
    /// Which element the part takes the place of, and is.
    pub(super) id: &'static str,
    /// Where it is loaded from.
    pub(super) from: String,
    /// What is being done meanwhile.
    pub(super) words: &'static str,
    /// The page, for another try.
    pub(super) page: String,
}

/// Whether htmx asks for a part, and not a person for a page.
pub(super) fn is_part(headers: &HeaderMap) -> bool {
    headers.contains_key("hx-request")
}
