//! Ending a WhatsApp number, or a whole account: nothing is sent from it from this moment, and its secrets are deleted.
//!
//! Meta is told while the token is still there. If it cannot be told, the secrets go all the same and the admin hears
//! of it: whatever Meta still delivers for the account finds no owner here.

use jiff::Timestamp;
use numo_domain::{
    credential::GrantRef,
    id::{ActivityId, OrgId, PhoneNumberId, UserId, WabaId},
    sender::{Sender, SenderStatus},
};
use serde_json::json;

use crate::{
    connect_whatsapp::SignupPorts,
    error::AppError,
    job::{Cause, Work},
    store::{
        activity::{Activity, Actor},
        task::TaskAbout,
    },
};

/// What came of ending a number or an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The number is gone; its account has others.
    Number,
    /// The account is gone with its token.
    Account {
        /// Whether Meta was told; otherwise its webhooks go on until the business removes the app there.
        is_meta_told: bool,
    },
}

/// Ends a number, and with its last number the account; repeated after a crash, it goes on where it stopped.
pub async fn disconnect_sender(
    ports: &SignupPorts,
    org: &OrgId,
    by: &UserId,
    phone: &PhoneNumberId,
    now: Timestamp,
) -> Result<Ended, AppError> {
    let senders = ports.senders.waker.store.senders(org).await?;
    let found = senders.iter().find(|sender| sender.phone_number_id == *phone).ok_or(AppError::NotFound("sender"))?;
    let is_last = !senders.iter().any(|other| other.waba == found.waba && other.phone_number_id != *phone);
    stop(ports, org, &[found], now).await?;
    let ended = if is_last { end_account(ports, org, &found.waba, now).await? } else { Ended::Number };
    end_number(ports, org, by, (found, ended), now).await?;
    ports.senders.waker.wake(org, &Work::PlanDay {}, Cause::Person, now).await?;
    Ok(ended)
}

/// Ends an account with all of its numbers, of which it may have none.
pub async fn disconnect_account(
    ports: &SignupPorts,
    org: &OrgId,
    by: &UserId,
    waba: &WabaId,
    now: Timestamp,
) -> Result<Ended, AppError> {
    let waker = &ports.senders.waker;
    let store = &waker.store;
    let senders = store.senders(org).await?;
    let numbers: Vec<&Sender> = senders.iter().filter(|sender| sender.waba == *waba).collect();
    let is_known = !numbers.is_empty() || store.whatsapp_account(org, waba).await?.is_some();
    if !is_known {
        return Err(AppError::NotFound("WhatsApp account"));
    }
    stop(ports, org, &numbers, now).await?;
    let ended = end_account(ports, org, waba, now).await?;
    for number in &numbers {
        end_number(ports, org, by, (number, ended), now).await?;
    }
    look_once_more(ports, org, waba, now).await?;
    let detail = json!({"waba": waba, "numbers": numbers.len(), "meta_told": is_meta_told(ended)});
    let activity =
        Activity { at: now, actor: Actor::User(by.clone()), action: "whatsapp.disconnected".to_owned(), detail };
    store.record(org, ActivityId::new(waker.ids.uuid()), &activity).await?;
    // Last, so that a repeat after a crash still finds it.
    store.delete_whatsapp_account(org, waba).await?;
    waker.wake(org, &Work::PlanDay {}, Cause::Person, now).await?;
    Ok(ended)
}

/// Lets nothing more go out, before anything is given up.
async fn stop(ports: &SignupPorts, org: &OrgId, senders: &[&Sender], now: Timestamp) -> Result<(), AppError> {
    let store = &ports.senders.waker.store;
    // First what has to follow, should the rest not be reached.
    store.mark_due(org, &Work::PlanDay {}, now, now).await?;
    for sender in senders {
        let stop = |sender: &mut Sender| sender.status = SenderStatus::ReauthRequired;
        store.change_sender(org, &sender.phone_number_id, now, stop).await?;
    }
    Ok(())
}

/// Tells Meta, deletes the token, and gives the account up.
async fn end_account(ports: &SignupPorts, org: &OrgId, waba: &WabaId, now: Timestamp) -> Result<Ended, AppError> {
    let (store, vault, grant) = (&ports.senders.waker.store, &ports.senders.vault, GrantRef::of_account(waba));
    let is_meta_told = match vault.fresh_access_token(org, &grant, now).await {
        Ok(token) => match ports.signup.unsubscribe(waba, &token).await {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(waba = %waba, error = %error, "Meta could not be told that an account was ended");
                false
            }
        },
        // A token that is dead, or gone since an earlier try, tells nobody anything.
        Err(AppError::ReauthRequired) => false,
        Err(error) => return Err(error),
    };
    vault.forget(org, &grant).await?;
    store.delete_signup_token(org, waba).await?;
    store.release_waba(org, waba).await?;
    store.delete_library_choices(org, waba).await?;
    store.delete_templates(org, waba).await?;
    store.delete_account_bill(org, waba).await?;
    for task in store.tasks(org).await?.into_iter().filter(|task| task.about.account() == Some(waba)) {
        store.close_task(org, &task.about).await?;
    }
    Ok(Ended::Account { is_meta_told })
}

/// Deletes a number with its PIN, and gives it up; its reminders and conversations stay as they are.
async fn end_number(
    ports: &SignupPorts,
    org: &OrgId,
    by: &UserId,
    (sender, ended): (&Sender, Ended),
    now: Timestamp,
) -> Result<(), AppError> {
    let (waker, phone) = (&ports.senders.waker, &sender.phone_number_id);
    let store = &waker.store;
    store.delete_registration_pin(org, phone).await?;
    store.release_phone(org, phone).await?;
    store.close_task(org, &TaskAbout::SenderBlocked(phone.clone())).await?;
    match ended {
        Ended::Account { .. } => store.delete_whatsapp_account(org, &sender.waba).await?,
        Ended::Number => {}
    }
    look_once_more(ports, org, &sender.waba, now).await?;
    let detail = json!({"phone_number_id": phone, "waba": sender.waba, "meta_told": is_meta_told(ended)});
    let activity = Activity { at: now, actor: Actor::User(by.clone()), action: "sender.removed".to_owned(), detail };
    let activity = store.activity_item(org, ActivityId::new(waker.ids.uuid()), &activity)?;
    // Last and with its line, so that a repeat after a crash still finds it.
    store.delete_sender(org, phone, activity, waker.ids.as_ref()).await
}

/// A look that is under way may still write a task or a text of what is gone: the one after it puts that right.
async fn look_once_more(ports: &SignupPorts, org: &OrgId, waba: &WabaId, now: Timestamp) -> Result<(), AppError> {
    let check = Work::CheckAccount { waba: waba.clone() };
    ports.senders.waker.store.mark_due_after_claim(org, &check, now, now).await
}

/// Whether Meta was told, where it had to be.
const fn is_meta_told(ended: Ended) -> Option<bool> {
    match ended {
        Ended::Number => None,
        Ended::Account { is_meta_told } => Some(is_meta_told),
    }
}
