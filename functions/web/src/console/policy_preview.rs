//! What customers would read of a policy that is being edited: its line and its messages on a phone.

use numo_app::error::AppError;
use numo_domain::{
    invoice::Invoice,
    message::example::{about_invoice, example},
    plan::decision::InvoiceLine,
    policy::{Policy, Step},
    template::{Variant, template_for},
};

use crate::{
    console::{
        phone::{PhoneMessage, PhoneText},
        policy_form::{self, PolicyForm},
        policy_line::{LineText, tone_words, when},
        test_on_yourself,
        viewer::Viewer,
        words::or_unknown,
    },
    state::AppState,
};

/// Line and messages.
pub(super) struct Preview {
    pub(super) line: LineText,
    pub(super) phone: PhoneText,
    /// The number of the invoice that the messages are about, where it is a real one.
    pub(super) about: Option<String>,
    /// What was asked for and is not there.
    pub(super) not_found: Option<String>,
}

/// What the messages are about.
struct Real {
    customer: String,
    line: InvoiceLine,
}

impl Preview {
    /// As a form has it: steps that cannot be read are left out.
    pub(super) async fn load(state: &AppState, viewer: &Viewer, form: &PolicyForm) -> Result<Self, AppError> {
        let steps = policy_form::steps(&form.fields);
        let (pdf, pay_link) = (form.is("pdf", "yes"), form.is("pay_link", "yes"));
        let variant = Policy { pdf, pay_link, ..Policy::standard(state.now()) }.best_variant();
        let wanted = form.value("with_invoice");
        let real = if wanted.is_empty() { None } else { real(state, viewer, wanted).await? };
        let language = policy_form::language(&form.fields).unwrap_or(viewer.organisation.language);
        let message = |step: &Step| {
            let template = template_for(step.purpose(), language, variant);
            let filled = match &real {
                Some(real) => about_invoice(&viewer.organisation, &real.customer, real.line.clone(), template),
                None => example(&viewer.organisation, template),
            };
            let test = Some(test_on_yourself::address(step.purpose(), language));
            let told = (when(step.offset_days), tone_words(step.tone));
            PhoneMessage { test, ..PhoneMessage::new(&template, filled, told) }
        };
        let messages = steps.iter().map(message).collect();
        Ok(Self {
            line: LineText::new(&steps),
            phone: PhoneText { business: business(viewer), messages },
            not_found: (real.is_none() && !wanted.is_empty()).then(|| wanted.to_owned()),
            about: real.map(|real| real.line.number),
        })
    }
}

/// Whose name stands above the conversation.
pub(super) fn business(viewer: &Viewer) -> String {
    let name = viewer.organisation.name.trim();
    if name.is_empty() { "Your business".to_owned() } else { name.to_owned() }
}

/// An open invoice by its number.
async fn real(state: &AppState, viewer: &Viewer, number: &str) -> Result<Option<Real>, AppError> {
    let (store, org) = (state.store(), &viewer.session.org);
    let is_wanted = |invoice: &Invoice| invoice.number.trim().eq_ignore_ascii_case(number) && invoice.due.is_some();
    let found = store.open_invoices(org).await?.into_iter().find(is_wanted);
    let Some((due, invoice)) = found.and_then(|invoice| Some((invoice.due?, invoice))) else { return Ok(None) };
    let known = store.contacts_by_ref(org, std::slice::from_ref(&invoice.contact)).await?.pop();
    let customer = or_unknown(known.map(|known| known.value.name));
    let line = InvoiceLine { invoice: invoice.id, number: invoice.number, remaining: invoice.remaining, due };
    Ok(Some(Real { customer, line }))
}

/// Where the messages of a policy have their buttons and files, for those who cannot see the phone.
pub(super) const fn around_words(variant: Variant) -> &'static str {
    match variant {
        Variant::Plain => "nothing but the text",
        Variant::Replies => "answers to choose from",
        Variant::PayPage => "a button that opens the invoice",
        Variant::PdfReplies => "the invoice as a PDF, and answers to choose from",
        Variant::PdfPayPage => "the invoice as a PDF, and a button that opens it",
    }
}
