//! One claimed message: the call to Meta, what came of it, and what that asks for.

use jiff::SignedDuration;
use numo_domain::{
    message::Naming,
    meta_code::{Meaning, meaning},
    reminder::Reminder,
    sender::SenderStatus,
    template::{Variant, WhyUnusable},
};

use crate::{
    dispatch_run::{
        DispatchPorts,
        send_unit::{Draft, Look, MESSAGING_WAIT, Sent},
    },
    error::AppError,
    messaging_gate,
    meta_trouble::{stop_sender, stop_template},
    port::{
        events::Event,
        whatsapp::{SendAction, SendError, Taken},
    },
    store::{Stored, reminder::outcome::SendOutcome, task::TaskAbout},
};

/// Meta looks at the quality of what it holds for about this long (Meta: template pacing, portfolio pacing).
const AFTER_HELD: SignedDuration = SignedDuration::from_hours(1);

/// Calls Meta once for a claimed reminder and stores what came of it.
pub(super) async fn deliver(
    ports: &DispatchPorts,
    look: &Look<'_>,
    claimed: &Stored<Reminder>,
    draft: &Draft,
) -> Result<Sent, AppError> {
    let (store, org, reminder) = (&ports.waker.store, look.org, &claimed.value);
    let (_, access) = &look.sender;
    let answer = ports.messaging.send(access, &draft.to, reminder.attempt, &draft.message).await;
    let (now, number) = (ports.clock.now(), &look.sender.0.phone_number_id);
    let later = |wait: SignedDuration| Sent::StopSender { again: now.checked_add(wait).ok() };
    let is_in_doubt = look.brakes.is_in_doubt(number, !matches!(answer, Err(SendError::Ambiguous(_))));
    match answer {
        Ok(Taken { message, held }) => {
            if held {
                // The rest of a burst would be held as well, or be dropped with it.
                look.brakes.stop_number(number, None);
            }
            store.record_taken(org, claimed, (&message, held), now).await?;
            ports.events.publish(org, now, Event::ReminderSent { attempt: reminder.attempt }).await;
            Ok(if held { later(AFTER_HELD) } else { Sent::Next })
        }
        Err(SendError::Ambiguous(error)) => {
            if is_in_doubt {
                look.brakes.stop_number(number, None);
            }
            store.record_outcome(org, &reminder.key, reminder.attempt, &SendOutcome::Unknown, now).await?;
            tracing::warn!(attempt = %reminder.attempt, error = %error, "the outcome of a send is unknown");
            store.open_task(org, TaskAbout::OutcomeUnknown(reminder.attempt), now).await?;
            Ok(if is_in_doubt { later(MESSAGING_WAIT) } else { Sent::Next })
        }
        Err(SendError::NotSent { code, action }) => {
            let is_mismatch = meaning(code) == Some(Meaning::Mismatch) && is_the_texts(look, draft);
            let action = if is_mismatch { SendAction::StopTemplate(WhyUnusable::Mismatch) } else { action };
            // Before anything is waited for: what is under way learns of it at once.
            let is_news = brake(look, draft, action);
            store.record_outcome(org, &reminder.key, reminder.attempt, &SendOutcome::NotSent { code }, now).await?;
            tracing::info!(attempt = %reminder.attempt, code, ?action, "Meta did not take a message");
            if draft.message.document.is_some() && action == SendAction::FixMessage {
                forget_pdf(ports, look, reminder).await?;
            }
            act(ports, look, draft, (code, action, is_news)).await
        }
    }
}

/// Whether a text is at fault that what was filled in does not fit, and not this one message.
///
/// With buttons or a PDF it is, and another text of the purpose stands in; the plain one, for which nothing does, is
/// believed to be once it did not fit two customers in one run.
fn is_the_texts(look: &Look<'_>, draft: &Draft) -> bool {
    let message = &draft.message;
    // Meta looks at every single value of a text of its library.
    let is_shaped = message.naming == Naming::Named && message.variant != Variant::Plain;
    is_shaped || look.brakes.is_misfit(&look.sender.0.waba, &message.template)
}

/// Has the PDF of a refused message given to Meta anew, in case that it was the file.
async fn forget_pdf(ports: &DispatchPorts, look: &Look<'_>, reminder: &Reminder) -> Result<(), AppError> {
    let Some(invoice) = reminder.listed.first() else { return Ok(()) };
    let (phone, which) = (&reminder.sender, (look.connection.id, invoice));
    ports.waker.store.forget_given_pdf(look.org, phone, which).await
}

/// Stops what a not-sent code concerns; whether it is to be written down.
fn brake(look: &Look<'_>, draft: &Draft, action: SendAction) -> bool {
    let (brakes, sender) = (look.brakes, &look.sender.0);
    match action {
        SendAction::StopTemplate(_) => brakes.stop_text(&sender.waba, &draft.message.template),
        SendAction::Wait { .. } => brakes.stop_number(&sender.phone_number_id, None),
        SendAction::WaitForApp { .. } => brakes.stop_all(),
        SendAction::StopSender => brakes.stop_number(&sender.phone_number_id, Some(SenderStatus::Blocked)),
        SendAction::Reconnect => brakes.stop_number(&sender.phone_number_id, Some(SenderStatus::ReauthRequired)),
        SendAction::SkipRecipient
        | SendAction::FixMessage
        | SendAction::SlowDown { .. }
        | SendAction::WaitForRecipient => false,
    }
}

/// Does what a not-sent code asks for; of several messages that are told the same, the first writes it down.
async fn act(
    ports: &DispatchPorts,
    look: &Look<'_>,
    draft: &Draft,
    (code, action, is_news): (u32, SendAction, bool),
) -> Result<Sent, AppError> {
    let (store, now, sender) = (&ports.waker.store, ports.clock.now(), &look.sender.0);
    let whose = (&sender.waba, &sender.phone_number_id);
    let after = |patience: Option<SignedDuration>| now.checked_add(patience.unwrap_or(MESSAGING_WAIT)).unwrap_or(now);
    let stop = async |status: SenderStatus| {
        if is_news {
            stop_sender(store, look.org, whose, (status, Some(code)), now).await?;
        }
        Ok(Sent::StopSender { again: None })
    };
    match action {
        SendAction::SkipRecipient | SendAction::FixMessage => Ok(Sent::Next),
        SendAction::StopTemplate(why) => {
            if is_news {
                let template = &draft.message.template;
                stop_template(store, look.org, (&sender.waba, template), why, now).await?;
            }
            Ok(Sent::Next)
        }
        SendAction::SlowDown { retry_after } => Ok(Sent::TooFast { retry_after }),
        SendAction::WaitForRecipient => Ok(Sent::PairLimit),
        SendAction::Wait { retry_after } => Ok(Sent::StopSender { again: Some(after(retry_after)) }),
        SendAction::WaitForApp { retry_after } => {
            let again = after(retry_after);
            if is_news {
                messaging_gate::park(store, again, now).await?;
            }
            Ok(Sent::StopRun { again: messaging_gate::turn_of(look.org, again) })
        }
        SendAction::StopSender => stop(SenderStatus::Blocked).await,
        SendAction::Reconnect => stop(SenderStatus::ReauthRequired).await,
    }
}
