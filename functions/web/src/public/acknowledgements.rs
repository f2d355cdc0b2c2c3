//! What others made that pages are built from, with its licence.

use askama::Template;
use axum::{extract::State, response::Response};

use super::{Keep, lasting};
use crate::{
    assets::HTMX_LICENCE,
    failure::Failure,
    state::{AppState, Publisher},
};

#[derive(Template)]
#[template(path = "acknowledgements.html")]
struct Acknowledgements<'a> {
    publisher: &'a Publisher,
    htmx_licence: &'static str,
}

pub(super) async fn show(State(state): State<AppState>) -> Result<Response, Failure> {
    let page = Acknowledgements { publisher: &state.site.publisher, htmx_licence: HTMX_LICENCE };
    Ok(lasting(&page, Keep::AnHour)?)
}
