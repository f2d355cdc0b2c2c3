//! Opt-ins that customers gave elsewhere, pasted or from a file: what each line would do is shown before any is kept.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    routing::{get, post},
};
use csv::ReaderBuilder;
use numo_app::{
    import_opt_ins::{OptInRow, day_of, import_opt_ins, look_at_opt_ins},
    import_report::{RefusedRow, RowOutcome},
    pasted_numbers::Meant,
    pasted_opt_ins::{MOST_LINES, Otherwise, PastedOptIn, pasted_opt_ins},
};
use numo_domain::{
    consent::opt_in::MAX_SOURCE_CHARS,
    contact::{Contact, ContactRef},
};

use crate::{
    console::{
        Shown,
        frame::Frame,
        paste_numbers::{PersonText, customer_of},
        sent::{Fields, Sent},
        viewer::Viewer,
        words::or_unknown,
    },
    failure::Failure,
    import_rows::MAX_BODY_BYTES,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/customers/opt-ins", get(show).post(look))
        .route("/customers/opt-ins/keep", post(keep))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
}

#[derive(Template)]
#[template(path = "paste_opt_ins.html")]
struct PastePage {
    frame: Frame,
    /// What was understood; nothing before something was pasted.
    lines: Vec<LineText>,
    /// Lines that can be kept, or asked about.
    can_keep: bool,
    /// What became of each line that was kept.
    report: Vec<(String, String)>,
    most: usize,
    longest: usize,
    most_bytes: usize,
    today: String,
}

struct LineText {
    line: usize,
    who: String,
    number: String,
    given_on: String,
    source: String,
    /// Whom it means: one who is meant, or several to choose from.
    people: Vec<PersonText>,
    is_asked: bool,
    /// Whether it says what is known already.
    is_known: bool,
    problem: Option<String>,
}

async fn show(viewer: Viewer, State(state): State<AppState>) -> Shown {
    page(&viewer, &state, (Vec::new(), Vec::new()))
}

/// Shows what each line would do, and keeps nothing.
async fn look(State(state): State<AppState>, sent: Sent) -> Shown {
    sent.viewer.must_be_admin()?;
    let (session, store) = (&sent.viewer.session, state.store());
    let cells = cells(sent.fields.text("rows")?)?;
    let contacts = store.contacts(&session.org).await?;
    let lines = pasted_opt_ins(&cells, &otherwise(&sent.fields)?, &contacts)?;
    // What has to be chosen first is looked at when it is kept.
    let rows: Vec<OptInRow> = lines.iter().filter_map(row_of).collect();
    let outcomes = match rows.is_empty() {
        true => Vec::new(),
        false => look_at_opt_ins(store, &session.org, &session.user, rows, state.now()).await?,
    };
    let mut outcomes = outcomes.into_iter();
    let by_ref: BTreeMap<&ContactRef, &Contact> = contacts.iter().map(|contact| (&contact.at, contact)).collect();
    let text = |line: PastedOptIn| {
        let outcome = row_of(&line).and_then(|_| outcomes.next());
        LineText::new(line, outcome, &by_ref)
    };
    let lines = lines.into_iter().map(text).collect();
    page(&sent.viewer, &state, (lines, Vec::new()))
}

/// Keeps what was shown and chosen, and says of each line what became of it.
async fn keep(State(state): State<AppState>, sent: Sent) -> Shown {
    sent.viewer.must_be_admin()?;
    let (session, fields) = (&sent.viewer.session, &sent.fields);
    let mut rows = Vec::new();
    // Lines may stand far apart in a file with empty ones; each that is kept has its fields.
    let places = fields.iter().filter_map(|(name, _)| name.strip_prefix("customer")?.parse::<usize>().ok());
    for place in places {
        let Some(customer) = fields.optional(&format!("customer{place}")) else { continue };
        rows.push(OptInRow {
            customer: customer_of(customer)?,
            number: fields.text(&format!("number{place}"))?.to_owned(),
            source: fields.text(&format!("source{place}"))?.to_owned(),
            given_on: day_in(fields, &format!("given_on{place}"))?
                .ok_or_else(|| Failure::invalid("given_on", "open the page again"))?,
        });
    }
    if rows.is_empty() {
        return Err(Failure::invalid("", "no line says whose opt-in it is; go back and choose").into());
    }
    let refs: Vec<ContactRef> = rows.iter().map(|row| row.customer.clone()).collect();
    let rows = rows.into_iter().map(Ok).collect();
    let outcomes = import_opt_ins(state.waker(), &session.org, &session.user, rows, state.now()).await?;
    let known = state.store().contacts_by_ref(&session.org, &refs).await?;
    let names: BTreeMap<ContactRef, String> =
        known.into_iter().map(|stored| (stored.value.at, stored.value.name)).collect();
    let report = refs.iter().zip(outcomes).map(|(at, outcome)| (or_unknown(names.get(at).cloned()), words(outcome)));
    page(&sent.viewer, &state, (Vec::new(), report.collect()))
}

fn page(viewer: &Viewer, state: &AppState, (lines, report): (Vec<LineText>, Vec<(String, String)>)) -> Shown {
    let page = PastePage {
        can_keep: lines.iter().any(LineText::can_be_kept),
        frame: viewer.frame(state, "Import opt-ins"),
        lines,
        report,
        most: MOST_LINES,
        longest: MAX_SOURCE_CHARS,
        most_bytes: MAX_BODY_BYTES / 2,
        today: viewer.today.to_string(),
    };
    viewer.page(state, &page)
}

/// What is said of every line that does not say it itself.
fn otherwise(fields: &Fields) -> Result<Otherwise, Failure> {
    let source = fields.optional("source").unwrap_or_default().to_owned();
    Ok(Otherwise { given_on: day_in(fields, "given_on")?, source })
}

fn day_in(fields: &Fields, name: &str) -> Result<Option<jiff::civil::Date>, Failure> {
    fields.optional(name).map(|day| day_of(day).map_err(|wrong| Failure::invalid(name, wrong))).transpose()
}

/// The cells of each line with its place: tabs separate, else semicolons, else commas, as the first line has them.
fn cells(text: &str) -> Result<Vec<(usize, Vec<String>)>, Failure> {
    // What was no text, or in another encoding, has these marks once a browser has read it.
    if text.contains(['\u{fffd}', '\0']) {
        let message = "this is no text in UTF-8; save the spreadsheet as “CSV UTF-8” and choose that file";
        return Err(Failure::invalid("rows", message));
    }
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let separator = [b'\t', b';'].into_iter().find(|separator| first.as_bytes().contains(separator)).unwrap_or(b',');
    // A line is counted once, whatever ends it.
    let bare = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let mut reader = ReaderBuilder::new();
    let mut reader = reader.has_headers(false).flexible(true).delimiter(separator).from_reader(bare.as_bytes());
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|_broken| Failure::invalid("rows", "these lines cannot be read"))?;
        let line = record.position().map_or(0, csv::Position::line);
        if record.iter().any(|cell| !cell.trim().is_empty()) {
            lines.push((usize::try_from(line).unwrap_or(usize::MAX), record.iter().map(str::to_owned).collect()));
        }
    }
    Ok(lines)
}

/// The row of a line that means one customer.
fn row_of(line: &PastedOptIn) -> Option<OptInRow> {
    let (Meant::One(customer), Some(given_on)) = (&line.meant, line.given_on) else { return None };
    Some(OptInRow { customer: customer.clone(), number: line.number.clone(), source: line.source.clone(), given_on })
}

fn words(outcome: RowOutcome) -> String {
    match outcome {
        RowOutcome::Accepted => "recorded".to_owned(),
        RowOutcome::Unchanged => "this was recorded already".to_owned(),
        // An import of opt-ins takes nothing back.
        RowOutcome::TakenBack => "nothing was changed".to_owned(),
        RowOutcome::Refused(RefusedRow { message, .. }) => format!("not recorded: {message}"),
        RowOutcome::Failed => "it is not known whether it was recorded; paste it again".to_owned(),
    }
}

impl LineText {
    fn new(line: PastedOptIn, outcome: Option<RowOutcome>, contacts: &BTreeMap<&ContactRef, &Contact>) -> Self {
        let (refs, is_asked, problem) = match line.meant {
            Meant::One(one) => (vec![one], false, None),
            Meant::Which(several) => (several, true, None),
            Meant::Nobody(problem) => (Vec::new(), false, Some(problem.to_owned())),
        };
        let is_known = outcome == Some(RowOutcome::Unchanged);
        let refused = match outcome {
            Some(RowOutcome::Refused(RefusedRow { message, .. })) => Some(message),
            Some(RowOutcome::Failed) => Some("it cannot be looked at now; try again".to_owned()),
            Some(RowOutcome::Accepted | RowOutcome::Unchanged | RowOutcome::TakenBack) | None => None,
        };
        Self {
            line: line.line,
            who: line.who,
            number: line.number,
            given_on: line.given_on.map_or_else(String::new, |day| day.to_string()),
            source: line.source,
            people: refs.iter().filter_map(|at| contacts.get(at)).map(|contact| PersonText::new(contact)).collect(),
            is_asked,
            is_known,
            problem: problem.or(refused),
        }
    }

    fn can_be_kept(&self) -> bool {
        self.problem.is_none() && !self.is_known && !self.people.is_empty()
    }
}
