//! What must hold after a day, whatever the figures are.

use crate::error::JourneyError;
use crate::journey::Day;
use crate::simulator::{MetaSummary, PostedMessage};
use crate::surprises::{Person, Surprises};

/// The code of a number that is not on WhatsApp (Cloud API error codes).
const NOT_ON_WHATSAPP: u32 = 131_026;

/// An error that says in one sentence what is wrong with the days of all businesses.
pub(super) fn days(
    days: &[(&Day, &Surprises)],
    meta: &MetaSummary,
    messages: &[PostedMessage],
) -> Result<(), JourneyError> {
    holds(meta.duplicates == 0, || format!("Meta got {} duplicates", meta.duplicates))?;
    holds(meta.webhooks_failed == 0, || format!("{} webhooks were not taken", meta.webhooks_failed))?;
    let took = usize::try_from(meta.accepted).unwrap_or_default();
    let n_sent: usize = days.iter().map(|(day, _)| day.reminders.len()).sum();
    holds(took == n_sent && meta.rejected == 0, || {
        format!("{n_sent} reminders were sent, but Meta took {took} and refused {}", meta.rejected)
    })?;
    days.iter().try_for_each(|(day, surprises)| one_day(day, surprises, messages))
}

fn one_day(day: &Day, surprises: &Surprises, messages: &[PostedMessage]) -> Result<(), JourneyError> {
    let accounted = day.reminders.len() + day.plan.cancelled.len();
    holds(accounted == day.plan.header.sends, || {
        format!("{} messages were planned, but {accounted} have an outcome", day.plan.header.sends)
    })?;
    let unsettled = day.reminders.iter().filter(|reminder| !reminder.is_settled()).count();
    holds(unsettled == 0, || format!("{unsettled} reminders were neither delivered nor failed"))?;
    silent(day, &surprises.paid, "settled", messages)?;
    silent(day, &surprises.opted_out, "opted_out", messages)?;
    let failed: Vec<_> = day.reminders.iter().filter(|reminder| reminder.state == "failed").collect();
    let only_unreachable = failed.iter().all(|reminder| {
        reminder.unit.contact == surprises.unreachable.contact && reminder.code == Some(NOT_ON_WHATSAPP)
    });
    holds(failed.len() == 1 && only_unreachable, || {
        format!("{} reminders failed instead of the one to a number that is not on WhatsApp", failed.len())
    })
}

/// Nothing went to a person, and the plan says why.
fn silent(day: &Day, person: &Person, code: &str, messages: &[PostedMessage]) -> Result<(), JourneyError> {
    holds(messages.iter().all(|message| message.to != person.number), || {
        format!("a customer who should be left alone ({code}) got a message")
    })?;
    let told = day.why_silent(&person.contact).unwrap_or("nothing");
    holds(told == code, || format!("a reminder should be left out as {code}, but the plan says {told}"))
}

fn holds(condition: bool, otherwise: impl FnOnce() -> String) -> Result<(), JourneyError> {
    if condition { Ok(()) } else { Err(JourneyError::broken(otherwise())) }
}
