//! What the messages of the month cost at Meta, and how much they may.

use axum::{
    Json, Router,
    extract::State,
    routing::{get, put},
};
use jiff::{Timestamp, civil::Date};
use numo_app::configure;
use numo_domain::{
    account_bill::{AccountBill, ToldBill},
    cost::{Cost, CostCap, Tally},
    id::WabaId,
};
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
    /// What counts towards the cap: what they cost or what Meta billed, whichever is higher.
    counted: Option<Cost>,
    /// What Meta says of the month, account by account; it has all that goes out from an account.
    billed: Vec<BillView>,
    cap: Option<CostCap>,
}

/// Meta's bill of an account, or that it tells none.
#[derive(Debug, Serialize)]
struct BillView {
    waba_id: WabaId,
    asked_at: Timestamp,
    #[serde(flatten)]
    told: ToldBill,
}

async fn show(Signed(session): Signed, State(state): State<AppState>) -> Result<Json<CostView>, Failure> {
    let organisation = state.store().organisation(&session.org).await?;
    let reminders = state.store().reminders(&session.org).await?;
    let month = organisation.zone.date(state.now()).first_of_month();
    let cap = organisation.cost_cap;
    let mut bills = state.store().account_bills(&session.org).await?;
    bills.retain(|bill| bill.month == month);
    let sum = |cap: &CostCap, millionths| Cost { millionths, currency: cap.per_month.currency };
    let spent = cap.as_ref().map(|cap| sum(cap, cap.spent(&reminders, month)));
    let counted = cap.as_ref().map(|cap| sum(cap, cap.counted(&reminders, &bills, month)));
    let view = |bill: AccountBill| BillView { waba_id: bill.waba, asked_at: bill.asked_at, told: bill.told };
    let (told, billed) = (Tally::of(&reminders, month), bills.into_iter().map(view).collect());
    Ok(Json(CostView { month, messages: told.messages(), told, spent, counted, billed, cap }))
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
