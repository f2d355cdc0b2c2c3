//! One claimed message: the call to Meta, what came of it, and what that asks for.

use jiff::SignedDuration;
use numo_domain::{
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

/// What is filled in does not fit the template that the account has (Cloud API error codes).
///
/// With buttons or a PDF it is the template's own fault, and every further message with it would fail; another text of the
/// purpose stands in.
const MISMATCHES: [u32; 3] = [132_000, 132_012, 132_018];

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
    let now = ports.clock.now();
    match answer {
        Ok(Taken { message, held }) => {
            store.record_taken(org, claimed, (&message, held), now).await?;
            ports.events.publish(org, now, Event::ReminderSent { attempt: reminder.attempt }).await;
            Ok(Sent::Next)
        }
        Err(SendError::Ambiguous(error)) => {
            store.record_outcome(org, &reminder.key, reminder.attempt, &SendOutcome::Unknown, now).await?;
            tracing::warn!(attempt = %reminder.attempt, error = %error, "the outcome of a send is unknown");
            store.open_task(org, TaskAbout::OutcomeUnknown(reminder.attempt), now).await?;
            Ok(Sent::Next)
        }
        Err(SendError::NotSent { code, action }) => {
            store.record_outcome(org, &reminder.key, reminder.attempt, &SendOutcome::NotSent { code }, now).await?;
            tracing::info!(attempt = %reminder.attempt, code, ?action, "Meta did not take a message");
            let is_mismatch = draft.message.template.variant != Variant::Plain && MISMATCHES.contains(&code);
            let action = if is_mismatch { SendAction::StopTemplate(WhyUnusable::Missing) } else { action };
            if draft.message.document.is_some() && action == SendAction::FixMessage {
                forget_pdf(ports, look, reminder).await?;
            }
            act(ports, look, draft, action).await
        }
    }
}

/// Has the PDF of a refused message given to Meta anew, in case that it was the file.
async fn forget_pdf(ports: &DispatchPorts, look: &Look<'_>, reminder: &Reminder) -> Result<(), AppError> {
    let Some(invoice) = reminder.listed.first() else { return Ok(()) };
    let (phone, which) = (&reminder.sender, (look.connection.id, invoice));
    ports.waker.store.forget_given_pdf(look.org, phone, which).await
}

/// Does what a not-sent code asks for; what is under way learns of it before the table does.
async fn act(ports: &DispatchPorts, look: &Look<'_>, draft: &Draft, action: SendAction) -> Result<Sent, AppError> {
    let (store, now, sender) = (&ports.waker.store, ports.clock.now(), &look.sender.0);
    let whose = (&sender.waba, &sender.phone_number_id);
    let after = |patience: Option<SignedDuration>| now.checked_add(patience.unwrap_or(MESSAGING_WAIT)).unwrap_or(now);
    match action {
        SendAction::SkipRecipient | SendAction::FixMessage => Ok(Sent::Next),
        SendAction::StopTemplate(why) => {
            let template = draft.message.template.reference();
            look.brakes.stop_text(&sender.waba, &template);
            stop_template(store, look.org, (&sender.waba, &template), why, now).await?;
            Ok(Sent::Next)
        }
        SendAction::SlowDown { retry_after } => Ok(Sent::TooFast { retry_after }),
        SendAction::WaitForRecipient => Ok(Sent::PairLimit),
        SendAction::Wait { retry_after } => {
            look.brakes.stop_number(&sender.phone_number_id);
            Ok(Sent::StopSender { again: Some(after(retry_after)) })
        }
        SendAction::WaitForApp { retry_after } => {
            look.brakes.stop_all();
            let again = after(retry_after);
            messaging_gate::park(store, again, now).await?;
            Ok(Sent::StopRun { again })
        }
        SendAction::StopSender | SendAction::Reconnect => {
            look.brakes.stop_number(&sender.phone_number_id);
            let is_dead = action == SendAction::Reconnect;
            let status = if is_dead { SenderStatus::ReauthRequired } else { SenderStatus::Blocked };
            stop_sender(store, look.org, whose, status, now).await?;
            Ok(Sent::StopSender { again: None })
        }
    }
}
