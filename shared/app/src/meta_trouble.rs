//! What a number or a text cannot do any more, by Meta's word: at once when a message is sent, or later with a status.

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    id::{OrgId, PhoneNumberId, WabaId},
    meta_code::A_DAY,
    reminder::TemplateRef,
    sender::{Sender, SenderStatus},
    template::{AccountTemplate, WhyUnusable},
};

use crate::{
    check_account::soon,
    error::AppError,
    job::Work,
    keep_text::keep_text,
    messaging_gate,
    port::whatsapp::SendAction,
    store::{Store, task::TaskAbout},
};

/// After Meta asked for patience without saying for how long.
const PATIENCE: SignedDuration = SignedDuration::from_mins(1);

/// The same for our app, whose limit is counted by the hour.
pub(crate) const APP_PATIENCE: SignedDuration = SignedDuration::from_mins(10);

/// Does what a not-sent code asks for about a single message, sent with a text of the account or without one.
///
/// How long to wait, if the message may be tried again.
pub(crate) async fn act(
    store: &Store,
    org: &OrgId,
    sender: &Sender,
    template: Option<&TemplateRef>,
    (code, action): (u32, SendAction),
    now: Timestamp,
) -> Result<Option<SignedDuration>, AppError> {
    let whose = (&sender.waba, &sender.phone_number_id);
    match (action, template) {
        (SendAction::Wait { retry_after } | SendAction::SlowDown { retry_after }, _) => {
            return Ok(Some(retry_after.unwrap_or(PATIENCE)));
        }
        (SendAction::WaitForApp { retry_after }, _) => {
            let patience = retry_after.unwrap_or(APP_PATIENCE);
            messaging_gate::park(store, now.saturating_add(patience).unwrap_or(now), now).await?;
            return Ok(Some(patience));
        }
        (SendAction::WaitForRecipient, _) => return Ok(Some(PATIENCE)),
        (SendAction::StopTemplate(why), Some(template)) => {
            stop_template(store, org, (&sender.waba, template), why, now).await?;
        }
        (SendAction::StopSender, _) => stop_sender(store, org, whose, (SenderStatus::Blocked, Some(code)), now).await?,
        (SendAction::Reconnect, _) => {
            stop_sender(store, org, whose, (SenderStatus::ReauthRequired, Some(code)), now).await?
        }
        (SendAction::SkipRecipient | SendAction::FixMessage | SendAction::StopTemplate(_), _) => {}
    }
    Ok(None)
}

/// Stops a number, gives the owner a task, and has the account looked at soon: what was repaired sends again.
pub(crate) async fn stop_sender(
    store: &Store,
    org: &OrgId,
    (waba, sender): (&WabaId, &PhoneNumberId),
    (status, code): (SenderStatus, Option<u32>),
    now: Timestamp,
) -> Result<(), AppError> {
    // First what has to follow: a repeated call sees a number that is stopped already.
    look_soon(store, org, waba, now).await?;
    store.open_task(org, TaskAbout::SenderBlocked(sender.clone()), now).await?;
    let stop = |sender: &mut Sender| {
        (sender.status, sender.stopped_at, sender.stopped_for) = (status, Some(now), code);
    };
    store.change_sender(org, sender, now, stop).await
}

/// Stops a text of an account, and has the account looked at soon.
pub(crate) async fn stop_template(
    store: &Store,
    org: &OrgId,
    (waba, template): (&WabaId, &TemplateRef),
    why: WhyUnusable,
    now: Timestamp,
) -> Result<(), AppError> {
    look_soon(store, org, waba, now).await?;
    let known = store.templates_of(org, waba).await?;
    let known = known.iter().find(|known| known.template == *template);
    // Meta says of one that does not fit that it may be sent: every try costs a customer one of the few of a message.
    let rests_until = now.checked_add(A_DAY).ok().filter(|_| why == WhyUnusable::Mismatch);
    let stopped = AccountTemplate { rests_until, ..AccountTemplate::unusable(template.clone(), why) };
    keep_text(store, org, waba, known, &stopped, now).await.map(|_| ())
}

/// Has an account looked at within the hour.
pub(crate) async fn look_soon(store: &Store, org: &OrgId, waba: &WabaId, now: Timestamp) -> Result<(), AppError> {
    store.mark_due_after_claim(org, &Work::CheckAccount { waba: waba.clone() }, soon(now), now).await
}
