//! What the messages of the month cost at Meta.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use numo_app::{
    error::AppError,
    month_cost::{MonthCost, month_cost},
};
use numo_domain::{
    account_bill::{AccountBill, ToldBill},
    cost::{Cost, CostCap, RateCard, Tally, answers::AnswerTally},
    id::{PhoneNumberId, WabaId},
    money::Currency,
    organisation::Organisation,
    phone::CountryCode,
};
use serde::Serialize;

use crate::state::AppState;

/// An estimate by the rates that the owner entered.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = MonthView))]
pub(crate) struct CostView {
    /// The first day of the month.
    pub(crate) month: Date,
    /// Messages of the month that Meta bills, or may yet.
    pub(crate) messages: u64,
    /// As what it bills them, as far as it has told.
    pub(crate) told: Tally,
    /// What they cost, with a cap or without; none without rates.
    pub(crate) spent: Option<Cost>,
    /// What counts towards the cap: what they cost or what Meta billed, whichever is higher.
    pub(crate) counted: Option<Cost>,
    /// The rates by which that is counted.
    pub(crate) rates: Option<RatesView>,
    /// Answers in one's own words and those of the product, number by number: they are no part of the sums.
    pub(crate) answers: Vec<AnswersView>,
    /// What Meta says of the month, account by account; it has all that goes out from an account.
    pub(crate) billed: Vec<BillView>,
    pub(crate) cap: Option<CostCap>,
}

/// Rates, and whether Meta may have changed them since.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub(crate) struct RatesView {
    pub(crate) currency: Currency,
    /// What a message to a country costs, in millionths of the currency's unit.
    pub(crate) rates: BTreeMap<CountryCode, u32>,
    /// What it costs to any other country, in millionths of the currency's unit.
    pub(crate) rate_elsewhere: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) valid_from: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) read_on: Option<Date>,
    pub(crate) may_be_outdated: bool,
}

/// The answers of a number in the month.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub(crate) struct AnswersView {
    pub(crate) phone_number_id: PhoneNumberId,
    #[serde(flatten)]
    pub(crate) tally: AnswerTally,
}

/// Meta's bill of an account, or that it tells none.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub(crate) struct BillView {
    pub(crate) waba_id: WabaId,
    pub(crate) asked_at: Timestamp,
    #[serde(flatten)]
    pub(crate) told: ToldBill,
}

impl CostView {
    /// The month of an organisation's date.
    pub(crate) async fn load(state: &AppState, organisation: Organisation) -> Result<Self, AppError> {
        let today = organisation.zone.date(state.now());
        let cost = month_cost(state.store(), &organisation, today).await?;
        let MonthCost { month, told, spent, counted, answers, bills } = cost;
        let rates = organisation.rate_card().map(|card| RatesView::new(card, today));
        let answers = answers.into_iter().map(|(phone_number_id, tally)| AnswersView { phone_number_id, tally });
        let bill = |bill: AccountBill| BillView { waba_id: bill.waba, asked_at: bill.asked_at, told: bill.told };
        let (messages, cap) = (told.messages(), organisation.cost_cap);
        let (answers, billed) = (answers.collect(), bills.into_iter().map(bill).collect());
        Ok(Self { month, messages, told, spent, counted, rates, answers, billed, cap })
    }
}

impl RatesView {
    fn new(card: RateCard, today: Date) -> Self {
        let may_be_outdated = card.may_be_outdated(today);
        let RateCard { currency, rates, rate_elsewhere, valid_from, read_on } = card;
        Self { currency, rates, rate_elsewhere, valid_from, read_on, may_be_outdated }
    }
}
