//! What the messages of a month cost at Meta, as far as it is known.

use std::collections::BTreeMap;

use jiff::civil::Date;
use numo_domain::{
    account_bill::AccountBill,
    cost::{
        Cost, Tally,
        answers::{AnswerTally, by_number},
    },
    id::PhoneNumberId,
    organisation::Organisation,
};

use crate::{error::AppError, store::Store};

/// An estimate by the rates that the owner entered, beside what Meta tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthCost {
    /// The first day of the month.
    pub month: Date,
    /// As what Meta bills the messages of the product, as far as it has told.
    pub told: Tally,
    /// What they cost, with a cap or without; none without rates.
    pub spent: Option<Cost>,
    /// What counts towards the cap: what they cost or what Meta billed, whichever is higher.
    pub counted: Option<Cost>,
    /// Answers in one's own words and those of the product, by number: they are no part of the sums.
    pub answers: BTreeMap<PhoneNumberId, AnswerTally>,
    /// What Meta says of the month, account by account; it has all that goes out from an account.
    pub bills: Vec<AccountBill>,
}

/// What a day's month cost, by the organisation's dates.
pub async fn month_cost(store: &Store, organisation: &Organisation, day: Date) -> Result<MonthCost, AppError> {
    let (org, month) = (&organisation.id, day.first_of_month());
    let reminders = store.reminders(org).await?;
    let is_of_month = |at| organisation.zone.date(at).first_of_month() == month;
    let answers = store.answers_written(org, is_of_month).await?;
    let mut bills = store.account_bills(org).await?;
    bills.retain(|bill| bill.month == month);
    let rates = organisation.rate_card();
    let sum = |millionths: u64| rates.as_ref().map(|rates| Cost { millionths, currency: rates.currency });
    let spent = rates.as_ref().and_then(|rates| sum(rates.spent(&reminders, month)));
    let counted = rates.as_ref().and_then(|rates| sum(rates.counted(&reminders, &bills, month)));
    let answers = by_number(answers.iter().map(|(sender, answer)| (sender, answer)));
    Ok(MonthCost { month, told: Tally::of(&reminders, month), spent, counted, answers, bills })
}
