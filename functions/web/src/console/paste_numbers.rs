//! Many numbers at once, pasted from a spreadsheet: what was understood is shown before anything is kept.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use numo_app::{
    debtors::{Debtor, debtors},
    error::AppError,
    import_numbers::{NumberRow, import_numbers},
    import_report::{RefusedRow, RowOutcome},
    pasted_numbers::{MOST_LINES, Meant, PastedLine, pasted_numbers},
};
use numo_domain::contact::{Contact, ContactNumber, ContactRef};

use crate::{
    console::{Shown, frame::Frame, sent::Sent, viewer::Viewer, words::or_unknown},
    csv_file::{CsvFile, as_text},
    failure::Failure,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/customers/numbers", get(show).post(look))
        .route("/customers/numbers/keep", post(keep))
        .route("/customers/numbers.csv", get(missing))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
}

/// Longest form: each line with a name, an address and a number.
const MAX_BODY_BYTES: usize = 256 * 1024;

#[derive(Template)]
#[template(path = "paste_numbers.html")]
struct PastePage {
    frame: Frame,
    /// What was understood; nothing before something was pasted.
    lines: Vec<LineText>,
    /// Lines that can be kept, or asked about.
    can_keep: bool,
    /// What became of each line that was kept.
    report: Vec<(String, String)>,
    most: usize,
    most_bytes: usize,
}

struct LineText {
    line: usize,
    who: String,
    number: String,
    /// Whom it means: one who is meant, or several to choose from.
    people: Vec<PersonText>,
    is_asked: bool,
    problem: Option<&'static str>,
}

pub(super) struct PersonText {
    /// Names the customer in the form.
    pub(super) value: String,
    pub(super) name: String,
    /// The number of today, which would be replaced.
    pub(super) has: Option<String>,
}

async fn show(viewer: Viewer, State(state): State<AppState>) -> Shown {
    page(&viewer, &state, (Vec::new(), Vec::new()))
}

/// Shows what a paste means, and keeps nothing.
async fn look(State(state): State<AppState>, sent: Sent) -> Shown {
    sent.viewer.must_be_admin()?;
    let contacts = state.store().contacts(&sent.viewer.session.org).await?;
    let lines = pasted_numbers(sent.fields.text("rows")?, &contacts);
    if lines.len() > MOST_LINES {
        return Err(Failure::invalid("rows", format!("at most {MOST_LINES} lines are read at once")).into());
    }
    let by_ref: BTreeMap<&ContactRef, &Contact> = contacts.iter().map(|contact| (&contact.at, contact)).collect();
    let lines = lines.into_iter().map(|line| LineText::new(line, &by_ref)).collect();
    page(&sent.viewer, &state, (lines, Vec::new()))
}

/// Keeps what was shown and chosen, and says of each line what became of it.
async fn keep(State(state): State<AppState>, sent: Sent) -> Shown {
    sent.viewer.must_be_admin()?;
    let session = &sent.viewer.session;
    let mut rows = Vec::new();
    for line in 1..=sent.fields.read::<usize>("lines", "open the page again")?.min(10 * MOST_LINES) {
        let (Some(customer), Some(number)) =
            (sent.fields.optional(&format!("customer{line}")), sent.fields.optional(&format!("number{line}")))
        else {
            continue;
        };
        rows.push(NumberRow { customer: customer_of(customer)?, number: number.to_owned() });
    }
    if rows.is_empty() {
        return Err(Failure::invalid("", "no line says whose number it is; go back and choose").into());
    }
    let refs: Vec<ContactRef> = rows.iter().map(|row| row.customer.clone()).collect();
    let ports = (state.waker(), state.number_keys());
    let outcomes =
        import_numbers(ports, (&session.org, &session.user), rows.into_iter().map(Ok).collect(), state.now());
    let outcomes = outcomes.await?;
    let known = state.store().contacts_by_ref(&session.org, &refs).await?;
    let names: BTreeMap<ContactRef, String> =
        known.into_iter().map(|stored| (stored.value.at, stored.value.name)).collect();
    let report = refs.iter().zip(outcomes).map(|(at, outcome)| (or_unknown(names.get(at).cloned()), words(outcome)));
    page(&sent.viewer, &state, (Vec::new(), report.collect()))
}

/// Customers who owe something and have no number, as a file to fill in.
async fn missing(viewer: Viewer, State(state): State<AppState>) -> Result<Response, Response> {
    viewer.must_be_admin().map_err(axum::response::IntoResponse::into_response)?;
    let found = without_number(&state, &viewer).await.map_err(|error| Failure::from(error).into_response())?;
    let lines = found.into_iter().map(|debtor| {
        let overdue: Vec<String> = debtor.owes.iter().map(|owes| owes.overdue.to_string()).collect();
        let ContactRef { contact, .. } = &debtor.contact.at;
        [as_text(contact.as_str()), as_text(&debtor.contact.name), overdue.join(" "), String::new()]
    });
    let file = CsvFile::new("numo-missing-numbers.csv", ["reference", "name", "overdue", "number"], lines);
    Ok(file.map_err(|error| Failure::from(error).into_response())?.into_response())
}

/// Everybody on the list who lacks a number, page by page.
async fn without_number(state: &AppState, viewer: &Viewer) -> Result<Vec<Debtor>, AppError> {
    let (mut all, mut page) = (Vec::new(), 0);
    while let Some(found) = debtors(state.store(), &viewer.session.org, (page, true)).await? {
        all.extend(found.debtors);
        page += 1;
        if page >= found.pages {
            break;
        }
    }
    Ok(all)
}

fn page(viewer: &Viewer, state: &AppState, (lines, report): (Vec<LineText>, Vec<(String, String)>)) -> Shown {
    let can_keep = lines.iter().any(|line| !line.people.is_empty());
    let frame = viewer.frame(state, "Paste numbers");
    viewer.page(state, &PastePage { frame, lines, can_keep, report, most: MOST_LINES, most_bytes: MAX_BODY_BYTES / 2 })
}

/// A customer as a form names one: the connection, a space and the ledger's id.
pub(super) fn customer_of(text: &str) -> Result<ContactRef, Failure> {
    let parsed = text.split_once(' ').and_then(|(connection, contact)| {
        Some(ContactRef { connection: connection.parse().ok()?, contact: contact.parse().ok()? })
    });
    parsed.ok_or_else(|| Failure::invalid("customer", "open the page again"))
}

fn words(outcome: RowOutcome) -> String {
    match outcome {
        RowOutcome::Accepted => "kept; it is read in a few seconds".to_owned(),
        RowOutcome::Unchanged => "this was the number already".to_owned(),
        RowOutcome::TakenBack => "the number in the accounting system counts again".to_owned(),
        RowOutcome::Refused(RefusedRow { message, .. }) => format!("not kept: {message}"),
        RowOutcome::Failed => "it is not known whether it was kept; paste it again".to_owned(),
    }
}

impl LineText {
    fn new(PastedLine { line, who, number, meant }: PastedLine, contacts: &BTreeMap<&ContactRef, &Contact>) -> Self {
        let (refs, is_asked, problem) = match meant {
            Meant::One(one) => (vec![one], false, None),
            Meant::Which(several) => (several, true, None),
            Meant::Nobody(problem) => (Vec::new(), false, Some(problem)),
        };
        let people = refs.iter().filter_map(|at| contacts.get(at)).map(|contact| PersonText::new(contact)).collect();
        Self { line, who, number, people, is_asked, problem }
    }
}

impl PersonText {
    pub(super) fn new(contact: &Contact) -> Self {
        let has = match &contact.number {
            ContactNumber::Usable { number, .. } => Some(number.masked()),
            ContactNumber::Unusable { .. } | ContactNumber::Missing | ContactNumber::Unread => None,
        };
        Self { value: format!("{} {}", contact.at.connection, contact.at.contact), name: contact.name.clone(), has }
    }
}
