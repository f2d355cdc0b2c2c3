//! On which terms Numo is used.

use askama::Template;
use axum::{extract::State, response::Response};
use jiff::civil::{Date, date};

use super::{Keep, day, lasting};
use crate::{
    failure::Failure,
    state::{AppState, Publisher},
};

#[derive(Template)]
#[template(path = "terms.html")]
struct Terms<'a> {
    publisher: &'a Publisher,
    dated: String,
}

/// Since when they stand as they do.
const DATED: Date = date(2026, 11, 28);

pub(super) async fn show(State(state): State<AppState>) -> Result<Response, Failure> {
    Ok(lasting(&Terms { publisher: &state.site.publisher, dated: day(DATED) }, Keep::AnHour)?)
}
