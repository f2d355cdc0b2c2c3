//! The page of a policy: for admins its form with a live preview, for members what it says.

use std::collections::BTreeSet;

use askama::Template;
use axum::http::StatusCode;
use numo_app::{debtors::customers_named, error::AppError};
use numo_domain::{
    contact::ContactRef,
    language::Language,
    policy::{Policy, PolicyState, audience::Audience},
};

use crate::{
    console::{
        Shown,
        frame::Frame,
        policy_changes::{Change, changes},
        policy_form::{PolicyForm, TEXTS, TONES, chosen, reference},
        policy_preview::Preview,
        policy_words::{Names, Part, parts},
        viewer::Viewer,
        words::{language_name, purpose_words},
    },
    state::AppState,
    view::country::countries,
};

/// Customers that a search by name offers.
const OFFERED: usize = 20;

/// Days of the week in the form, Monday first.
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// A field for a number: its name, its label, the hint below, and its bounds.
struct NumberField {
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    min: u8,
    max: u8,
}

const LIMITS: [NumberField; 3] = [
    NumberField {
        name: "gap_days",
        label: "Days between two messages to one number",
        hint: "2 means that the day after a message stays silent.",
        min: 1,
        max: 30,
    },
    NumberField {
        name: "per_seven_days",
        label: "Messages in any seven days to one number",
        hint: "Over all policies and customers with this number.",
        min: 1,
        max: 7,
    },
    NumberField {
        name: "catch_up_days",
        label: "Sending days on which a missed message is made up for",
        hint: "After a holiday or an outage; later it is left out.",
        min: 0,
        max: 10,
    },
];

/// Boxes to tick, with what each means.
const AROUND: [(&str, &str, &str); 3] = [
    ("pay_link", "A button that opens the invoice", "On messages about one invoice, where it can be seen and paid."),
    ("pdf", "The invoice as a PDF", "On messages about one invoice."),
    ("thank_you", "Thank for a payment", "Once a payment arrives that a reminder had asked for."),
];

const CARE: [(&str, &str, &str); 2] = [
    ("only_marked_sent", "Only invoices that are marked as sent", "In your accounting system."),
    ("hold_when_we_owe", "Wait while we owe the customer as much", "Where the customer is a supplier as well."),
];

/// What a page shows.
pub(super) struct Shows<'a> {
    /// The policy as it is; of a new one as it begins.
    pub(super) policy: &'a Policy,
    pub(super) form: PolicyForm,
    pub(super) is_new: bool,
    /// The version over which the form was filled in, where it is not the present one.
    pub(super) seen: Option<Policy>,
}

#[derive(Template)]
#[template(path = "policy.html")]
struct PolicyPage {
    frame: Frame,
    id: String,
    version: u32,
    is_new: bool,
    is_default: bool,
    is_active: bool,
    is_draft: bool,
    /// What somebody else changed meanwhile.
    changes: Option<Vec<Change>>,
    form: PolicyForm,
    customers: Vec<CustomerChoice>,
    languages: Vec<(&'static str, &'static str)>,
    countries: Vec<(&'static str, &'static str)>,
    preview: Preview,
    parts: Vec<Part>,
}

/// A customer who may be chosen.
struct CustomerChoice {
    reference: String,
    name: String,
    is_chosen: bool,
}

/// The part of the page that changes while somebody types.
#[derive(Template)]
#[template(path = "policy_preview.html")]
struct PreviewPart {
    preview: Preview,
}

/// Shows the page of a policy.
pub(super) async fn page(viewer: &Viewer, state: &AppState, status: StatusCode, shows: Shows<'_>) -> Shown {
    let Shows { policy, form, is_new, seen } = shows;
    let named = |audience: &Audience| customers_of(audience);
    let mut known: BTreeSet<ContactRef> = named(&policy.audience);
    known.extend(seen.iter().flat_map(|seen| named(&seen.audience)));
    let ticked = chosen(&form.fields);
    known.extend(ticked.iter().cloned());
    let names = names_of(state, viewer, known).await?;
    let title = if is_new { "New policy" } else { &policy.name };
    let page = PolicyPage {
        frame: viewer.frame(state, title),
        id: policy.id.to_string(),
        version: policy.version,
        is_new,
        is_default: policy.id.is_organisation_default(),
        is_active: policy.state == PolicyState::Active,
        is_draft: policy.state == PolicyState::Draft,
        changes: seen.map(|seen| changes(&seen, policy, &names)),
        customers: customers(state, viewer, form.value("find"), (&ticked, &names)).await?,
        languages: Language::ALL.map(|language| (language.code(), language_name(language))).into(),
        countries: countries(),
        preview: Preview::load(state, viewer, &form).await?,
        parts: parts(policy, &names),
        form,
    };
    viewer.page_as(status, state, &page)
}

/// Shows the part of a page that changes while somebody types.
pub(super) async fn preview(viewer: &Viewer, state: &AppState, form: &PolicyForm) -> Shown {
    viewer.page(state, &PreviewPart { preview: Preview::load(state, viewer, form).await? })
}

/// The customers whom an audience names.
pub(super) fn customers_of(audience: &Audience) -> BTreeSet<ContactRef> {
    chosen(&PolicyForm::of_audience(audience))
}

/// Names of customers, as far as they are the organisation's.
pub(super) async fn names_of(
    state: &AppState,
    viewer: &Viewer,
    customers: BTreeSet<ContactRef>,
) -> Result<Names, AppError> {
    let customers: Vec<ContactRef> = customers.into_iter().collect();
    if customers.is_empty() {
        return Ok(Names::new());
    }
    let found = state.store().contacts_by_ref(&viewer.session.org, &customers).await?;
    Ok(found.into_iter().map(|found| (found.value.at, found.value.name)).collect())
}

/// Those who are chosen, then those whom a search finds.
async fn customers(
    state: &AppState,
    viewer: &Viewer,
    wanted: &str,
    (ticked, names): (&BTreeSet<ContactRef>, &Names),
) -> Result<Vec<CustomerChoice>, AppError> {
    let choice = |at: &ContactRef, name: &str, is_chosen| CustomerChoice {
        reference: reference(at),
        name: name.to_owned(),
        is_chosen,
    };
    let known = names.iter().filter(|(at, _)| ticked.contains(*at));
    let mut choices: Vec<CustomerChoice> = known.map(|(at, name)| choice(at, name, true)).collect();
    if !wanted.is_empty() {
        let found = customers_named(state.store(), &viewer.session.org, (wanted, OFFERED), viewer.today).await?;
        let others = found.iter().map(|found| &found.contact).filter(|contact| !ticked.contains(&contact.at));
        choices.extend(others.map(|contact| choice(&contact.at, &contact.name, false)));
    }
    Ok(choices)
}
