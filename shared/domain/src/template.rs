//! The template pack: the texts that a business registers at Meta.

mod arabic;
mod english;
mod french;
mod german;
mod hindi;
mod on_account;
mod portuguese;
mod spanish;
pub(crate) mod threats;
mod words;

use std::{borrow::Cow, fmt};

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

pub use self::on_account::{AccountTemplate, TemplateStatus, WhyUnusable};
use crate::{language::Language, policy::Tone, reminder::TemplateRef, template::words::Words};

/// What a template says, which decides when it may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Nothing is overdue yet.
    Upcoming,
    /// It falls due on this very day, for the customer as for the business.
    DueToday,
    /// First word about something overdue.
    OverdueGentle,
    /// Plain word about something overdue.
    OverdueFirm,
    /// Last word about something overdue.
    OverdueFinal,
    /// What is overdue, without a word of reproach.
    Statement,
    /// A payment that was promised for a day did not come.
    PromiseMissed,
    /// Thanks for a payment.
    ThankYou,
    /// Thanks for a payment, with what is still overdue.
    PartPayment,
}

impl Purpose {
    /// The purpose of every text of the pack.
    pub const ALL: [Self; 9] = [
        Self::Upcoming,
        Self::DueToday,
        Self::OverdueGentle,
        Self::OverdueFirm,
        Self::OverdueFinal,
        Self::Statement,
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

    /// How firm it is, for a text that a step after the due date may be given; none for all others, which are used when
    /// what they say is so.
    pub const fn of_a_step(self) -> Option<Tone> {
        match self {
            Self::OverdueGentle | Self::Statement => Some(Tone::Friendly),
            Self::OverdueFirm => Some(Tone::Firm),
            Self::OverdueFinal => Some(Tone::Final),
            Self::Upcoming | Self::DueToday | Self::PromiseMissed | Self::ThankYou | Self::PartPayment => None,
        }
    }

    /// Whether it asks for a payment; thanks ask for nothing.
    pub const fn asks(self) -> bool {
        !matches!(self, Self::ThankYou)
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Upcoming => "upcoming",
            Self::DueToday => "due_today",
            Self::OverdueGentle => "overdue_gentle",
            Self::OverdueFirm => "overdue_firm",
            Self::OverdueFinal => "overdue_final",
            Self::Statement => "statement",
            Self::PromiseMissed => "promise_missed",
            Self::ThankYou => "thank_you",
            Self::PartPayment => "part_payment",
        }
    }
}

impl fmt::Display for Purpose {
    /// The name in templates and settings.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What stands around a text; at Meta every variant is a template of its own.
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
    /// The one invoice that is listed as a PDF above the text, and answers below it.
    PdfReplies,
    /// The one invoice that is listed as a PDF above the text, and the pay button below it.
    PdfPayPage,
}

impl Variant {
    /// All of them, the one that stands in for the others first.
    pub const ALL: [Self; 5] = [Self::Plain, Self::Replies, Self::PayPage, Self::PdfReplies, Self::PdfPayPage];

    /// Whether the invoice stands above the text.
    pub const fn has_pdf(self) -> bool {
        matches!(self, Self::PdfReplies | Self::PdfPayPage)
    }

    /// Whether a button below the text opens the pay page.
    pub const fn has_pay_button(self) -> bool {
        matches!(self, Self::PayPage | Self::PdfPayPage)
    }

    /// Whether it fits one invoice alone.
    pub const fn is_about_one_invoice(self) -> bool {
        self.has_pdf() || self.has_pay_button()
    }

    const fn suffix(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Replies => "_reply",
            Self::PayPage => "_pay",
            Self::PdfReplies => "_pdf",
            Self::PdfPayPage => "_pdf_pay",
        }
    }
}

/// One text of the pack.
///
/// Meta refuses a text whose first or last word is a variable, adjacent variables, threats, and a text that another
/// template of the account has word for word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackTemplate {
    /// When it may be used.
    pub purpose: Purpose,
    /// What stands around it.
    pub variant: Variant,
    /// The language it is written in.
    pub language: Language,
    /// What it says, with named variables.
    pub says: &'static str,
    /// The sentence that names the PDF above it; none without.
    pub attached: &'static str,
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

/// The text of the pack for a purpose in a language; thanks have the plain variant alone.
pub fn template_for(purpose: Purpose, language: Language, variant: Variant) -> PackTemplate {
    let variant = if purpose.asks() { variant } else { Variant::Plain };
    let words = words_of(language);
    let (leads, buttons): (_, &[&str]) = match variant {
        Variant::Plain => ("", &[]),
        Variant::Replies | Variant::PdfReplies => (words.answers.leads, &words.answers.labels),
        Variant::PayPage | Variant::PdfPayPage => (words.pay.leads, &words.pay.label),
    };
    PackTemplate {
        purpose,
        variant,
        language,
        says: words.bodies.of(purpose),
        attached: if variant.has_pdf() { words.attached } else { "" },
        leads,
        footer: words.footer,
        buttons,
    }
}

/// The texts of the pack in a language, the plain ones first.
pub fn texts_in(language: Language) -> impl Iterator<Item = PackTemplate> + Clone {
    Variant::ALL.into_iter().flat_map(move |variant| {
        let purposes = Purpose::ALL.into_iter().filter(move |purpose| variant == Variant::Plain || purpose.asks());
        purposes.map(move |purpose| template_for(purpose, language, variant))
    })
}

/// Every text of the pack.
pub fn every_text() -> impl Iterator<Item = PackTemplate> + Clone {
    Language::ALL.into_iter().flat_map(texts_in)
}

const fn words_of(language: Language) -> &'static Words {
    match language {
        Language::English => &english::WORDS,
        Language::Arabic => &arabic::WORDS,
        Language::Spanish => &spanish::WORDS,
        Language::Portuguese => &portuguese::WORDS,
        Language::French => &french::WORDS,
        Language::German => &german::WORDS,
        Language::Hindi => &hindi::WORDS,
    }
}

impl PackTemplate {
    /// The name at Meta, the same in every language; it has a version, for an edit would send an approved template back
    /// to review.
    pub fn name(&self) -> String {
        format!("numo_{}{}_v1", self.purpose, self.variant.suffix())
    }

    /// The body at Meta: what it says and the sentences about what stands around it, with named variables.
    pub fn body(&self) -> Cow<'static, str> {
        match (self.attached, self.leads) {
            ("", "") => self.says.into(),
            ("", leads) => format!("{} {leads}", self.says).into(),
            (attached, leads) => format!("{} {attached} {leads}", self.says).into(),
        }
    }

    /// The variables that its body uses, each with an example.
    pub fn variables(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let says = self.says;
        VARIABLES.into_iter().filter(move |(name, _)| says.contains(&format!("{{{{{name}}}}}")))
    }

    /// Name and language, as a reminder records them.
    pub fn reference(&self) -> TemplateRef {
        TemplateRef { name: self.name(), language: self.language.code().to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_purpose_has_a_text_in_every_language_and_every_text_uses_its_variables_once() {
        let used = |language, purpose| {
            let [plain, others @ ..] = Variant::ALL.map(|variant| {
                let template = template_for(purpose, language, variant);
                assert_eq!((template.purpose, template.language), (purpose, language));
                let (body, names) = (template.body(), template.variables().map(|(name, _)| name));
                let names: Vec<&str> = names.collect();
                for name in &names {
                    assert_eq!(body.matches(&format!("{{{{{name}}}}}")).count(), 1, "{name} in {}", template.name());
                }
                assert_eq!(body.matches("{{").count(), names.len(), "{}", template.name());
                names
            });
            assert_eq!(others.each_ref(), [&plain; 4]);
            plain
        };
        let reminder = vec!["customer_name", "business_name", "invoice_list", "total"];
        let thanks = vec!["customer_name", "business_name", "paid_amount"];
        let part_payment = [reminder.as_slice(), &["paid_amount"]].concat();
        let all = [vec![reminder; 7], vec![thanks, part_payment]].concat();
        for language in Language::ALL {
            assert_eq!(Purpose::ALL.map(|purpose| used(language, purpose)).to_vec(), all, "{language}");
        }
    }

    #[test]
    fn no_text_starts_or_ends_with_a_variable_or_has_two_side_by_side() {
        for template in every_text() {
            let body = template.body();
            assert!(!body.starts_with("{{") && !body.ends_with("}}"), "{}", template.name());
            assert!(!body.contains("}}{{") && !body.contains("}} {{"), "{}", template.name());
            assert!(template.footer.chars().count() <= 60, "{}", template.name());
        }
    }

    #[test]
    fn no_two_texts_have_one_name_or_say_the_same_in_a_language() {
        for language in Language::ALL {
            let names: BTreeSet<String> = texts_in(language).map(|text| text.name()).collect();
            let bodies: BTreeSet<Cow<'_, str>> = texts_in(language).map(|text| text.body()).collect();
            // Nine plain texts, and four more of each of the eight that ask for something.
            assert_eq!((names.len(), bodies.len(), texts_in(language).count()), (41, 41, 41), "{language}");
        }
    }

    #[test]
    fn the_names_at_meta_stay_what_they_were() {
        let name = |purpose, variant| template_for(purpose, Language::Hindi, variant).name();
        let names = Variant::ALL.map(|variant| name(Purpose::OverdueGentle, variant));
        let stem = "numo_overdue_gentle";
        assert_eq!(names, ["", "_reply", "_pay", "_pdf", "_pdf_pay"].map(|suffix| format!("{stem}{suffix}_v1")));
        let plain = Purpose::ALL.map(|purpose| name(purpose, Variant::Plain));
        let expected = [
            "numo_upcoming_v1",
            "numo_due_today_v1",
            "numo_overdue_gentle_v1",
            "numo_overdue_firm_v1",
            "numo_overdue_final_v1",
            "numo_statement_v1",
            "numo_promise_missed_v1",
            "numo_thank_you_v1",
            "numo_part_payment_v1",
        ];
        assert_eq!(plain, expected);
    }

    #[test]
    fn a_purpose_is_called_the_same_everywhere() {
        for purpose in Purpose::ALL {
            assert_eq!(serde_json::to_value(purpose).unwrap(), purpose.to_string());
        }
    }

    #[test]
    fn every_text_that_asks_for_something_has_answers_to_choose_from_or_a_pay_button_and_thanks_have_none() {
        for language in Language::ALL {
            let buttons = |variant| Purpose::ALL.map(|purpose| template_for(purpose, language, variant).buttons.len());
            assert_eq!(buttons(Variant::Replies), [3, 3, 3, 3, 3, 3, 3, 0, 3], "{language}");
            assert_eq!(buttons(Variant::PayPage), [1, 1, 1, 1, 1, 1, 1, 0, 1], "{language}");
            assert_eq!(buttons(Variant::Replies), buttons(Variant::PdfReplies), "{language}");
            assert_eq!(buttons(Variant::PayPage), buttons(Variant::PdfPayPage), "{language}");
        }
        for text in every_text() {
            assert_eq!(text.buttons.is_empty(), text.leads.is_empty(), "{}", text.name());
            assert_eq!(text.attached.is_empty(), !text.variant.has_pdf(), "{}", text.name());
            assert!(text.buttons.iter().all(|label| (1..=25).contains(&label.chars().count())), "{}", text.name());
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
