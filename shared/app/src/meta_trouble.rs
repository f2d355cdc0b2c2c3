//! What a number or a text cannot do any more, by Meta's word: at once when a message is sent, or later with a status.

use jiff::Timestamp;
use numo_domain::{
    id::{OrgId, PhoneNumberId, WabaId},
    reminder::TemplateRef,
    sender::{Sender, SenderStatus},
    template::{AccountTemplate, TemplateStatus},
};

use crate::{
    check_account::soon,
    error::AppError,
    job::Work,
    store::{Store, task::TaskAbout},
};

/// Stops a number, gives the owner a task, and has the account looked at soon: what was repaired sends again.
pub(crate) async fn stop_sender(
    store: &Store,
    org: &OrgId,
    (waba, sender): (&WabaId, &PhoneNumberId),
    status: SenderStatus,
    now: Timestamp,
) -> Result<(), AppError> {
    // First what has to follow: a repeated call sees a number that is stopped already.
    look_soon(store, org, waba, now).await?;
    store.open_task(org, TaskAbout::SenderBlocked(sender.clone()), now).await?;
    let stop = |sender: &mut Sender| (sender.status, sender.stopped_at) = (status, Some(now));
    store.change_sender(org, sender, now, stop).await
}

/// Stops a text of an account, and has the account looked at soon.
pub(crate) async fn stop_template(
    store: &Store,
    org: &OrgId,
    (waba, template): (&WabaId, &TemplateRef),
    now: Timestamp,
) -> Result<(), AppError> {
    let unusable = AccountTemplate { template: template.clone(), status: TemplateStatus::Unusable };
    store.save_template(org, waba, &unusable, now).await?;
    look_soon(store, org, waba, now).await
}

async fn look_soon(store: &Store, org: &OrgId, waba: &WabaId, now: Timestamp) -> Result<(), AppError> {
    store.mark_due_after_claim(org, &Work::CheckAccount { waba: waba.clone() }, soon(now), now).await
}
