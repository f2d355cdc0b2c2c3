//! The template pack: the texts that a business registers at Meta.

mod arabic;
mod english;
mod french;
mod german;
mod hindi;
mod portuguese;
mod spanish;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::{language::Language, policy::Tone, reminder::TemplateRef};

/// What a template says, which decides when it may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Nothing is overdue yet.
    Upcoming,
    /// First word about something overdue.
    OverdueGentle,
    /// Plain word about something overdue.
    OverdueFirm,
    /// Last word about something overdue.
    OverdueFinal,
    /// A payment that was promised for a day did not come.
    PromiseMissed,
    /// Thanks for a payment.
    ThankYou,
    /// Thanks for a payment, with what is still overdue.
    PartPayment,
}

impl Purpose {
    /// The purpose of every text of the pack.
    pub const ALL: [Self; 7] = [
        Self::Upcoming,
        Self::OverdueGentle,
        Self::OverdueFirm,
        Self::OverdueFinal,
        Self::PromiseMissed,
        Self::ThankYou,
        Self::PartPayment,
    ];

    /// The text for a tone, by whether the anchor is overdue.
    pub const fn of(tone: Tone, overdue: bool) -> Self {
        match (tone, overdue) {
            (_, false) => Self::Upcoming,
            (Tone::Friendly | Tone::Gentle, true) => Self::OverdueGentle,
            (Tone::Firm, true) => Self::OverdueFirm,
            (Tone::Final, true) => Self::OverdueFinal,
        }
    }
}

/// One text of the pack.
///
/// Meta refuses a text whose first or last word is a variable, adjacent variables, and threats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackTemplate {
    /// When it may be used.
    pub purpose: Purpose,
    /// Versioned name: an edit would send an approved template back to review.
    pub name: &'static str,
    /// The language it is written in.
    pub language: Language,
    /// Body with named variables.
    pub body: &'static str,
    /// Line below the body.
    pub footer: &'static str,
}

/// How long Meta tries to deliver: a reminder must not arrive weeks later (utility: at most 12 h).
pub const TIME_TO_LIVE: SignedDuration = SignedDuration::from_hours(12);

/// Variables of the pack, with an example as Meta's review wants it; each text uses some of them.
const VARIABLES: [(&str, &str); 5] = [
    ("customer_name", "Acme Trading"),
    ("business_name", "Harbour Lane"),
    ("invoice_list", "INV-1042 AED 1,376.22 due 2 Nov 2026"),
    ("total", "AED 1,376.22"),
    ("paid_amount", "AED 500.00"),
];

/// The bodies of one language.
struct Bodies {
    upcoming: &'static str,
    overdue_gentle: &'static str,
    overdue_firm: &'static str,
    overdue_final: &'static str,
    promise_missed: &'static str,
    thank_you: &'static str,
    part_payment: &'static str,
}

/// The texts of one language, one per purpose; the names are the same in every language.
const fn pack(language: Language, footer: &'static str, bodies: Bodies) -> [PackTemplate; 7] {
    [
        PackTemplate { purpose: Purpose::Upcoming, name: "numo_upcoming_v1", language, body: bodies.upcoming, footer },
        PackTemplate {
            purpose: Purpose::OverdueGentle,
            name: "numo_overdue_gentle_v1",
            language,
            body: bodies.overdue_gentle,
            footer,
        },
        PackTemplate {
            purpose: Purpose::OverdueFirm,
            name: "numo_overdue_firm_v1",
            language,
            body: bodies.overdue_firm,
            footer,
        },
        PackTemplate {
            purpose: Purpose::OverdueFinal,
            name: "numo_overdue_final_v1",
            language,
            body: bodies.overdue_final,
            footer,
        },
        PackTemplate {
            purpose: Purpose::PromiseMissed,
            name: "numo_promise_missed_v1",
            language,
            body: bodies.promise_missed,
            footer,
        },
        PackTemplate {
            purpose: Purpose::ThankYou,
            name: "numo_thank_you_v1",
            language,
            body: bodies.thank_you,
            footer,
        },
        PackTemplate {
            purpose: Purpose::PartPayment,
            name: "numo_part_payment_v1",
            language,
            body: bodies.part_payment,
            footer,
        },
    ]
}

/// The texts of the pack in a language, one per purpose.
pub fn texts_in(language: Language) -> &'static [PackTemplate; 7] {
    match language {
        Language::English => &english::TEXTS,
        Language::Arabic => &arabic::TEXTS,
        Language::Spanish => &spanish::TEXTS,
        Language::Portuguese => &portuguese::TEXTS,
        Language::French => &french::TEXTS,
        Language::German => &german::TEXTS,
        Language::Hindi => &hindi::TEXTS,
    }
}

/// Every text of the pack.
pub fn every_text() -> impl Iterator<Item = &'static PackTemplate> {
    Language::ALL.into_iter().flat_map(texts_in)
}

/// The text of the pack for a purpose in a language.
pub fn template_for(purpose: Purpose, language: Language) -> &'static PackTemplate {
    let [upcoming, gentle, firm, last, missed, thanks, part] = texts_in(language);
    match purpose {
        Purpose::Upcoming => upcoming,
        Purpose::OverdueGentle => gentle,
        Purpose::OverdueFirm => firm,
        Purpose::OverdueFinal => last,
        Purpose::PromiseMissed => missed,
        Purpose::ThankYou => thanks,
        Purpose::PartPayment => part,
    }
}

impl PackTemplate {
    /// The variables that its body uses, each with an example.
    pub fn variables(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        VARIABLES.into_iter().filter(|(name, _)| self.body.contains(&format!("{{{{{name}}}}}")))
    }

    /// Name and language, as a reminder records them.
    pub fn reference(&self) -> TemplateRef {
        TemplateRef { name: self.name.to_owned(), language: self.language.code().to_owned() }
    }
}

/// A template on a business's account, as Meta last described it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountTemplate {
    /// Name and language.
    pub template: TemplateRef,
    /// Whether Meta lets it be sent.
    pub status: TemplateStatus,
}

/// Whether a template may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TemplateStatus {
    /// It may be sent.
    Approved,
    /// Meta is looking at it.
    Pending,
    /// Rejected, paused, disabled, archived or made marketing.
    Unusable,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_purpose_has_a_text_in_every_language_and_every_text_uses_its_variables_once() {
        let used = |language, purpose| {
            let template = template_for(purpose, language);
            assert_eq!((template.purpose, template.language), (purpose, language));
            let names: Vec<&str> = template.variables().map(|(name, _)| name).collect();
            for name in &names {
                assert_eq!(template.body.matches(&format!("{{{{{name}}}}}")).count(), 1, "{name} in {}", template.name);
            }
            assert_eq!(template.body.matches("{{").count(), names.len(), "{}", template.name);
            names
        };
        let reminder = vec!["customer_name", "business_name", "invoice_list", "total"];
        let thanks = vec!["customer_name", "business_name", "paid_amount"];
        let part_payment = [reminder.as_slice(), &["paid_amount"]].concat();
        let all = [vec![reminder; 5], vec![thanks, part_payment]].concat();
        for language in Language::ALL {
            assert_eq!(Purpose::ALL.map(|purpose| used(language, purpose)).to_vec(), all, "{language}");
        }
    }

    #[test]
    fn no_text_starts_or_ends_with_a_variable_or_has_two_side_by_side() {
        for template in every_text() {
            assert!(!template.body.starts_with("{{") && !template.body.ends_with("}}"), "{}", template.name);
            assert!(!template.body.contains("}}{{") && !template.body.contains("}} {{"), "{}", template.name);
            assert!(template.footer.chars().count() <= 60, "{}", template.name);
        }
    }

    #[test]
    fn what_is_not_overdue_never_gets_an_overdue_text() {
        for tone in [Tone::Friendly, Tone::Gentle, Tone::Firm, Tone::Final] {
            assert_eq!(Purpose::of(tone, false), Purpose::Upcoming);
            assert_ne!(Purpose::of(tone, true), Purpose::Upcoming);
        }
    }
}
