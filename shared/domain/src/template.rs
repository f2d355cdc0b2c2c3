//! The template pack: the texts that a business registers at Meta.

mod arabic;
mod english;
mod french;
mod german;
mod hindi;
mod on_account;
mod portuguese;
mod spanish;

use std::borrow::Cow;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

pub use self::on_account::{AccountTemplate, TemplateStatus, WhyUnusable};
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

/// What stands below a text; at Meta every variant is a template of its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Variant {
    /// Nothing: it says all that the others say, and stands in for them.
    #[default]
    Plain,
    /// Three answers to choose from. More, or another kind beside them, is not shown on every device (Meta: template
    /// components).
    Replies,
    /// One button that opens the page on which the one invoice that is listed can be seen and paid.
    PayPage,
}

/// One text of the pack.
///
/// Meta refuses a text whose first or last word is a variable, adjacent variables, threats, and a text that another
/// template of the account has word for word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackTemplate {
    /// When it may be used.
    pub purpose: Purpose,
    /// What stands below it.
    pub variant: Variant,
    /// Versioned name: an edit would send an approved template back to review.
    pub name: &'static str,
    /// The language it is written in.
    pub language: Language,
    /// What it says, with named variables.
    pub says: &'static str,
    /// The sentence that leads to the buttons; none without.
    pub leads: &'static str,
    /// Line below the body.
    pub footer: &'static str,
    /// Labels of the buttons, of at most 25 characters.
    pub buttons: &'static [&'static str],
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

/// The answers that a customer may choose from in one language, and the sentence that leads to them.
struct Answers {
    leads: &'static str,
    /// *Paid already*, *Pay on a date* and *Question*.
    labels: [&'static str; 3],
}

/// The button that opens the pay page in one language, and the sentence that leads to it.
struct PayButton {
    leads: &'static str,
    label: [&'static str; 1],
}

/// Texts per language: one per purpose, and two more for each that asks for something.
const TEXTS_PER_LANGUAGE: usize = 19;

/// The texts of one language; the names are the same in every language.
const fn pack(
    language: Language,
    footer: &'static str,
    bodies: Bodies,
    answers: &'static Answers,
    pay: &'static PayButton,
) -> [PackTemplate; TEXTS_PER_LANGUAGE] {
    let plain = PackTemplate {
        purpose: Purpose::Upcoming,
        variant: Variant::Plain,
        name: "numo_upcoming_v1",
        language,
        says: bodies.upcoming,
        leads: "",
        footer,
        buttons: &[],
    };
    let gentle = PackTemplate {
        purpose: Purpose::OverdueGentle,
        name: "numo_overdue_gentle_v1",
        says: bodies.overdue_gentle,
        ..plain
    };
    let firm = PackTemplate {
        purpose: Purpose::OverdueFirm,
        name: "numo_overdue_firm_v1",
        says: bodies.overdue_firm,
        ..plain
    };
    let last = PackTemplate {
        purpose: Purpose::OverdueFinal,
        name: "numo_overdue_final_v1",
        says: bodies.overdue_final,
        ..plain
    };
    let missed = PackTemplate {
        purpose: Purpose::PromiseMissed,
        name: "numo_promise_missed_v1",
        says: bodies.promise_missed,
        ..plain
    };
    let thanks =
        PackTemplate { purpose: Purpose::ThankYou, name: "numo_thank_you_v1", says: bodies.thank_you, ..plain };
    let part = PackTemplate {
        purpose: Purpose::PartPayment,
        name: "numo_part_payment_v1",
        says: bodies.part_payment,
        ..plain
    };
    [
        plain,
        gentle,
        firm,
        last,
        missed,
        thanks,
        part,
        with_answers(plain, "numo_upcoming_reply_v1", answers),
        with_answers(gentle, "numo_overdue_gentle_reply_v1", answers),
        with_answers(firm, "numo_overdue_firm_reply_v1", answers),
        with_answers(last, "numo_overdue_final_reply_v1", answers),
        with_answers(missed, "numo_promise_missed_reply_v1", answers),
        with_answers(part, "numo_part_payment_reply_v1", answers),
        with_pay_button(plain, "numo_upcoming_pay_v1", pay),
        with_pay_button(gentle, "numo_overdue_gentle_pay_v1", pay),
        with_pay_button(firm, "numo_overdue_firm_pay_v1", pay),
        with_pay_button(last, "numo_overdue_final_pay_v1", pay),
        with_pay_button(missed, "numo_promise_missed_pay_v1", pay),
        with_pay_button(part, "numo_part_payment_pay_v1", pay),
    ]
}

const fn with_answers(plain: PackTemplate, name: &'static str, answers: &'static Answers) -> PackTemplate {
    PackTemplate { variant: Variant::Replies, name, leads: answers.leads, buttons: &answers.labels, ..plain }
}

const fn with_pay_button(plain: PackTemplate, name: &'static str, pay: &'static PayButton) -> PackTemplate {
    PackTemplate { variant: Variant::PayPage, name, leads: pay.leads, buttons: &pay.label, ..plain }
}

/// The texts of the pack in a language, those without buttons first.
pub fn texts_in(language: Language) -> &'static [PackTemplate; TEXTS_PER_LANGUAGE] {
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

/// The text of the pack for a purpose in a language; the plain one where there is no such variant.
pub fn template_for(purpose: Purpose, language: Language, variant: Variant) -> &'static PackTemplate {
    let texts = texts_in(language);
    let [upcoming, gentle, firm, last, missed, thanks, part, ..] = texts;
    let plain = match purpose {
        Purpose::Upcoming => upcoming,
        Purpose::OverdueGentle => gentle,
        Purpose::OverdueFirm => firm,
        Purpose::OverdueFinal => last,
        Purpose::PromiseMissed => missed,
        Purpose::ThankYou => thanks,
        Purpose::PartPayment => part,
    };
    texts.iter().find(|text| text.purpose == purpose && text.variant == variant).unwrap_or(plain)
}

impl PackTemplate {
    /// The body at Meta: what it says and the sentence that leads to the buttons, with named variables.
    pub fn body(&self) -> Cow<'static, str> {
        if self.leads.is_empty() { self.says.into() } else { format!("{} {}", self.says, self.leads).into() }
    }

    /// The variables that its body uses, each with an example.
    pub fn variables(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        VARIABLES.into_iter().filter(|(name, _)| self.says.contains(&format!("{{{{{name}}}}}")))
    }

    /// Name and language, as a reminder records them.
    pub fn reference(&self) -> TemplateRef {
        TemplateRef { name: self.name.to_owned(), language: self.language.code().to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_purpose_has_a_text_in_every_language_and_every_text_uses_its_variables_once() {
        let used = |language, purpose| {
            let [plain, replies, pay] = [Variant::Plain, Variant::Replies, Variant::PayPage].map(|variant| {
                let template = template_for(purpose, language, variant);
                assert_eq!((template.purpose, template.language), (purpose, language));
                let (body, names) = (template.body(), template.variables().map(|(name, _)| name));
                let names: Vec<&str> = names.collect();
                for name in &names {
                    assert_eq!(body.matches(&format!("{{{{{name}}}}}")).count(), 1, "{name} in {}", template.name);
                }
                assert_eq!(body.matches("{{").count(), names.len(), "{}", template.name);
                names
            });
            assert_eq!([&plain, &plain], [&replies, &pay]);
            plain
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
            let body = template.body();
            assert!(!body.starts_with("{{") && !body.ends_with("}}"), "{}", template.name);
            assert!(!body.contains("}}{{") && !body.contains("}} {{"), "{}", template.name);
            assert!(template.footer.chars().count() <= 60, "{}", template.name);
        }
    }

    #[test]
    fn no_two_texts_have_one_name_or_say_the_same_in_a_language() {
        for language in Language::ALL {
            let names: BTreeSet<&str> = texts_in(language).iter().map(|text| text.name).collect();
            let bodies: BTreeSet<Cow<'_, str>> = texts_in(language).iter().map(PackTemplate::body).collect();
            assert_eq!((names.len(), bodies.len()), (TEXTS_PER_LANGUAGE, TEXTS_PER_LANGUAGE), "{language}");
        }
    }

    #[test]
    fn every_text_that_asks_for_something_has_answers_to_choose_from_or_a_pay_button_and_thanks_have_none() {
        for language in Language::ALL {
            let buttons = |variant| Purpose::ALL.map(|purpose| template_for(purpose, language, variant).buttons.len());
            assert_eq!(buttons(Variant::Replies), [3, 3, 3, 3, 3, 0, 3], "{language}");
            assert_eq!(buttons(Variant::PayPage), [1, 1, 1, 1, 1, 0, 1], "{language}");
        }
        for text in every_text() {
            assert_eq!(text.buttons.is_empty(), text.leads.is_empty(), "{}", text.name);
            assert!(text.buttons.iter().all(|label| (1..=25).contains(&label.chars().count())), "{}", text.name);
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
