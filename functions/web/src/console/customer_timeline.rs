//! Everything that happened with a customer, newest first, part by part.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::extract::State;
use numo_app::{
    error::AppError,
    read_timeline::{Happened, Moment, Whole, read_timeline},
    store::{
        activity::{Actor, Line},
        part::{Part, Parted},
    },
};
use numo_domain::{
    contact::ContactRef,
    conversation::{AnswerState, AnsweredBy, Said},
    id::{ConnectionId, ExternalId, UserId},
    invoice::{Invoice, InvoiceStatus},
    meta_code::advice::Advice,
    reminder::Reminder,
};

use crate::{
    console::{
        Shown, address,
        customer_consent::{how_words, is_opt_out},
        customer_done::done_words,
        frame::Frame,
        older::{older, part},
        people::{name_of, names},
        reminders::ChangeText,
        time::LocalTime,
        viewer::Viewer,
        words::{content_words, state_words},
    },
    failure::Failure,
    paging::Paged,
    path_of::PathOf,
    state::AppState,
    view::reminder::StateView,
};

/// What one part shows.
const SHOWN: usize = 50;

/// Characters of what was written that one part shows of each.
const LONGEST: usize = 500;

#[derive(Template)]
#[template(path = "customer_timeline.html")]
struct TimelinePage {
    frame: Frame,
    customer: String,
    name: String,
    timeline: TimelineText,
}

/// A part of the timeline.
pub(super) struct TimelineText {
    pub(super) moments: Vec<MomentText>,
    /// The address of the part that follows.
    pub(super) older: Option<String>,
}

/// Something that happened.
pub(super) struct MomentText {
    pub(super) at: LocalTime,
    pub(super) what: String,
    /// The page of the invoice that it is about.
    pub(super) invoice: Option<String>,
    pub(super) who: Option<String>,
    pub(super) state: Option<String>,
    /// What was written.
    pub(super) text: Option<String>,
    pub(super) note: Option<String>,
    pub(super) advice: Option<Advice>,
    pub(super) history: Vec<ChangeText>,
}

/// The parts after the first one, which stands on the customer's page.
pub(super) async fn show(
    viewer: Viewer,
    paged: Result<Paged, Failure>,
    State(state): State<AppState>,
    PathOf((connection, contact)): PathOf<(ConnectionId, ExternalId)>,
) -> Shown {
    let (org, at, paged) = (&viewer.session.org, ContactRef { connection, contact }, paged?);
    let whole = Whole::read(state.store(), org, &at).await?.ok_or_else(|| Failure::not_found("customer"))?;
    let (name, part) = (whole.contact.name.clone(), part(&viewer, &paged, "", SHOWN)?);
    let (moments, next) = load(&state, &viewer, (whole, &part)).await?;
    let page = TimelinePage {
        frame: viewer.frame(&state, "Timeline"),
        customer: address::customer(&at),
        timeline: TimelineText { moments, older: older(&viewer, &paged, ("", &[]), next) },
        name,
    };
    viewer.page(&state, &page)
}

/// The first part, on the customer's page.
pub(super) async fn latest(
    state: &AppState,
    viewer: &Viewer,
    (whole, paged): (Whole, &Paged),
) -> Result<TimelineText, AppError> {
    let path = format!("{}/timeline", address::customer(&whole.contact.at));
    let (moments, next) = load(state, viewer, (whole, &Part::first(SHOWN))).await?;
    let cursor = paged.of_list(&path).next(&viewer.session.org, "", next);
    Ok(TimelineText { moments, older: cursor.map(|cursor| format!("{path}?cursor={cursor}")) })
}

async fn load(
    state: &AppState,
    viewer: &Viewer,
    (whole, part): (Whole, &Part),
) -> Result<(Vec<MomentText>, Option<String>), AppError> {
    let (connection, whose) = (whole.contact.at.connection, (whole, &viewer.organisation.zone));
    let Parted { values, next } = read_timeline(state.store(), &viewer.session.org, whose, part).await?;
    let people: BTreeSet<UserId> = values.iter().filter_map(|moment| user(&moment.what).cloned()).collect();
    let people = names(state, &people.into_iter().collect::<Vec<_>>()).await;
    let text = |moment| MomentText::new(moment, viewer, (&people, connection)).shortened();
    Ok((values.into_iter().map(text).collect(), next))
}

/// The member who did it.
fn user(what: &Happened) -> Option<&UserId> {
    match what {
        Happened::Done(Line { activity, .. }) => match &activity.actor {
            Actor::User(user) => Some(user),
            Actor::Operator(_) | Actor::Numo | Actor::Customer => None,
        },
        Happened::Consented(change) => change.recorded_by.as_ref(),
        Happened::Said(line) => match &line.said {
            Said::Business(answer) => match &answer.by {
                AnsweredBy::Member(user) => Some(user),
                AnsweredBy::Numo | AnsweredBy::Farewell => None,
            },
            Said::Customer(_) => None,
        },
        Happened::Reminded(reminder, _) => reminder.asked_by.as_ref(),
        Happened::Issued(_) | Happened::Ended(_) | Happened::Paid(_) => None,
    }
}

impl MomentText {
    fn new(
        Moment { at, what }: Moment,
        viewer: &Viewer,
        (people, connection): (&BTreeMap<UserId, String>, ConnectionId),
    ) -> Self {
        let who = user(&what).map(|user| name_of(people, user));
        let empty = |what: String| Self {
            at: viewer.clock.show(at),
            what,
            invoice: None,
            who: None,
            state: None,
            text: None,
            note: None,
            advice: None,
            history: Vec::new(),
        };
        let about = |invoice: &Invoice, what: String| Self {
            invoice: Some(address::invoice(connection, &invoice.id)),
            ..empty(what)
        };
        match what {
            Happened::Issued(invoice) => {
                let shown = Self { at: viewer.clock.show_day(at), ..about(&invoice, issued_words(&invoice)) };
                // Without a date in the ledger it stands at the time at which it was first seen.
                if invoice.issued.is_some() { shown } else { Self { at: viewer.clock.show(at), ..shown } }
            }
            Happened::Ended(invoice) => about(&invoice, ended_words(&invoice)),
            Happened::Paid(receipt) => {
                Self { at: viewer.clock.show_day(at), ..empty(format!("{} arrived", receipt.amount)) }
            }
            Happened::Reminded(reminder, said) => {
                let what =
                    said.as_ref().map_or_else(|| "Reminder".to_owned(), |said| format!("Reminder over {}", said.total));
                // Of what a restored table was told, and of erased customers, no words are left.
                let text = said.map(|said| said.text).filter(|text| !text.is_empty());
                Self { who, text, ..Self::of_reminder(empty(what), &reminder, viewer) }
            }
            Happened::Said(line) => Self { who, ..Self::of_line(empty(String::new()), line.said) },
            Happened::Consented(change) => {
                let what = if is_opt_out(&change) { "Wants no reminders" } else { "Reminders are welcome" };
                let note = Some(change.note.clone()).filter(|note| !note.is_empty());
                Self { who, state: Some(how_words(&change)), note, ..empty(what.to_owned()) }
            }
            Happened::Done(line) => {
                let who = who.or_else(|| other_words(&line.activity.actor).map(str::to_owned));
                Self { who, ..empty(done_words(&line.activity)) }
            }
        }
    }

    /// The beginning of what was written, where it is long: the whole of it is among the messages and the reminders.
    fn shortened(self) -> Self {
        let text = self.text.map(|text| match text.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
            None => text,
        });
        Self { text, ..self }
    }

    fn of_reminder(empty: Self, reminder: &Reminder, viewer: &Viewer) -> Self {
        let state = StateView::from(&reminder.state);
        let change = |change: &numo_domain::reminder::state_change::StateChange| ChangeText {
            state: state_words(&StateView::from(&change.state)),
            at: viewer.clock.show(change.at),
        };
        let history = reminder.history.iter().map(change).collect();
        Self { state: Some(state_words(&state)), advice: state.advice, history, ..empty }
    }

    fn of_line(empty: Self, said: Said) -> Self {
        match said {
            Said::Customer(heard) => {
                let note = match (heard.revoked_at, heard.edits.is_some()) {
                    (Some(_), _) => Some("deleted by the customer".to_owned()),
                    (None, true) => Some("written anew by the customer".to_owned()),
                    (None, false) => (!heard.content.is_words()).then(|| content_words(heard.content).to_owned()),
                };
                Self { what: "The customer wrote".to_owned(), text: heard.text, note, ..empty }
            }
            Said::Business(answer) => {
                let what = match answer.by {
                    AnsweredBy::Member(_) => "You answered",
                    AnsweredBy::Numo | AnsweredBy::Farewell => "Numo answered by itself",
                };
                let advice = match &answer.state {
                    AnswerState::Called(state) => Advice::of_state(state),
                    AnswerState::Waiting | AnswerState::Dropped(_) => None,
                };
                let state = Some(answer.state.name().replace('_', " "));
                let text = Some(answer.text).filter(|text| !text.is_empty());
                Self { what: what.to_owned(), state, text, advice, ..empty }
            }
        }
    }
}

/// Who did it, where it was none of the members.
const fn other_words(actor: &Actor) -> Option<&'static str> {
    match actor {
        Actor::User(_) => None,
        Actor::Operator(_) => Some("one of Numo's operators"),
        Actor::Numo => Some("Numo"),
        Actor::Customer => Some("the customer"),
    }
}

fn issued_words(invoice: &Invoice) -> String {
    let due =
        invoice.due.map_or_else(|| "without a due date".to_owned(), |due| format!("due {}", due.strftime("%-d %b %Y")));
    format!("Invoice {} over {}, {due}", invoice.number, invoice.total)
}

fn ended_words(invoice: &Invoice) -> String {
    let what = match invoice.status {
        InvoiceStatus::Paid | InvoiceStatus::Open => "is settled",
        InvoiceStatus::Voided | InvoiceStatus::Deleted => "is cancelled",
        InvoiceStatus::Draft | InvoiceStatus::Submitted => "is not approved",
    };
    format!("Invoice {} {what}", invoice.number)
}
