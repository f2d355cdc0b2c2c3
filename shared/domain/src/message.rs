//! The message of a reminder: the template's variables, filled and made safe.

pub mod example;

use crate::{
    contact::Contact,
    id::{MediaId, PayToken},
    money::Money,
    organisation::Organisation,
    plan::decision::PlannedSend,
    template::PackTemplate,
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
    /// The template at Meta.
    pub template: PackTemplate,
    /// Named variables in the template's order.
    pub variables: Vec<(&'static str, String)>,
    /// The body as the customer reads it.
    pub text: String,
    /// What the address of the pay button ends with; a text with such a button is not sent without it.
    pub pay_token: Option<PayToken>,
    /// The PDF above the text; a text with one is not sent without it.
    pub document: Option<Document>,
}

/// A PDF that Meta has already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Meta's id of the file.
    pub media: MediaId,
    /// What the customer sees as its name.
    pub file_name: String,
}

/// Fills the template of a planned send, in the template's language and as the organisation's country writes it.
///
/// The list is made to fit what the body leaves; names are bounded and the total is always whole.
pub fn render(organisation: &Organisation, contact: &Contact, send: &PlannedSend, template: PackTemplate) -> Message {
    let language = template.language;
    let region = organisation.country;
    let named = |typed: &str, fallback| value::name(typed, fallback, MAX_NAME_CHARS, language);
    let paid = send.paid.unwrap_or(Money::zero(send.total.currency));
    let variables_with = |list: String| -> Vec<(&'static str, String)> {
        let all = [
            ("customer_name", named(&contact.name, phrase::customer(language))),
            ("business_name", named(&organisation.name, phrase::business(language))),
            (INVOICE_LIST, list),
            ("total", wording::amount(send.total, language, region)),
            ("paid_amount", wording::amount(paid, language, region)),
        ];
        all.into_iter().filter(|(name, _)| template.variables().any(|(used, _)| used == *name)).collect()
    };
    let body = template.body();
    let without_list = fill(&body, &variables_with(String::new()));
    let room = MAX_BODY_LENGTH.saturating_sub(value::length(&without_list));
    let variables = variables_with(wording::invoice_list(&send.lines, send.more, language, region, room));
    let text = fill(&body, &variables);
    Message { template, variables, text, pay_token: None, document: None }
}

/// A body with its variables filled in one pass, so that no value is taken for a variable.
fn fill(body: &str, variables: &[(&'static str, String)]) -> String {
    let mut filled = String::with_capacity(MAX_BODY_LENGTH);
    let mut rest = body;
    while let Some((before, name, after)) = next_variable(rest) {
        filled.push_str(before);
        if let Some((_, value)) = variables.iter().find(|(known, _)| *known == name) {
            filled.push_str(value);
        }
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
