//! The texts that WhatsApp has to approve.

use axum::{Json, Router, extract::State, routing::get};
use jiff::Timestamp;
use numo_domain::{
    meta_code::advice::Advice,
    template::{AccountTemplate, TemplateStatus, WhyUnusable},
};
use serde::Serialize;

use crate::{auth::Signed, failure::Failure, state::AppState};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/templates", get(list))
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct TemplateView {
    name: String,
    language: String,
    status: TemplateStatus,
    /// Why it is not used, where Meta told.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<WhyUnusable>,
    /// Meta's code, where it did not take it, with what it means.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<u32>,
    #[serde(flatten)]
    advice: Option<Advice>,
    /// Until when it is not used although Meta says that it may be sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    rests_until: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct TemplatesView {
    templates: Vec<TemplateView>,
}

/// The texts that WhatsApp has to approve.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(get, path = "/templates", responses((status = 200, body = TemplatesView)))
)]
async fn list(Signed(session): Signed, State(state): State<AppState>) -> Result<Json<TemplatesView>, Failure> {
    let templates = state.store().templates(&session.org).await?;
    Ok(Json(TemplatesView { templates: templates.into_iter().map(TemplateView::from).collect() }))
}

impl From<AccountTemplate> for TemplateView {
    fn from(AccountTemplate { template, status, why, code, rests_until }: AccountTemplate) -> Self {
        let advice = code.map(Advice::of_code);
        Self { name: template.name, language: template.language, status, why, code, advice, rests_until }
    }
}
