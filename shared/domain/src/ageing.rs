//! What customers owe, by how long it is overdue: currencies are never added together.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    invoice::Invoice,
    money::{Currency, Money},
};

/// How long an open invoice is overdue, in the classes of an aged receivables report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Age {
    /// Not past its due date, or without one.
    Current,
    /// 1 to 30 days.
    UpTo30,
    /// 31 to 60 days.
    UpTo60,
    /// 61 to 90 days.
    UpTo90,
    /// More than 90 days.
    Over90,
}

impl Age {
    /// All classes, the youngest first.
    pub const ALL: [Self; 5] = [Self::Current, Self::UpTo30, Self::UpTo60, Self::UpTo90, Self::Over90];

    /// Of an open invoice on a day.
    pub fn of(invoice: &Invoice, today: Date) -> Self {
        match invoice.days_overdue(today) {
            None => Self::Current,
            Some(..=30) => Self::UpTo30,
            Some(31..=60) => Self::UpTo60,
            Some(61..=90) => Self::UpTo90,
            Some(91..) => Self::Over90,
        }
    }

    /// As a report heads its column.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Current => "Not due yet",
            Self::UpTo30 => "1 to 30 days",
            Self::UpTo60 => "31 to 60 days",
            Self::UpTo90 => "61 to 90 days",
            Self::Over90 => "Over 90 days",
        }
    }
}

/// What is owed in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aged {
    /// The currency.
    pub currency: Currency,
    /// Amounts by age, each of which some invoice has; the youngest first.
    pub amounts: BTreeMap<Age, Money>,
    /// Open invoices.
    pub invoices: usize,
}

impl Aged {
    /// All of it.
    pub fn total(&self) -> Money {
        self.sum(|_| true)
    }

    /// What is past its due date.
    pub fn overdue(&self) -> Money {
        self.sum(|age| age != Age::Current)
    }

    /// What has an age.
    pub fn amount(&self, age: Age) -> Money {
        self.amounts.get(&age).copied().unwrap_or(Money::zero(self.currency))
    }

    fn sum(&self, counts: impl Fn(Age) -> bool) -> Money {
        let counted = self.amounts.iter().filter(|(age, _)| counts(**age));
        Money::new(counted.fold(0, |sum, (_, amount)| amount.minor.saturating_add(sum)), self.currency)
    }
}

/// What open invoices add up to on a day, per currency in the order of codes.
///
/// A sum beyond what 64 bits of minor units hold stays at that.
pub fn aged<'a>(invoices: impl IntoIterator<Item = &'a Invoice>, today: Date) -> Vec<Aged> {
    let mut all: BTreeMap<Currency, Aged> = BTreeMap::new();
    for invoice in invoices.into_iter().filter(|invoice| invoice.is_open()) {
        let currency = invoice.remaining.currency;
        let aged = all.entry(currency).or_insert_with(|| Aged { currency, amounts: BTreeMap::new(), invoices: 0 });
        let amount = aged.amounts.entry(Age::of(invoice, today)).or_insert(Money::zero(currency));
        amount.minor = amount.minor.saturating_add(invoice.remaining.minor);
        aged.invoices += 1;
    }
    all.into_values().collect()
}

#[cfg(test)]
mod tests {
    use jiff::{Timestamp, ToSpan, civil::date};
    use uuid::Uuid;

    use super::*;
    use crate::{
        contact::ContactRef,
        id::ConnectionId,
        invoice::{InvoiceStatus, Marked},
    };

    const TODAY: Date = date(2026, 11, 24);

    fn invoice(minor: i64, currency: &str, due: Option<Date>) -> Invoice {
        let amount = Money::new(minor, currency.parse().unwrap());
        Invoice {
            id: "1".parse().unwrap(),
            contact: ContactRef { connection: ConnectionId::new(Uuid::nil()), contact: "c1".parse().unwrap() },
            number: "INV-1".to_owned(),
            status: InvoiceStatus::Open,
            issued: None,
            due,
            total: amount,
            remaining: amount,
            marked: Marked::Sent,
            expected_payment: None,
            paid: None,
            updated_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn an_invoice_changes_its_class_on_the_day_after_the_last_of_one() {
        let ages = [-5, 0, 1, 30, 31, 60, 61, 90, 91, 400]
            .map(|days| Age::of(&invoice(1, "AED", Some(TODAY.saturating_sub(days.days()))), TODAY));
        use Age::{Current, Over90, UpTo30, UpTo60, UpTo90};
        assert_eq!(ages, [Current, Current, UpTo30, UpTo30, UpTo60, UpTo60, UpTo90, UpTo90, Over90, Over90]);
        assert_eq!(Age::of(&invoice(1, "AED", None), TODAY), Current);
    }

    #[test]
    fn what_is_owed_is_added_per_currency_and_age_and_what_is_settled_not_at_all() {
        let due = |days: i64| Some(TODAY.saturating_sub(days.days()));
        let settled = Invoice { status: InvoiceStatus::Paid, ..invoice(9, "AED", due(5)) };
        let invoices = [
            invoice(100, "USD", due(100)),
            invoice(20, "AED", due(3)),
            invoice(3, "AED", due(30)),
            invoice(1_000, "AED", due(-3)),
            settled,
        ];
        let money = |minor, currency: &str| Money::new(minor, currency.parse().unwrap());
        let aed = Aged {
            currency: "AED".parse().unwrap(),
            amounts: [(Age::Current, money(1_000, "AED")), (Age::UpTo30, money(23, "AED"))].into(),
            invoices: 3,
        };
        let usd =
            Aged { currency: "USD".parse().unwrap(), amounts: [(Age::Over90, money(100, "USD"))].into(), invoices: 1 };
        assert_eq!(
            (aed.total(), aed.overdue(), usd.overdue()),
            (money(1_023, "AED"), money(23, "AED"), money(100, "USD"))
        );
        assert_eq!(aged(&invoices, TODAY), [aed, usd]);
    }

    #[test]
    fn a_sum_that_cannot_be_held_stays_at_the_most_that_can() {
        let due = Some(TODAY);
        let all = aged(&[invoice(i64::MAX, "AED", due), invoice(1, "AED", due)], TODAY);
        assert_eq!(all.first().map(Aged::total), Some(Money::new(i64::MAX, "AED".parse().unwrap())));
    }
}
