//! Lists in parts on pages: a link leads on to what is older.

use numo_app::store::part::Part;
use url::form_urlencoded;

use crate::{console::viewer::Viewer, failure::Failure, paging::Paged};

/// The part that a page is asked for.
pub(super) fn part(viewer: &Viewer, paged: &Paged, filter: &str, limit: usize) -> Result<Part, Failure> {
    Ok(Part { limit, ..paged.part_of(&viewer.session.org, filter)? })
}

/// The address of the same page with what follows a part; `fields` are kept.
pub(super) fn older(
    viewer: &Viewer,
    paged: &Paged,
    (filter, fields): (&str, &[(String, String)]),
    next: Option<String>,
) -> Option<String> {
    let cursor = paged.next(&viewer.session.org, filter, next)?;
    let query =
        form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).append_pair("cursor", &cursor).finish();
    Some(format!("{}?{query}", viewer.path))
}
