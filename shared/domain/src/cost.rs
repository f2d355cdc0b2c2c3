//! What messages cost at Meta, by the rates of the business's own rate card.
//!
//! Meta bills a delivered template by the country of the recipient's number. Its rates differ by account currency,
//! change every quarter, and no webhook tells them; so they are what the owner enters, and what comes of them is an
//! estimate (Meta, pricing). Webhooks do tell which messages are free, and the category of the others.

pub mod answers;
pub mod decimal;

use std::collections::BTreeMap;

use jiff::{
    ToSpan,
    civil::{self, Date},
};
use serde::{Deserialize, Serialize};

use crate::{
    account_bill::{AccountBill, billed_in},
    delivery_report::pricing::{PriceCategory, Pricing},
    money::{Currency, Money},
    phone::CountryCode,
    reminder::Reminder,
};

/// What messages cost at Meta, as the owner read it there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RateCard {
    /// The currency in which Meta bills the account.
    pub currency: Currency,
    /// What a message to a country costs, in millionths of the currency's unit.
    #[serde(default)]
    pub rates: BTreeMap<CountryCode, u32>,
    /// What it costs to any other country, in millionths of the currency's unit.
    pub rate_elsewhere: u32,
    /// Since when Meta bills so; unknown for rates from before days were kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Date>,
    /// When it was read at Meta; unknown for rates from before days were kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_on: Option<Date>,
}

/// What the messages of a calendar month may cost, by the organisation's dates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CostCap {
    /// At most this much a month, in the currency in which Meta bills the account.
    pub per_month: Money,
    /// What a message to a country costs, in millionths of the currency's unit.
    #[serde(default)]
    pub rates: BTreeMap<CountryCode, u32>,
    /// What it costs to any other country, in millionths of the currency's unit.
    pub rate_elsewhere: u32,
    /// Since when Meta bills so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Date>,
    /// When it was read at Meta.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_on: Option<Date>,
}

/// Since this day Meta bills by the message (Meta: pricing).
const FIRST_RATES: Date = civil::date(2025, 7, 1);

/// Countries with a rate of their own, at most: there are fewer in the world.
const MAX_RATES: usize = 250;

/// The highest cap, in minor units: far above what anybody spends, far below what overflows.
const MAX_PER_MONTH: i64 = 1_000_000_000_000;

impl CostCap {
    /// Checks what was entered by an organisation's date.
    pub fn validate(self, today: Date) -> Result<Self, InvalidCostCap> {
        if !(1..=MAX_PER_MONTH).contains(&self.per_month.minor) {
            return Err(InvalidCostCap::PerMonth);
        }
        self.card().validate(today)?;
        Ok(self)
    }

    /// The rates that it counts by.
    pub fn card(&self) -> RateCard {
        let Self { per_month, rates, rate_elsewhere, valid_from, read_on } = self.clone();
        RateCard { currency: per_month.currency, rates, rate_elsewhere, valid_from, read_on }
    }

    /// Whether a month that has cost so much, in millionths, has room for one more message.
    pub fn has_room(&self, spent: u64, cost: Cost) -> bool {
        spent.saturating_add(cost.millionths) <= millionths(self.per_month)
    }
}

impl RateCard {
    /// Checks what was entered by an organisation's date.
    pub fn validate(self, today: Date) -> Result<Self, InvalidCostCap> {
        if !self.currency.is_in_use() {
            return Err(InvalidCostCap::UnknownCurrency(self.currency));
        }
        if self.read_on.is_some_and(|day| day < FIRST_RATES || day > today) {
            return Err(InvalidCostCap::ReadOn);
        }
        let a_year_ahead = today.saturating_add(1.year());
        if self.valid_from.is_some_and(|day| day < FIRST_RATES || day > a_year_ahead) {
            return Err(InvalidCostCap::ValidFrom);
        }
        if self.rate_elsewhere == 0 {
            return Err(InvalidCostCap::RateElsewhere);
        }
        if self.rates.len() > MAX_RATES {
            return Err(InvalidCostCap::TooManyRates);
        }
        match self.rates.iter().find(|(_, rate)| **rate == 0) {
            Some((country, _)) => Err(InvalidCostCap::NoRate(*country)),
            None => Ok(self),
        }
    }

    /// What a message to a number of a country costs.
    pub fn cost_to(&self, country: Option<CountryCode>) -> Cost {
        let rate = country.and_then(|country| self.rates.get(&country)).unwrap_or(&self.rate_elsewhere);
        Cost { millionths: u64::from(*rate), currency: self.currency }
    }

    /// Whether Meta may have changed its rates since these were read: it does so on the first of a quarter alone
    /// (Meta: pricing).
    pub fn may_be_outdated(&self, today: Date) -> bool {
        let quarter = today.first_of_month().saturating_sub((i64::from(today.month() - 1) % 3).months());
        let known_for = self.valid_from.max(self.read_on);
        known_for.is_none_or(|known_for| known_for < quarter)
    }

    /// What the messages of a day's month cost up to now, in millionths; one without a known cost counts at the rate
    /// for all other countries, and one that Meta told to be free counts nothing.
    ///
    /// Nobody entered rates of another category: a message that is billed in one counts at the rate of a reminder.
    pub fn spent(&self, reminders: &[Reminder], day: Date) -> u64 {
        let cost = |past: &Reminder| past.cost.filter(|cost| cost.currency == self.currency);
        let paid_for = arrived(reminders, day).filter(|(_, told)| !told.is_some_and(Pricing::is_free));
        paid_for.fold(0, |sum, (past, _)| sum.saturating_add(cost(past).unwrap_or(self.cost_to(None)).millionths))
    }

    /// What a day's month counts towards the cap, in millionths: what its messages cost, or what Meta billed the
    /// accounts, whichever is higher.
    pub fn counted(&self, reminders: &[Reminder], bills: &[AccountBill], day: Date) -> u64 {
        self.spent(reminders, day).max(billed_in(bills, day, self.currency))
    }
}

/// The messages of a day's month that arrived or may yet, with what Meta told of the price of each.
///
/// A reminder that was sent again has a message for each call whose message arrived after all.
fn arrived(reminders: &[Reminder], day: Date) -> impl Iterator<Item = (&Reminder, Option<Pricing>)> {
    let is_of_month = move |past: &&Reminder| past.date.first_of_month() == day.first_of_month();
    reminders.iter().filter(is_of_month).flat_map(|past| {
        let latest = past.state.is_billed().then_some((past, past.report.pricing));
        let earlier = past.earlier.values().filter(|message| message.is_delivered);
        latest.into_iter().chain(earlier.map(move |message| (past, message.report.pricing)))
    })
}

/// How many messages of a month Meta bills, and as what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tally {
    /// Those that Meta told it bills, by category.
    pub billed: BTreeMap<PriceCategory, u64>,
    /// Those that it told are free.
    pub free: u64,
    /// Those of which it has told nothing: they are counted as billed.
    pub untold: u64,
}

impl Tally {
    /// The messages of a day's month.
    pub fn of(reminders: &[Reminder], day: Date) -> Self {
        let mut tally = Self::default();
        for (_, told) in arrived(reminders, day) {
            tally.add(told);
        }
        tally
    }

    /// Counts one message.
    fn add(&mut self, told: Option<Pricing>) {
        match told {
            None => self.untold += 1,
            Some(told) if told.is_free() => self.free += 1,
            Some(told) => *self.billed.entry(told.category).or_default() += 1,
        }
    }

    /// Those that Meta bills, or may yet.
    pub fn messages(&self) -> u64 {
        self.billed.values().sum::<u64>() + self.untold
    }
}

/// What one message costs, by the rate that was known when it went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Cost {
    /// Millionths of the currency's unit.
    pub millionths: u64,
    /// The currency in which Meta bills the account.
    pub currency: Currency,
}

/// An amount in millionths of its currency's unit; less than nothing is nothing.
fn millionths(amount: Money) -> u64 {
    let exponent = u32::try_from(amount.currency.exponent()).unwrap_or_default();
    let per_minor = 1_000_000_u64 / 10_u64.pow(exponent.min(6));
    u64::try_from(amount.minor).unwrap_or_default().saturating_mul(per_minor)
}

/// Why a cost cap cannot be saved; each names the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCostCap {
    /// A cap under which nothing goes out is a pause, and one beyond all reason none.
    #[error("per_month.minor: between 1 and {MAX_PER_MONTH} minor units")]
    PerMonth,
    /// What nobody pays in.
    #[error("currency: no currency in use has the code {0} of ISO 4217")]
    UnknownCurrency(Currency),
    /// Without a rate nothing can be counted.
    #[error("rate_elsewhere: what a message costs where no other rate is given, in millionths, above 0")]
    RateElsewhere,
    /// Nobody can have read it on that day.
    #[error("read_on: a day from {FIRST_RATES} to today")]
    ReadOn,
    /// Meta had no such rates then, or has not told them yet.
    #[error("valid_from: a day from {FIRST_RATES} to a year ahead")]
    ValidFrom,
    /// A rate of nothing.
    #[error("rates.{}: above 0 millionths", .0.as_str())]
    NoRate(CountryCode),
    /// More rates than countries.
    #[error("rates: at most {MAX_RATES} countries")]
    TooManyRates,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::Timestamp;

    use proptest::prelude::*;

    use super::*;
    use crate::{
        delivery_report::{DeliveryReport, pricing::Billed},
        id::AttemptId,
        reminder::{DeliveryStatus, ReminderState},
    };

    fn cap(per_month: &str) -> CostCap {
        let (code, amount) = per_month.split_once(' ').unwrap();
        let per_month = Money::parse_decimal(amount, code.parse().unwrap()).unwrap();
        CostCap {
            per_month,
            rates: BTreeMap::from([("AE".parse().unwrap(), 57_600)]),
            rate_elsewhere: 80_000,
            valid_from: None,
            read_on: None,
        }
    }

    const TODAY: Date = civil::date(2026, 11, 24);

    #[test]
    fn a_rate_card_says_since_when_and_may_be_outdated_once_a_quarter_has_begun_since_it_was_read() {
        let card = |valid_from: Option<&str>, read_on: Option<&str>| {
            let day = |text: Option<&str>| text.map(|text| text.parse().unwrap());
            RateCard { valid_from: day(valid_from), read_on: day(read_on), ..cap("USD 25.00").card() }
        };
        for (valid_from, read_on, outdated) in [
            (None, None, true),
            (Some("2026-10-01"), None, false),
            (Some("2026-07-01"), Some("2026-09-30"), true),
            (Some("2026-07-01"), Some("2026-10-01"), false),
            (Some("2027-01-01"), Some("2026-11-01"), false),
        ] {
            let told = card(valid_from, read_on).may_be_outdated(TODAY);
            assert_eq!(told, outdated, "{valid_from:?} {read_on:?}");
        }
        let refused = |valid_from, read_on| card(valid_from, read_on).validate(TODAY).unwrap_err().to_string();
        for day in ["2026-11-25", "2025-06-30"] {
            assert_eq!(refused(None, Some(day)), "read_on: a day from 2025-07-01 to today");
        }
        for day in ["2027-11-25", "2025-06-30"] {
            assert_eq!(refused(Some(day), None), "valid_from: a day from 2025-07-01 to a year ahead");
        }
        assert!(card(Some("2027-11-24"), Some("2026-11-24")).validate(TODAY).is_ok());
    }

    #[test]
    fn a_cap_from_before_rates_had_days_is_read_as_it_was() {
        let stored = serde_json::json!({
            "per_month": {"minor": 2_500, "currency": "USD"}, "rates": {"AE": 57_600}, "rate_elsewhere": 80_000,
        });
        assert_eq!(serde_json::from_value::<CostCap>(stored.clone()).unwrap(), cap("USD 25.00"));
        assert_eq!(serde_json::to_value(cap("USD 25.00")).unwrap(), stored);
    }

    #[test]
    fn the_rate_is_that_of_the_country_or_the_one_for_all_others() {
        let cap = cap("USD 25.00").card();
        let of = |country: Option<&str>| cap.cost_to(country.map(|code| code.parse().unwrap())).millionths;
        assert_eq!([of(Some("AE")), of(Some("GB")), of(None)], [57_600, 80_000, 80_000]);
    }

    #[test]
    fn the_last_message_that_fits_is_the_one_that_reaches_the_cap_exactly() {
        for (per_month, fits) in [("USD 0.16", 80_000), ("JPY 1", 920_000), ("KWD 0.160", 80_000)] {
            let cap = cap(per_month);
            let cost = cap.card().cost_to(None);
            assert!(cap.has_room(fits, cost) && !cap.has_room(fits + 1, cost), "{per_month}");
        }
        assert!(!cap("USD 1").has_room(u64::MAX, cap("USD 1").card().cost_to(None)));
    }

    /// A message of a November day, with what a call's statuses told.
    fn reminder(n: u32, told: &[(DeliveryStatus, Option<Pricing>)]) -> Reminder {
        let mut reminder = crate::reminder::tests::reminder(Timestamp::UNIX_EPOCH, ReminderState::Accepted);
        reminder.key.anchor = n.to_string().parse().unwrap();
        reminder.cost = Some(Cost { millionths: 57_600, currency: "USD".parse().unwrap() });
        let call = reminder.attempt;
        for (status, pricing) in told {
            reminder.enter(reminder.state.after(*status), reminder.claimed_at);
            reminder.take_report(call, *status, &DeliveryReport::new(BTreeSet::new(), *pricing));
        }
        reminder
    }

    const FREE: Pricing = Pricing { billed: Billed::FreeCustomerService, category: PriceCategory::Utility };
    const UTILITY: Pricing = Pricing { billed: Billed::Regular, category: PriceCategory::Utility };
    const MARKETING: Pricing = Pricing { billed: Billed::Regular, category: PriceCategory::Marketing };

    #[test]
    fn a_message_counts_as_meta_told_and_as_a_reminder_until_it_has_told() {
        use DeliveryStatus::{Delivered, Failed, Sent};
        let told: [(&[_], _, _); 6] = [
            (&[], 57_600, Tally { untold: 1, ..Tally::default() }),
            (&[(Sent, Some(FREE))], 0, Tally { free: 1, ..Tally::default() }),
            (
                &[(Sent, Some(UTILITY))],
                57_600,
                Tally { billed: [(PriceCategory::Utility, 1)].into(), ..Tally::default() },
            ),
            (
                &[(Delivered, Some(MARKETING))],
                57_600,
                Tally { billed: [(PriceCategory::Marketing, 1)].into(), ..Tally::default() },
            ),
            (&[(Delivered, None)], 57_600, Tally { untold: 1, ..Tally::default() }),
            (&[(Sent, Some(UTILITY)), (Failed { code: 131_026 }, None)], 0, Tally::default()),
        ];
        for (told, spent, tally) in told {
            let reminders = [reminder(1, told)];
            let month = reminders[0].date;
            assert_eq!(cap("USD 25.00").card().spent(&reminders, month), spent, "{told:?}");
            assert_eq!(Tally::of(&reminders, month), tally, "{told:?}");
        }
    }

    #[test]
    fn a_message_of_an_earlier_call_that_arrived_after_all_is_paid_for_too() {
        let mut again = reminder(1, &[(DeliveryStatus::Sent, Some(UTILITY))]);
        let month = again.date;
        (again.earlier, again.report) = (again.told_so_far(), DeliveryReport::default());
        (again.attempt, again.state) = (AttemptId::new(uuid::Uuid::from_u128(77)), ReminderState::Accepted);
        assert_eq!(Tally::of(&[again.clone()], month).messages(), 1);
        let first = *again.earlier.keys().next().unwrap();
        again.take_report(first, DeliveryStatus::Delivered, &DeliveryReport::default());
        let tally = Tally { billed: [(PriceCategory::Utility, 1)].into(), untold: 1, free: 0 };
        assert_eq!(
            (Tally::of(&[again.clone()], month), cap("USD 25.00").card().spent(&[again], month)),
            (tally, 115_200)
        );
    }

    proptest! {
        #[test]
        fn the_order_of_statuses_and_their_repeats_do_not_change_the_sum(
            told in prop::collection::vec((0..3_u32, 0..4_usize, 0..4_usize), 1..12),
            repeats in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        ) {
            let statuses = [
                DeliveryStatus::Sent,
                DeliveryStatus::Failed { code: 131_026 },
                DeliveryStatus::Delivered,
                DeliveryStatus::Read,
            ];
            let prices = [None, Some(FREE), Some(UTILITY), Some(MARKETING)];
            let sums = |told: &[(u32, usize, usize)]| {
                let of = |n: u32| told.iter().filter(move |row| row.0 == n).map(|row| (statuses[row.1], prices[row.2]));
                let reminders = [0, 1, 2].map(|n| reminder(n, &of(n).collect::<Vec<_>>()));
                let month = reminders[0].date;
                (cap("USD 25.00").card().spent(&reminders, month), Tally::of(&reminders, month))
            };
            let mut disordered = told.clone();
            disordered.extend(repeats.iter().map(|place| *place.get(&told)));
            for (at, place) in repeats.iter().enumerate() {
                let (one, other) = (at % disordered.len(), place.index(disordered.len()));
                disordered.swap(one, other);
            }
            prop_assert_eq!(sums(&disordered), sums(&told));
        }
    }

    #[test]
    fn what_cannot_be_saved_names_its_field() {
        let refused = |change: fn(&mut CostCap)| {
            let mut cap = cap("USD 25.00");
            change(&mut cap);
            cap.validate(TODAY).unwrap_err().to_string()
        };
        assert_eq!(cap("USD 25.00").validate(TODAY), Ok(cap("USD 25.00")));
        let per_month = "per_month.minor: between 1 and 1000000000000 minor units";
        assert_eq!(refused(|cap| cap.per_month.minor = 0), per_month);
        assert_eq!(refused(|cap| cap.per_month.minor = 1_000_000_000_001), per_month);
        let elsewhere = "rate_elsewhere: what a message costs where no other rate is given, in millionths, above 0";
        assert_eq!(refused(|cap| cap.rate_elsewhere = 0), elsewhere);
        assert_eq!(refused(|cap| cap.rates = [("AE".parse().unwrap(), 0)].into()), "rates.AE: above 0 millionths");
        let everywhere = |cap: &mut CostCap| {
            let codes = ('A'..='Z').flat_map(|first| ('A'..='Z').map(move |second| format!("{first}{second}")));
            cap.rates = codes.map(|code| (code.parse().unwrap(), 1)).collect();
        };
        assert_eq!(refused(everywhere), "rates: at most 250 countries");
    }
}
