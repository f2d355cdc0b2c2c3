//! The message of a reminder: the template's variables, filled and made safe.

pub mod example;
mod from_library;

use crate::{
    contact::Contact,
    id::{MediaId, PayToken},
    message::from_library::Facts,
    money::Money,
    organisation::Organisation,
    plan::decision::{InvoiceLine, PlannedSend},
    reminder::TemplateRef,
    template::{PackTemplate, Variant},
    wording::{self, phrase, value},
};

/// Meta's longest body after variables are filled.
const MAX_BODY_LENGTH: usize = 1024;

/// Longest name of a customer or business.
const MAX_NAME_CHARS: usize = 60;

/// The variable that gives way when a body would grow too long.
const INVOICE_LIST: &str = "invoice_list";

/// A filled template, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Name and language of the template at Meta.
    pub template: TemplateRef,
    /// What stands around it.
    pub variant: Variant,
    /// How Meta tells its variables apart.
    pub naming: Naming,
    /// What stands in its variables, in its order, and what that is.
    pub variables: Vec<(&'static str, String)>,
    /// The body as the customer reads it.
    pub text: String,
    /// What the address of the pay button ends with; a text with such a button is not sent without it.
    pub pay_token: Option<PayToken>,
    /// The PDF above the text; a text with one is not sent without it.
    pub document: Option<Document>,
}

/// How Meta tells the variables of a template apart (Meta: message templates, parameter formats).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// By their names, as in the pack.
    Named,
    /// By their places, as in Meta's library, which checks what stands there.
    Positional,
}

/// A PDF that Meta has already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Meta's id of the file.
    pub media: MediaId,
    /// What the customer sees as its name.
    pub file_name: String,
}

/// The message of a planned send: with the text of the library that it goes out with, or with that of the pack.
pub fn message(organisation: &Organisation, contact: &Contact, send: &PlannedSend) -> Message {
    match (&send.library, send.lines.as_slice()) {
        (Some(text), [line]) => {
            from_library::fill_in(text, &Facts { organisation, customer: &contact.name, line, at: send.at })
        }
        (Some(_) | None, _) => render(organisation, contact, send, send.template()),
    }
}

/// Fills the text of the pack for a planned send, in the template's language and as the organisation's country writes it.
///
/// The list is made to fit what the body leaves; names are bounded and the total is always whole.
pub fn render(organisation: &Organisation, contact: &Contact, send: &PlannedSend, template: PackTemplate) -> Message {
    let owed = Owed { lines: &send.lines, more: send.more, total: send.total, paid: send.paid };
    fill_pack(organisation, &contact.name, &owed, template)
}

/// What a message is about.
struct Owed<'a> {
    lines: &'a [InvoiceLine],
    /// How many more are summed but not listed.
    more: usize,
    total: Money,
    paid: Option<Money>,
}

fn fill_pack(organisation: &Organisation, customer: &str, owed: &Owed<'_>, template: PackTemplate) -> Message {
    let language = template.language;
    let region = organisation.country;
    let named = |typed: &str, fallback| value::name(typed, fallback, MAX_NAME_CHARS, language);
    let paid = owed.paid.unwrap_or(Money::zero(owed.total.currency));
    let variables_with = |list: String| -> Vec<(&'static str, String)> {
        let all = [
            ("customer_name", named(customer, phrase::customer(language))),
            ("business_name", named(&organisation.name, phrase::business(language))),
            (INVOICE_LIST, list),
            ("total", wording::amount(owed.total, language, region)),
            ("paid_amount", wording::amount(paid, language, region)),
        ];
        all.into_iter().filter(|(name, _)| template.variables().any(|(used, _)| used == *name)).collect()
    };
    let body = template.body();
    let without_list = fill_named(&body, &variables_with(String::new()));
    let room = MAX_BODY_LENGTH.saturating_sub(value::length(&without_list));
    let variables = variables_with(wording::invoice_list(owed.lines, owed.more, language, region, room));
    let text = fill_named(&body, &variables);
    Message::of_pack(&template, variables, text)
}

impl Message {
    /// A text of the pack, filled.
    fn of_pack(template: &PackTemplate, variables: Vec<(&'static str, String)>, text: String) -> Self {
        let (template, variant) = (template.reference(), template.variant);
        Self { template, variant, naming: Naming::Named, variables, text, pay_token: None, document: None }
    }
}

/// A body of the pack with its variables filled.
fn fill_named(body: &str, variables: &[(&'static str, String)]) -> String {
    fill(body, |name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str()))
}

/// A body with its variables filled in one pass, so that no value is taken for a variable.
fn fill<'a>(body: &str, value: impl Fn(&str) -> Option<&'a str>) -> String {
    let mut filled = String::with_capacity(MAX_BODY_LENGTH);
    let mut rest = body;
    while let Some((before, name, after)) = next_variable(rest) {
        filled.push_str(before);
        filled.push_str(value(name).unwrap_or_default());
        rest = after;
    }
    filled.push_str(rest);
    filled
}

fn next_variable(body: &str) -> Option<(&str, &str, &str)> {
    let (before, opened) = body.split_once("{{")?;
    let (name, after) = opened.split_once("}}")?;
    Some((before, name, after))
}

#[cfg(test)]
mod tests;
