//! The organisation's profile, and pausing everything.

use axum::{
    Json, Router,
    extract::State,
    routing::{get, put},
};
use jiff::Timestamp;
use numo_app::configure;
use numo_domain::{
    calendar::Zone, id::OrgId, money::Currency, organisation::Organisation, phone::CountryCode,
    plan::caps::RAMP_PER_DAY,
};
use serde::{Deserialize, Serialize};

use crate::{
    auth::{Admin, Signed},
    failure::Failure,
    json_body::JsonBody,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/organisation", get(show))
        .route("/organisation/pause", put(pause))
        .route("/organisation/ramp", put(ramp))
}

#[derive(Debug, Serialize)]
struct OrganisationView {
    id: OrgId,
    name: String,
    zone: Zone,
    country: Option<CountryCode>,
    base_currency: Option<Currency>,
    paused: bool,
    ramp_per_day: u32,
    attestation: Option<AttestationView>,
}

#[derive(Debug, Serialize)]
struct AttestationView {
    version: u16,
    at: Timestamp,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RampForm {
    per_day: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PauseForm {
    paused: bool,
}

async fn show(Signed(session): Signed, State(state): State<AppState>) -> Result<Json<OrganisationView>, Failure> {
    let organisation = state.store().organisation(&session.org).await?;
    Ok(Json(organisation.into()))
}

/// Open to members too: whoever sees something going wrong may stop it.
async fn pause(
    Signed(session): Signed,
    State(state): State<AppState>,
    JsonBody(form): JsonBody<PauseForm>,
) -> Result<Json<OrganisationView>, Failure> {
    let paused = form.paused.then_some(());
    let organisation = configure::pause(state.waker(), &session.org, &session.user, paused, state.now()).await?;
    Ok(Json(organisation.into()))
}

/// How many numbers may be written to for the first time on one day.
async fn ramp(
    Admin(session): Admin,
    State(state): State<AppState>,
    JsonBody(form): JsonBody<RampForm>,
) -> Result<Json<OrganisationView>, Failure> {
    let (waker, now) = (state.waker(), state.now());
    let organisation = configure::set_ramp(waker, &session.org, &session.user, form.per_day, now).await?;
    Ok(Json(organisation.into()))
}

impl From<Organisation> for OrganisationView {
    fn from(organisation: Organisation) -> Self {
        Self {
            id: organisation.id,
            name: organisation.name,
            zone: organisation.zone,
            country: organisation.country,
            base_currency: organisation.base_currency,
            paused: organisation.pause.is_some(),
            ramp_per_day: organisation.ramp_per_day.unwrap_or(RAMP_PER_DAY),
            attestation: organisation.attestation.map(|given| AttestationView { version: given.version, at: given.at }),
        }
    }
}
