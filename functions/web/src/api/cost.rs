//! What the messages of the month cost at Meta, and how much they may.

use std::collections::BTreeMap;

use axum::{
    Router,
    extract::State,
    routing::{get, put},
};
use jiff::civil::Date;
use numo_app::{configure, store::expected::Subject};
use numo_domain::{
    cost::{CostCap, RateCard},
    money::{Currency, Money},
    phone::CountryCode,
};
use serde::Deserialize;

use crate::{
    auth::{Admin, Signed},
    etag::{IfMatch, Tagged},
    failure::Failure,
    json_body::JsonBody,
    state::AppState,
    view::cost::CostView,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/cost", get(show))
        .route("/cost/rates", put(set_rates))
        .route("/cost/cap", put(set_cap).delete(take_cap_away))
}

/// What the messages of the month cost.
#[cfg_attr(feature = "openapi", utoipa::path(get, path = "/cost", responses((status = 200, body = CostView))))]
async fn show(Signed(session): Signed, State(state): State<AppState>) -> Result<Tagged<CostView>, Failure> {
    let (organisation, revision) = state.store().revised_organisation(&session.org).await?;
    Ok(Tagged::new(revision, CostView::load(&state, organisation).await?))
}

/// A cap with the rates that it counts by.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct CapForm {
    /// At most this much a month, in the currency in which Meta bills the account.
    per_month: AmountForm,
    /// What a message to a country costs, in millionths of the currency's unit.
    #[serde(default)]
    rates: BTreeMap<CountryCode, u32>,
    /// What it costs to any other country, in millionths of the currency's unit.
    rate_elsewhere: u32,
    /// Since when Meta bills so.
    #[serde(default)]
    valid_from: Option<Date>,
    /// When it was read at Meta.
    #[serde(default)]
    read_on: Option<Date>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct AmountForm {
    minor: i64,
    currency: Currency,
}

impl From<CapForm> for CostCap {
    fn from(CapForm { per_month, rates, rate_elsewhere, valid_from, read_on }: CapForm) -> Self {
        let AmountForm { minor, currency } = per_month;
        Self { per_month: Money { minor, currency }, rates, rate_elsewhere, valid_from, read_on }
    }
}

/// Enters what messages cost.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        put, path = "/cost/rates",
        request_body = RateCard,
        responses((status = 200, body = CostView)),
        security(("session" = ["admin"])),
    )
)]
async fn set_rates(
    Admin(session): Admin,
    State(state): State<AppState>,
    if_match: IfMatch,
    JsonBody(card): JsonBody<RateCard>,
) -> Result<Tagged<CostView>, Failure> {
    let waker = if_match.waker(&state, &session.org, Subject::Organisation);
    configure::set_rates(&waker, &session.org, &session.user, card, state.now()).await?;
    show(Signed(session), State(state)).await
}

/// Sets what the messages of a month may cost.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        put, path = "/cost/cap",
        request_body = CapForm,
        responses((status = 200, body = CostView)),
        security(("session" = ["admin"])),
    )
)]
async fn set_cap(
    admin: Admin,
    State(state): State<AppState>,
    if_match: IfMatch,
    JsonBody(form): JsonBody<CapForm>,
) -> Result<Tagged<CostView>, Failure> {
    change_cap(admin, state, if_match, Some(form.into())).await
}

/// Takes the cap away.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        delete, path = "/cost/cap",
        responses((status = 200, body = CostView)),
        security(("session" = ["admin"])),
    )
)]
async fn take_cap_away(
    admin: Admin,
    State(state): State<AppState>,
    if_match: IfMatch,
) -> Result<Tagged<CostView>, Failure> {
    change_cap(admin, state, if_match, None).await
}

async fn change_cap(
    Admin(session): Admin,
    state: AppState,
    if_match: IfMatch,
    cap: Option<CostCap>,
) -> Result<Tagged<CostView>, Failure> {
    let waker = if_match.waker(&state, &session.org, Subject::Organisation);
    configure::set_cost_cap(&waker, &session.org, &session.user, cap, state.now()).await?;
    show(Signed(session), State(state)).await
}
