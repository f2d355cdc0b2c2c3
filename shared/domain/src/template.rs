//! The template pack: the texts that a business registers at Meta.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::{policy::Tone, reminder::TemplateRef};

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
    /// Meta's language code.
    pub language: &'static str,
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

/// The line below every body.
const FOOTER: &str = "Reply STOP to end these reminders.";

/// The texts of the pack, one per purpose and language.
pub const PACK: &[PackTemplate] =
    &[UPCOMING, OVERDUE_GENTLE, OVERDUE_FIRM, OVERDUE_FINAL, PROMISE_MISSED, THANK_YOU, PART_PAYMENT];

const UPCOMING: PackTemplate = PackTemplate {
    purpose: Purpose::Upcoming,
    name: "numo_upcoming_v1",
    language: "en",
    body: "Hello {{customer_name}}, a friendly note from {{business_name}} about what falls due soon: {{invoice_list}}. \
           The total is {{total}}. If it is already paid, please tell us. Thank you.",
    footer: FOOTER,
};

const OVERDUE_GENTLE: PackTemplate = PackTemplate {
    purpose: Purpose::OverdueGentle,
    name: "numo_overdue_gentle_v1",
    language: "en",
    body: "Hello {{customer_name}}, this is {{business_name}}. According to our books the following is past its due date: \
           {{invoice_list}}. The total is {{total}}. If it is already paid, please tell us and accept our thanks.",
    footer: FOOTER,
};

const OVERDUE_FIRM: PackTemplate = PackTemplate {
    purpose: Purpose::OverdueFirm,
    name: "numo_overdue_firm_v1",
    language: "en",
    body: "Hello {{customer_name}}, {{business_name}} is still waiting for payment of: {{invoice_list}}. \
           The total is {{total}}. Please pay now, or reply with a date. If it is already paid, please tell us.",
    footer: FOOTER,
};

const OVERDUE_FINAL: PackTemplate = PackTemplate {
    purpose: Purpose::OverdueFinal,
    name: "numo_overdue_final_v1",
    language: "en",
    body: "Hello {{customer_name}}, this is the last reminder from {{business_name}} about: {{invoice_list}}. \
           The total is {{total}}. Please pay or reply today so that we can find a way together. If it is already paid, please tell us.",
    footer: FOOTER,
};

const PROMISE_MISSED: PackTemplate = PackTemplate {
    purpose: Purpose::PromiseMissed,
    name: "numo_promise_missed_v1",
    language: "en",
    body: "Hello {{customer_name}}, {{business_name}} expected the payment that was promised and has not seen it yet: \
           {{invoice_list}}. The total is {{total}}. If it is already paid, please tell us; if not, please reply with a new date.",
    footer: FOOTER,
};

const THANK_YOU: PackTemplate = PackTemplate {
    purpose: Purpose::ThankYou,
    name: "numo_thank_you_v1",
    language: "en",
    body: "Hello {{customer_name}}, {{business_name}} has received your payment of {{paid_amount}}. Thank you.",
    footer: FOOTER,
};

const PART_PAYMENT: PackTemplate = PackTemplate {
    purpose: Purpose::PartPayment,
    name: "numo_part_payment_v1",
    language: "en",
    body: "Hello {{customer_name}}, {{business_name}} has received your payment of {{paid_amount}}. Thank you. \
           Still open and past its due date: {{invoice_list}}. The total is {{total}}. If it is already paid, please tell us.",
    footer: FOOTER,
};

/// The text of the pack for a purpose.
pub fn template_for(purpose: Purpose) -> &'static PackTemplate {
    match purpose {
        Purpose::Upcoming => &UPCOMING,
        Purpose::OverdueGentle => &OVERDUE_GENTLE,
        Purpose::OverdueFirm => &OVERDUE_FIRM,
        Purpose::OverdueFinal => &OVERDUE_FINAL,
        Purpose::PromiseMissed => &PROMISE_MISSED,
        Purpose::ThankYou => &THANK_YOU,
        Purpose::PartPayment => &PART_PAYMENT,
    }
}

impl PackTemplate {
    /// The variables that its body uses, each with an example.
    pub fn variables(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        VARIABLES.into_iter().filter(|(name, _)| self.body.contains(&format!("{{{{{name}}}}}")))
    }

    /// Name and language, as a reminder records them.
    pub fn reference(&self) -> TemplateRef {
        TemplateRef { name: self.name.to_owned(), language: self.language.to_owned() }
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
    fn every_purpose_has_a_text_and_every_text_uses_its_variables_once() {
        let used = |purpose| {
            let template = template_for(purpose);
            assert_eq!(template.purpose, purpose);
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
        assert_eq!(Purpose::ALL.map(used).to_vec(), all);
    }

    #[test]
    fn no_text_starts_or_ends_with_a_variable_or_has_two_side_by_side() {
        for template in PACK {
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
