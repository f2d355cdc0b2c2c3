//! A status of a message: what it says of the message, and what follows for the number or the text.

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    delivery_report::pricing::Pricing,
    id::{OrgId, WabaId},
    notice::{Notice, NoticeKind},
    reminder::{DeliveryStatus, ReminderState, TemplateRef},
    sender::SenderStatus,
};

use crate::{
    delivery::{NumberOwner, StatusUpdate},
    error::AppError,
    ingest_delivery::{IngestPorts, link},
    job::Work,
    meta_trouble::{look_soon, stop_sender, stop_template},
    port::whatsapp::SendAction,
    store::{Store, task::TaskAbout},
};

/// Applies a status to the reminder, answer or test message that it is about; false if it is none of ours.
pub(super) async fn apply_status(
    ports: &IngestPorts,
    org: &OrgId,
    waba: &WabaId,
    update: &StatusUpdate,
) -> Result<bool, AppError> {
    let (store, now) = (&ports.store, ports.clock.now());
    // Without our attempt id it is a message that the business sent by other means.
    let Some(attempt) = update.attempt else { return Ok(false) };
    let what = (update.status, &update.report);
    let Some(reminder) = store.apply_status(org, (attempt, &update.message), what, update.at, now).await? else {
        let told = (&update.message, update.status, &update.report);
        if store.apply_answer_status(org, attempt, told, now).await? {
            heed(store, org, (waba, update), None, now).await?;
            return Ok(true);
        }
        let Some(test) = store.apply_test_status(org, attempt, told, now).await? else { return Ok(false) };
        link_recipient(ports, org, update).await?;
        heed(store, org, (waba, update), Some(&test.template().reference()), now).await?;
        return Ok(true);
    };
    if reminder.history.iter().any(|change| change.state == ReminderState::Unknown) {
        store.close_task(org, &TaskAbout::OutcomeUnknown(attempt)).await?;
    }
    link_recipient(ports, org, update).await?;
    store.heard_from(org, &update.phone_number_id, reminder.claimed_at, now).await?;
    let is_unlike = update.report.pricing.is_some_and(Pricing::is_unlike_a_reminder);
    let template = match matches!(update.asks_for, Some(SendAction::StopTemplate(_))) || is_unlike {
        true => store.said(org, &[reminder]).await?.pop_first().map(|(_, said)| said.template),
        false => None,
    };
    if let Some(template) = template.as_ref().filter(|_| is_unlike) {
        note_category(store, org, (waba, update), template, now).await?;
    }
    heed(store, org, (waba, update), template.as_ref(), now).await?;
    Ok(true)
}

/// Tells the owner that a text is billed in another category than its own, and has the account looked at.
async fn note_category(
    store: &Store,
    org: &OrgId,
    (waba, update): (&WabaId, &StatusUpdate),
    template: &TemplateRef,
    now: Timestamp,
) -> Result<(), AppError> {
    let category = update.report.pricing.map(|pricing| format!("{} {}", pricing.category.name(), template.name));
    let notice = Notice::with(NoticeKind::BilledInOtherCategory, category);
    store.open_task(org, TaskAbout::AccountNotice { waba: waba.clone(), notice }, now).await?;
    look_soon(store, org, waba, now).await
}

/// Remembers whose number a message reached, where Meta tells both.
async fn link_recipient(ports: &IngestPorts, org: &OrgId, update: &StatusUpdate) -> Result<(), AppError> {
    match &update.recipient {
        Some(NumberOwner { number, user }) => link(ports, org, user, &ports.number_keys.key(org, number)?).await,
        None => Ok(()),
    }
}

/// Meta chose not to deliver, which it says of marketing: the text may have become that (Meta: error codes).
const NOT_FOR_HEALTH: DeliveryStatus = DeliveryStatus::Failed { code: 131_049 };

/// A failure that is older says nothing about the number or text of today: it may be repaired since.
const HEEDED_FOR: SignedDuration = SignedDuration::from_mins(15);

/// Does what a failure asks for that was told with a status, as is done when it is told at once.
async fn heed(
    store: &Store,
    org: &OrgId,
    (waba, update): (&WabaId, &StatusUpdate),
    template: Option<&TemplateRef>,
    now: Timestamp,
) -> Result<(), AppError> {
    let whose = (waba, &update.phone_number_id);
    let code = match update.status {
        DeliveryStatus::Failed { code } => Some(code),
        DeliveryStatus::Sent | DeliveryStatus::Delivered | DeliveryStatus::Read => None,
    };
    match update.asks_for.filter(|_| now.duration_since(update.at) < HEEDED_FOR) {
        Some(SendAction::StopTemplate(why)) => match template {
            Some(template) => stop_template(store, org, (waba, template), why, now).await?,
            None => return Ok(()),
        },
        Some(SendAction::StopSender) => stop_sender(store, org, whose, (SenderStatus::Blocked, code), now).await?,
        Some(SendAction::Reconnect) => {
            stop_sender(store, org, whose, (SenderStatus::ReauthRequired, code), now).await?
        }
        Some(SendAction::SkipRecipient) if update.status == NOT_FOR_HEALTH => {
            return look_soon(store, org, waba, now).await;
        }
        Some(
            SendAction::SkipRecipient
            | SendAction::FixMessage
            | SendAction::Wait { .. }
            | SendAction::SlowDown { .. }
            | SendAction::WaitForRecipient
            | SendAction::WaitForApp { .. },
        )
        | None => return Ok(()),
    }
    store.mark_due(org, &Work::PlanDay {}, now, now).await
}
