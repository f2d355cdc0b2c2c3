//! What is owed, as a bar and a table for each currency.

use numo_app::count_receivables::OwedNow;
use numo_domain::{
    ageing::{Age, Aged},
    money::Money,
};

use crate::console::{time::LocalTime, viewer::Viewer};

/// What is owed, as it was counted.
pub(super) struct OwedTexts {
    pub(super) counted_at: LocalTime,
    pub(super) currencies: Vec<OwedText>,
}

/// What is owed in one currency, as a bar of five pieces.
pub(super) struct OwedText {
    pub(super) currency: String,
    pub(super) total: String,
    pub(super) overdue: String,
    pub(super) invoices: usize,
    /// How much it was about a month ago.
    pub(super) change: Option<String>,
    pub(super) pieces: Vec<PieceText>,
}

pub(super) struct PieceText {
    pub(super) class: usize,
    pub(super) words: &'static str,
    pub(super) amount: String,
    /// Where the piece begins and how long it is, in thousandths of the bar.
    pub(super) from: i64,
    pub(super) length: i64,
}

impl OwedTexts {
    pub(super) fn new(owed: &OwedNow, viewer: &Viewer) -> Self {
        let currencies = owed.counted.owed.iter().map(|aged| OwedText {
            change: owed.month_ago.as_ref().map(|day| {
                let before = day
                    .owed
                    .iter()
                    .find(|before| before.currency == aged.currency)
                    .map_or(0, |before| before.total().minor);
                change(aged.total(), before, &day.date.strftime("%-d %b %Y").to_string())
            }),
            ..OwedText::new(aged)
        });
        Self { counted_at: viewer.clock.show(owed.counted.counted_at), currencies: currencies.collect() }
    }
}

/// How an amount stands to what it was.
fn change(now: Money, before: i64, date: &str) -> String {
    let difference = now.minor.saturating_sub(before);
    let amount = Money::new(difference.saturating_abs(), now.currency);
    match difference {
        0 => format!("as much as on {date}"),
        1.. => format!("{amount} more than on {date}"),
        ..0 => format!("{amount} less than on {date}"),
    }
}

impl OwedText {
    fn new(aged: &Aged) -> Self {
        let (total, mut from) = (aged.total(), 0);
        let pieces = Age::ALL.iter().enumerate().map(|(class, age)| {
            let amount = aged.amount(*age);
            let length = thousandths(amount.minor, total.minor);
            let piece = PieceText { class, words: age.words(), amount: amount.to_string(), from, length };
            from += length;
            piece
        });
        Self {
            currency: aged.currency.as_str().to_owned(),
            overdue: aged.overdue().to_string(),
            invoices: aged.invoices,
            change: None,
            pieces: pieces.collect(),
            total: total.to_string(),
        }
    }
}

/// A part of a whole, in thousandths; nothing of nothing.
pub(super) fn thousandths(part: i64, whole: i64) -> i64 {
    let share = i128::from(part.max(0)).saturating_mul(1_000).checked_div(i128::from(whole)).unwrap_or_default();
    i64::try_from(share).unwrap_or_default()
}
