//! What the messages of the month cost at Meta, and how much they may.

use std::collections::BTreeMap;

use axum::{
    Router,
    extract::State,
    routing::{get, put},
};
use jiff::{Timestamp, civil::Date};
use numo_app::{configure, store::expected::Subject};
use numo_domain::{
    account_bill::{AccountBill, ToldBill},
    cost::{
        Cost, CostCap, RateCard, Tally,
        answers::{AnswerTally, by_number},
    },
    id::{PhoneNumberId, WabaId},
    money::{Currency, Money},
    organisation::Organisation,
    phone::CountryCode,
};
use serde::{Deserialize, Serialize};

use crate::{
    auth::{Admin, Signed},
    etag::{IfMatch, Tagged},
    failure::Failure,
    json_body::JsonBody,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/cost", get(show))
        .route("/cost/rates", put(set_rates))
        .route("/cost/cap", put(set_cap).delete(take_cap_away))
}

/// An estimate by the rates that the owner entered.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = MonthView))]
struct CostView {
    /// The first day of the month.
    month: Date,
    /// Messages of the month that Meta bills, or may yet.
    messages: u64,
    /// As what it bills them, as far as it has told.
    told: Tally,
    /// What they cost, with a cap or without; none without rates.
    spent: Option<Cost>,
    /// What counts towards the cap: what they cost or what Meta billed, whichever is higher.
    counted: Option<Cost>,
    /// The rates by which that is counted.
    rates: Option<RatesView>,
    /// Answers in one's own words and those of the product, number by number: they are no part of the sums.
    answers: Vec<AnswersView>,
    /// What Meta says of the month, account by account; it has all that goes out from an account.
    billed: Vec<BillView>,
    cap: Option<CostCap>,
}

/// Rates, and whether Meta may have changed them since.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct RatesView {
    currency: Currency,
    /// What a message to a country costs, in millionths of the currency's unit.
    rates: BTreeMap<CountryCode, u32>,
    /// What it costs to any other country, in millionths of the currency's unit.
    rate_elsewhere: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_from: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    read_on: Option<Date>,
    may_be_outdated: bool,
}

/// The answers of a number in the month.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct AnswersView {
    phone_number_id: PhoneNumberId,
    #[serde(flatten)]
    tally: AnswerTally,
}

/// Meta's bill of an account, or that it tells none.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct BillView {
    waba_id: WabaId,
    asked_at: Timestamp,
    #[serde(flatten)]
    told: ToldBill,
}

/// What the messages of the month cost.
#[cfg_attr(feature = "openapi", utoipa::path(get, path = "/cost", responses((status = 200, body = CostView))))]
async fn show(Signed(session): Signed, State(state): State<AppState>) -> Result<Tagged<CostView>, Failure> {
    let (organisation, revision) = state.store().revised_organisation(&session.org).await?;
    Ok(Tagged::new(revision, view(&state, organisation).await?))
}

async fn view(state: &AppState, organisation: Organisation) -> Result<CostView, Failure> {
    let reminders = state.store().reminders(&organisation.id).await?;
    let today = organisation.zone.date(state.now());
    let month = today.first_of_month();
    let answers = answers_of(state, &organisation, month).await?;
    let (rates, cap) = (organisation.rate_card(), organisation.cost_cap);
    let mut bills = state.store().account_bills(&organisation.id).await?;
    bills.retain(|bill| bill.month == month);
    let sum = |rates: &RateCard, millionths| Cost { millionths, currency: rates.currency };
    let spent = rates.as_ref().map(|rates| sum(rates, rates.spent(&reminders, month)));
    let counted = rates.as_ref().map(|rates| sum(rates, rates.counted(&reminders, &bills, month)));
    let rates = rates.map(|card| RatesView::new(card, today));
    let bill = |bill: AccountBill| BillView { waba_id: bill.waba, asked_at: bill.asked_at, told: bill.told };
    let (told, billed) = (Tally::of(&reminders, month), bills.into_iter().map(bill).collect());
    Ok(CostView { month, messages: told.messages(), told, spent, counted, rates, answers, billed, cap })
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

impl RatesView {
    fn new(card: RateCard, today: Date) -> Self {
        let may_be_outdated = card.may_be_outdated(today);
        let RateCard { currency, rates, rate_elsewhere, valid_from, read_on } = card;
        Self { currency, rates, rate_elsewhere, valid_from, read_on, may_be_outdated }
    }
}

/// The answers of a month, by the organisation's dates.
async fn answers_of(state: &AppState, organisation: &Organisation, month: Date) -> Result<Vec<AnswersView>, Failure> {
    let is_of_month = |at| organisation.zone.date(at).first_of_month() == month;
    let answers = state.store().answers_written(&organisation.id, is_of_month).await?;
    let tallies = by_number(answers.iter().map(|(sender, answer)| (sender, answer)));
    Ok(tallies.into_iter().map(|(phone_number_id, tally)| AnswersView { phone_number_id, tally }).collect())
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
