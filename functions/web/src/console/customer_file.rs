//! What people decided about a customer, as the customer's page has it.

use jiff::civil::Date;
use numo_domain::{
    credit::{Credit, CreditKind},
    customer_file::{CustomerFile, PromisedBy},
    id::ExternalId,
    language::Language,
};

use crate::console::{time::LocalTime, viewer::Viewer, words::language_name};

/// What people decided about the customer.
pub(super) struct FileText {
    pub(super) exclusion: Option<(LocalTime, String)>,
    pub(super) snoozed_until: Option<String>,
    pub(super) held_on: Option<String>,
    pub(super) moved_to: Option<String>,
    pub(super) is_unread: bool,
    pub(super) promises: Vec<PromiseText>,
    pub(super) disputes: Vec<DisputeText>,
}

pub(super) struct PromiseText {
    pub(super) number: u32,
    pub(super) date: String,
    pub(super) by_customer: bool,
}

pub(super) struct DisputeText {
    pub(super) invoice: String,
    pub(super) number: String,
    pub(super) reason: String,
}

/// Money of the customer that no invoice took up.
pub(super) struct CreditText {
    pub(super) kind: &'static str,
    pub(super) id: String,
    pub(super) what: &'static str,
    pub(super) number: String,
    pub(super) remaining: String,
    pub(super) is_released: bool,
}

/// A language that may be chosen.
pub(super) struct LanguageText {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) is_chosen: bool,
}

impl CreditText {
    pub(super) fn new(credit: Credit, file: &CustomerFile) -> Self {
        let is_released = file.released.iter().any(|one| one.kind == credit.kind && one.id == credit.id);
        Self {
            kind: credit.kind.as_str(),
            what: match credit.kind {
                CreditKind::CreditNote => "Credit note",
                CreditKind::Prepayment => "Prepayment",
                CreditKind::Overpayment => "Overpayment",
                CreditKind::Payment => "Payment",
            },
            number: credit.number,
            remaining: credit.remaining.to_string(),
            id: credit.id.as_str().to_owned(),
            is_released,
        }
    }
}

impl LanguageText {
    pub(super) fn all(chosen: Option<Language>) -> Vec<Self> {
        let text = |language: Language| Self {
            code: language.code(),
            name: language_name(language),
            is_chosen: chosen == Some(language),
        };
        Language::ALL.map(text).into()
    }
}

impl FileText {
    pub(super) fn new(file: &CustomerFile, viewer: &Viewer, number_of: impl Fn(&ExternalId) -> Option<String>) -> Self {
        let day = |day: Date| day.strftime("%-d %b %Y").to_string();
        let upcoming = |date: &Date| *date >= viewer.today;
        let promises = file.promises.iter().filter(|promise| !promise.is_withdrawn && upcoming(&promise.date));
        Self {
            exclusion: file
                .exclusion
                .as_ref()
                .map(|exclusion| (viewer.clock.show(exclusion.since), exclusion.reason.clone())),
            snoozed_until: file.snoozed_until.filter(upcoming).map(day),
            held_on: file.held_on.filter(upcoming).map(day),
            moved_to: file.moved_to.filter(upcoming).map(day),
            is_unread: file.unread_since.is_some(),
            promises: promises
                .map(|promise| PromiseText {
                    number: promise.number,
                    date: day(promise.date),
                    by_customer: promise.by == PromisedBy::Customer,
                })
                .collect(),
            disputes: file
                .disputes
                .iter()
                .map(|(invoice, dispute)| DisputeText {
                    invoice: invoice.as_str().to_owned(),
                    number: number_of(invoice).unwrap_or_else(|| invoice.as_str().to_owned()),
                    reason: dispute.reason.clone(),
                })
                .collect(),
        }
    }
}
