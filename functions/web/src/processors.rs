//! The page of those to whom data goes, from the list that the outside calls are held to.

use askama::Template;
use axum::{extract::State, response::Response};
use numo_app::error::AppError;
use serde::Deserialize;

use crate::{
    failure::Failure,
    public::{Keep, lasting},
    state::{AppState, Publisher},
};

/// `infra/checks` holds the template's addresses to it, and the journey what is sent.
const LIST: &str = include_str!("../../../infra/processors.json");

#[derive(Debug, Deserialize)]
struct List {
    processors: Vec<Processor>,
}

/// Somebody who gets data.
#[derive(Debug, Deserialize)]
pub(crate) struct Processor {
    pub(crate) name: String,
    #[serde(rename = "for")]
    pub(crate) purpose: String,
    pub(crate) gets: String,
}

#[derive(Template)]
#[template(path = "processors.html")]
struct ProcessorsPage<'a> {
    publisher: &'a Publisher,
    region: &'a str,
    processors: Vec<Processor>,
}

/// Everybody who gets data.
pub(crate) fn processors() -> Result<Vec<Processor>, AppError> {
    let list: Result<List, serde_json::Error> = serde_json::from_str(LIST);
    let list = list.map_err(|error| AppError::Internal(format!("the list of processors: {error}")))?;
    Ok(list.processors)
}

pub(crate) async fn show(State(state): State<AppState>) -> Result<Response, Failure> {
    let site = &state.site;
    let page = ProcessorsPage { publisher: &site.publisher, region: &site.region, processors: processors()? };
    Ok(lasting(&page, Keep::AnHour)?)
}
