//! What the messages of the month cost at Meta, and how much they may.

use axum::{
    Json, Router,
    extract::State,
    routing::{get, put},
};
use jiff::civil::Date;
use numo_app::configure;
use numo_domain::cost::{Cost, CostCap, Tally};
use serde::Serialize;

use crate::{
    auth::{Admin, Signed},
    failure::Failure,
    json_body::JsonBody,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/cost", get(show)).route("/cost/cap", put(set_cap).delete(take_cap_away))
}

/// An estimate by the rates that the owner entered.
#[derive(Debug, Serialize)]
struct CostView {
    /// The first day of the month.
    month: Date,
    /// Messages of the month that Meta bills, or may yet.
    messages: u64,
    /// As what it bills them, as far as it has told.
    told: Tally,
    /// What they cost; none without rates.
    spent: Option<Cost>,
    cap: Option<CostCap>,
}

async fn show(Signed(session): Signed, State(state): State<AppState>) -> Result<Json<CostView>, Failure> {
    let organisation = state.store().organisation(&session.org).await?;
    let reminders = state.store().reminders(&session.org).await?;
    let month = organisation.zone.date(state.now()).first_of_month();
    let cap = organisation.cost_cap;
    let spent = |cap: &CostCap| Cost { millionths: cap.spent(&reminders, month), currency: cap.per_month.currency };
    let (told, spent) = (Tally::of(&reminders, month), cap.as_ref().map(spent));
    Ok(Json(CostView { month, messages: told.messages(), told, spent, cap }))
}

async fn set_cap(
    admin: Admin,
    State(state): State<AppState>,
    JsonBody(cap): JsonBody<CostCap>,
) -> Result<Json<CostView>, Failure> {
    change_cap(admin, state, Some(cap)).await
}

async fn take_cap_away(admin: Admin, State(state): State<AppState>) -> Result<Json<CostView>, Failure> {
    change_cap(admin, state, None).await
}

async fn change_cap(Admin(session): Admin, state: AppState, cap: Option<CostCap>) -> Result<Json<CostView>, Failure> {
    configure::set_cost_cap(state.waker(), &session.org, &session.user, cap, state.now()).await?;
    show(Signed(session), State(state)).await
}
