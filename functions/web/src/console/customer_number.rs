//! The number of a customer: where it comes from and which ones there were; and another one, typed on a page.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::{extract::State, response::IntoResponse as _};
use jiff::Timestamp;
use numo_app::{
    store::activity::{Actor, Line},
    type_number::type_number,
};
use numo_domain::{
    contact::{Contact, ContactRef, TypedNumber},
    id::{ConnectionId, ExternalId, NumberKey, UserId},
    reminder::Reminder,
};

use crate::{
    console::{
        Shown, address,
        customer_done::done_words,
        customers::number_text,
        frame::Frame,
        notice::Notice,
        people::{name_of, names},
        sent::Sent,
        time::LocalTime,
        undo::{Undo, What},
        viewer::Viewer,
    },
    failure::Failure,
    path_of::PathOf,
    state::AppState,
};

#[derive(Template)]
#[template(path = "customer_number.html")]
struct NumberPage {
    frame: Frame,
    customer: String,
    name: String,
    number: String,
    typed: Option<TypedText>,
    /// What the ledger says, where another one counts.
    in_ledger: Option<String>,
    /// Whether the consent statement is good for it.
    is_first: bool,
    before: Option<TypedText>,
    reminded: Vec<RemindedText>,
    changes: Vec<ChangeText>,
}

/// A number that was typed.
struct TypedText {
    number: String,
    by: String,
    at: LocalTime,
}

/// What went to a number.
struct RemindedText {
    is_present: bool,
    reminders: usize,
    first: LocalTime,
    last: LocalTime,
}

/// A change that the activity log knows.
struct ChangeText {
    at: LocalTime,
    what: String,
    who: String,
}

/// Lines about one customer that are looked through, at most.
const LOOKED_AT: usize = 500;

pub(super) async fn show(
    viewer: Viewer,
    State(state): State<AppState>,
    PathOf((connection, contact)): PathOf<(ConnectionId, ExternalId)>,
) -> Shown {
    let (store, org, at) = (state.store(), &viewer.session.org, ContactRef { connection, contact });
    let known = store.contact(org, &at).await?.ok_or_else(|| Failure::not_found("customer"))?.value;
    let (mut lines, _) = store.activity_about(org, (&at, None), LOOKED_AT).await?;
    lines.retain(|line| line.activity.action.starts_with("customer.") && line.activity.action.contains("number"));
    let reminders = store.reminders_of(org, &at).await?;
    let typed = [&known.typed, &known.typed_before].into_iter().flatten().map(|typed| &typed.by);
    let users: BTreeSet<UserId> = lines.iter().filter_map(user).chain(typed).cloned().collect();
    let names = names(&state, &users.into_iter().collect::<Vec<_>>()).await;
    let text = |typed: &TypedNumber| TypedText {
        number: masked(typed),
        by: name_of(&names, &typed.by),
        at: viewer.clock.show(typed.at),
    };
    let page = NumberPage {
        frame: viewer.frame(&state, "WhatsApp number"),
        customer: address::customer(&at),
        number: number_text(&known.number),
        typed: known.typed.as_ref().map(text),
        in_ledger: known.typed.as_ref().map(|typed| number_text(&typed.ledger)),
        is_first: known.has_first_number(),
        before: known.typed_before.as_ref().map(text),
        reminded: reminded(&known, &reminders, &viewer),
        changes: lines.iter().map(|line| ChangeText::new(line, &names, &viewer)).collect(),
        name: known.name,
    };
    viewer.page(&state, &page)
}

/// The numbers that reminders went to, the latest first; of one that is not the present one nothing is known but that.
fn reminded(known: &Contact, reminders: &[Reminder], viewer: &Viewer) -> Vec<RemindedText> {
    let mut of_numbers: BTreeMap<&NumberKey, Vec<Timestamp>> = BTreeMap::new();
    for reminder in reminders {
        of_numbers.entry(&reminder.recipient).or_default().push(reminder.claimed_at);
    }
    let mut spans: Vec<(Timestamp, RemindedText)> = Vec::new();
    for (number, times) in of_numbers {
        let (Some(first), Some(last)) = (times.iter().min(), times.iter().max()) else { continue };
        let text = RemindedText {
            is_present: known.number.key() == Some(number),
            reminders: times.len(),
            first: viewer.clock.show_day(*first),
            last: viewer.clock.show_day(*last),
        };
        spans.push((*last, text));
    }
    spans.sort_by_key(|(last, _)| std::cmp::Reverse(*last));
    spans.into_iter().map(|(_, text)| text).collect()
}

/// The end of what was typed.
fn masked(typed: &TypedNumber) -> String {
    let text = String::from(typed.text.clone());
    let end: String = text.chars().skip(text.chars().count().saturating_sub(2)).collect();
    format!("•••••{end}")
}

fn user(line: &Line) -> Option<&UserId> {
    match &line.activity.actor {
        Actor::User(user) => Some(user),
        Actor::Operator(_) | Actor::Numo | Actor::Customer => None,
    }
}

impl ChangeText {
    fn new(line: &Line, names: &BTreeMap<UserId, String>, viewer: &Viewer) -> Self {
        Self {
            at: viewer.clock.show(line.activity.at),
            what: done_words(&line.activity),
            who: user(line).map_or_else(|| "Numo".to_owned(), |user| name_of(names, user)),
        }
    }
}

/// Takes a number, or with none what was typed before back.
pub(super) async fn change(
    State(state): State<AppState>,
    PathOf((connection, contact)): PathOf<(ConnectionId, ExternalId)>,
    sent: Sent,
) -> Shown {
    sent.viewer.must_be_admin()?;
    let customer = ContactRef { connection, contact };
    let (number, notice) = match sent.fields.optional("take_back") {
        Some(_) => (None, Notice::NumberTakenBack),
        None => (Some(sent.fields.text("number")?), Notice::NumberTyped),
    };
    let (ports, session) = ((state.waker(), state.number_keys()), &sent.viewer.session);
    let (_, change) = type_number(ports, (&session.org, &session.user), &customer, number, state.now()).await?;
    let mut answer = sent.done(&address::customer(&customer), notice).into_response();
    if let Some(change) = change {
        let what = What::Number { contact: customer, change };
        Undo::new(&state, notice, what).keep(&state, session, &mut answer);
    }
    Ok(answer)
}
