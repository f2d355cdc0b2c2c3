//! What a Facebook user asks for through Meta: that the app is not theirs any more, or that their data is deleted.
//!
//! We know such a user by one thing alone: which WhatsApp accounts they connected, under a keyed hash. The access that
//! they gave ends; what the business keeps is the business's own.

use std::fmt;

use jiff::Timestamp;
use numo_domain::{
    credential::GrantRef,
    id::{ActivityId, ConfirmationCode, MetaUserId, OrgId, WabaId},
    sender::{Sender, SenderStatus},
};
use secrecy::SecretString;
use serde_json::json;

use crate::{
    error::AppError,
    job::Work,
    number_key::NumberKeys,
    store::{
        Store,
        activity::{Activity, Actor},
        meta_user::{ForgetRequest, ForgetWish, SignupOf},
        task::TaskAbout,
    },
    wake::Waker,
};

/// What proves that Meta asks us to forget a Facebook user, and how they are found.
pub struct ForgetKeys {
    /// App secrets that count: the present one, and the one before it while it is rotated.
    pub app_secrets: Vec<SecretString>,
    /// Keys of users.
    pub number_keys: NumberKeys,
}

impl fmt::Debug for ForgetKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ForgetKeys")
    }
}

/// Remembers which Facebook user connected an account, so that what they ask for later can be done.
pub async fn remember_signup(
    store: &Store,
    keys: &NumberKeys,
    (org, waba): (&OrgId, &WabaId),
    user: &MetaUserId,
    now: Timestamp,
) -> Result<(), AppError> {
    let signup = SignupOf { org: org.clone(), waba: waba.clone(), at: now };
    store.remember_signup(&keys.key_of_meta_user(user)?, &signup).await
}

/// Does what a Facebook user asked for, and returns the code under which they can look after it.
///
/// Asked again in the same words it is done already, and what was connected since is left alone.
pub async fn forget_meta_user(
    waker: &Waker,
    keys: &NumberKeys,
    (user, wish, asked_at): (&MetaUserId, ForgetWish, Timestamp),
    now: Timestamp,
) -> Result<ConfirmationCode, AppError> {
    let store = &waker.store;
    let code = keys.confirmation_code(user, wish, asked_at)?;
    let key = keys.key_of_meta_user(user)?;
    let connected: Vec<SignupOf> =
        store.signups_of(&key).await?.into_iter().filter(|signup| signup.at <= asked_at).collect();
    for signup in &connected {
        end_access(waker, signup, wish, now).await?;
    }
    let accounts = u32::try_from(connected.len()).unwrap_or(u32::MAX);
    store.keep_forget_request(&code, &ForgetRequest { wish, asked_at, done_at: now, accounts }).await?;
    // Last: a request that dies before this is done again in full, and counts what it found at first.
    for signup in &connected {
        store.forget_signup(&key, signup).await?;
    }
    Ok(code)
}

/// Deletes the access that a user gave, and stops what needs it; a business that goes on connects the account again.
async fn end_access(waker: &Waker, signup: &SignupOf, wish: ForgetWish, now: Timestamp) -> Result<(), AppError> {
    let (store, SignupOf { org, waba, .. }) = (&waker.store, signup);
    for sender in store.senders(org).await?.into_iter().filter(|sender| sender.waba == *waba) {
        store.open_task(org, TaskAbout::SenderBlocked(sender.phone_number_id.clone()), now).await?;
        let stop = |sender: &mut Sender| sender.status = SenderStatus::ReauthRequired;
        store.change_sender(org, &sender.phone_number_id, now, stop).await?;
    }
    store.delete_grant(org, &GrantRef::of_account(waba)).await?;
    store.delete_signup_token(org, waba).await?;
    store.mark_due(org, &Work::PlanDay {}, now, now).await?;
    // Finds the account without a token, and tells the owner what to do.
    store.mark_due_after_claim(org, &Work::CheckAccount { waba: waba.clone() }, now, now).await?;
    let action = match wish {
        ForgetWish::Deauthorise => "whatsapp.deauthorised",
        ForgetWish::Delete => "whatsapp.deletion_asked",
    };
    let activity = Activity { at: now, actor: Actor::Numo, action: action.to_owned(), detail: json!({"waba": waba}) };
    store.record(org, ActivityId::new(waker.ids.uuid()), &activity).await
}
