//! The list of days that a customer who wants to pay later may choose from, and the day that is chosen.

use jiff::civil::Date;
use numo_domain::{
    calendar::clock::SendClock,
    contact::ContactRef,
    conversation::{
        AnswerState, Said,
        automatic::Automatic,
        day_choice::{DayChoice, Offer, RowId},
    },
    id::{NumberKey, OrgId},
    language::Language,
    organisation::Organisation,
};

use crate::{delivery::InboundMessage, error::AppError, ingest_delivery::IngestPorts, store::inbound::Reply};

/// The question on which day, with days to choose from where there are any that can be promised.
pub(super) async fn with_days(
    ports: &IngestPorts,
    organisation: &Organisation,
    (what, language): (Automatic, Language),
    message: &InboundMessage,
    replies: &[(ContactRef, Reply)],
) -> Result<(Automatic, Option<DayChoice>), AppError> {
    let Automatic::WhichDay { example, .. } = what else { return Ok((what, None)) };
    let (store, org) = (&ports.store, &organisation.id);
    let owing = replies.iter().find_map(|(contact, reply)| Some((contact, reply, reply.anchor()?)));
    let Some((contact, reply, anchor)) = owing else { return Ok((what, None)) };
    let known = store.contacts_by_ref(org, std::slice::from_ref(contact)).await?.pop();
    let Some(known) = known.map(|seen| seen.value) else { return Ok((what, None)) };
    let (file, policies) = (store.customer_file(org, contact).await?, store.policies(org).await?);
    // It may be tomorrow already where the customer is.
    let clock = known.number.country().and_then(SendClock::of_country);
    let clock = clock.unwrap_or_else(|| SendClock::of_zone(&organisation.zone));
    let offer = Offer {
        today: reply.today,
        from: *clock.dates(message.at).end(),
        calendar: &policies.for_contact(&known, file.policy.as_ref(), || reply.balances()).calendar,
        file: &file,
        anchor,
    };
    let choice = DayChoice::of(&offer, language, organisation.country);
    Ok((Automatic::WhichDay { example, is_listed: choice.is_some() }, choice))
}

/// The day of a chosen row, if it is one of a list that went to this very number and has not passed.
pub(super) async fn chosen_day(
    ports: &IngestPorts,
    org: &OrgId,
    (message, number): (&InboundMessage, &NumberKey),
    row: &str,
    today: Date,
) -> Result<Option<Date>, AppError> {
    let Ok(RowId { attempt, date }) = row.parse() else { return Ok(None) };
    let Some((link, line)) = ports.store.answer(org, attempt).await? else { return Ok(None) };
    let Said::Business(answer) = line.value.said else { return Ok(None) };
    let was_sent = match answer.state {
        AnswerState::Called(_) => true,
        AnswerState::Waiting | AnswerState::Dropped(_) => false,
    };
    let is_theirs = (&link.number, &link.sender) == (number, &message.phone_number_id);
    let is_offered = answer.choice.is_some_and(|choice| choice.has(date));
    Ok((was_sent && is_theirs && is_offered && date >= today).then_some(date))
}
