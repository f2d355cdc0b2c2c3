//! What the messages of the month cost at Meta.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use numo_app::error::AppError;
use numo_domain::{
    account_bill::{AccountBill, ToldBill},
    cost::{
        Cost, CostCap, RateCard, Tally,
        answers::{AnswerTally, by_number},
    },
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
}

impl RatesView {
    fn new(card: RateCard, today: Date) -> Self {
        let may_be_outdated = card.may_be_outdated(today);
        let RateCard { currency, rates, rate_elsewhere, valid_from, read_on } = card;
        Self { currency, rates, rate_elsewhere, valid_from, read_on, may_be_outdated }
    }
}

/// The answers of a month, by the organisation's dates.
async fn answers_of(state: &AppState, organisation: &Organisation, month: Date) -> Result<Vec<AnswersView>, AppError> {
    let is_of_month = |at| organisation.zone.date(at).first_of_month() == month;
    let answers = state.store().answers_written(&organisation.id, is_of_month).await?;
    let tallies = by_number(answers.iter().map(|(sender, answer)| (sender, answer)));
    Ok(tallies.into_iter().map(|(phone_number_id, tally)| AnswersView { phone_number_id, tally }).collect())
}
