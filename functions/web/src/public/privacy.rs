//! What is kept of whom, why, for how long, and who gets it.

use askama::Template;
use axum::{extract::State, response::Response};
use jiff::civil::{Date, date};

use super::{
    Keep, day,
    kept::{Kept, kept},
    lasting,
};
use crate::{
    failure::Failure,
    processors::{Processor, processors},
    state::{AppState, Publisher},
};

#[derive(Template)]
#[template(path = "privacy.html")]
struct Privacy<'a> {
    publisher: &'a Publisher,
    region: &'a str,
    kept: Vec<Kept>,
    processors: Vec<Processor>,
    changes: Vec<(String, &'static str)>,
}

/// What changed in the text and when, newest first.
const CHANGES: [(Date, &str); 1] = [(
    date(2026, 11, 28),
    "Written anew: everything that is kept stands in one table with its time; stored at Amazon Web Services alone; \
     reminders go through Meta's Cloud API from your own account.",
)];

pub(super) async fn show(State(state): State<AppState>) -> Result<Response, Failure> {
    let site = &state.site;
    let page = Privacy {
        publisher: &site.publisher,
        region: &site.region,
        kept: kept(),
        processors: processors()?,
        changes: CHANGES.map(|(date, text)| (day(date), text)).into(),
    };
    Ok(lasting(&page, Keep::AnHour)?)
}
