//! The page of those to whom data goes, from the list that the outside calls are held to.

use axum::{extract::State, http::StatusCode, response::Response};
use numo_app::error::AppError;
use serde::Deserialize;

use crate::{failure::Failure, public_page::public_page, state::AppState};

/// `infra/checks` holds the template's addresses to it, and the journey what is sent.
const LIST: &str = include_str!("../../../infra/processors.json");

#[derive(Debug, Deserialize)]
struct List {
    processors: Vec<Processor>,
}

#[derive(Debug, Deserialize)]
struct Processor {
    name: String,
    #[serde(rename = "for")]
    purpose: String,
    gets: String,
}

pub(crate) async fn show(State(state): State<AppState>) -> Result<Response, Failure> {
    let unreadable = |error| AppError::Internal(format!("the list of processors: {error}"));
    let list: List = serde_json::from_str(LIST).map_err(unreadable)?;
    let mut texts = vec![
        "Nobody else gets data of a business or of its customers from Numo, and nothing is sold.".to_owned(),
        format!("The region of Amazon Web Services in which everything is stored is {}.", state.site.region),
    ];
    texts.extend(
        list.processors.iter().map(|Processor { name, purpose, gets }| format!("{name}: {purpose}. Gets {gets}.")),
    );
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    Ok(public_page(&state, StatusCode::OK, "Who processes data for Numo", &texts))
}
