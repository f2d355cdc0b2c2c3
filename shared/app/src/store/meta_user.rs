//! Which accounts a Facebook user connected, and what they asked us to forget.

use jiff::{SignedDuration, Timestamp};
use numo_domain::id::{ConfirmationCode, MetaUserKey, OrgId, WabaId};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    port::table::{Item, Source},
    store::{Created, Entity, Store, keys::forget, new_item},
};

/// That a Facebook user connected an account, in a sign-up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignupOf {
    /// For whom.
    pub org: OrgId,
    /// The account.
    pub waba: WabaId,
    /// When; a request that is older says nothing about it.
    pub at: Timestamp,
}

/// The same, seen from the organisation: what leads to it when the organisation is erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SignupLink {
    /// Whoever connected it.
    pub user: MetaUserKey,
    /// The account.
    pub waba: WabaId,
}

impl Entity for SignupLink {
    const ENTITY: &'static str = "signup_link";
}

impl Entity for SignupOf {
    const ENTITY: &'static str = "signup_of";
}

/// What a Facebook user asked for through Meta, and what was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForgetRequest {
    /// What was asked for.
    pub wish: ForgetWish,
    /// When Meta signed it.
    pub asked_at: Timestamp,
    /// When it was done.
    pub done_at: Timestamp,
    /// How many accounts lost the access that this user had given.
    pub accounts: u32,
}

/// What a Facebook user asks for through Meta.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ForgetWish {
    /// They removed the app from their Facebook settings.
    Deauthorise,
    /// They want their data deleted.
    Delete,
}

impl Entity for ForgetRequest {
    const ENTITY: &'static str = "forget_request";
}

/// Whoever asked may look after it for 13 months.
pub(super) const KEPT: SignedDuration = SignedDuration::from_hours(24 * 396);

impl Store {
    /// Remembers who connected an account.
    pub async fn remember_signup(&self, user: &MetaUserKey, signup: &SignupOf) -> Result<(), AppError> {
        let link = SignupLink { user: user.clone(), waba: signup.waba.clone() };
        self.create(forget::signup_link(user, &signup.org, &signup.waba), &link, signup.at).await?;
        self.put(forget::signup_of(user, &signup.org, &signup.waba), signup, signup.at).await
    }

    /// The accounts that a user connected.
    pub async fn signups_of(&self, user: &MetaUserKey) -> Result<Vec<SignupOf>, AppError> {
        let stored = self.list(Source::Table(forget::meta_user_partition(user)), String::new()).await?;
        Ok(stored.into_iter().map(|stored| stored.value).collect())
    }

    /// Forgets who connected an account.
    pub(crate) async fn forget_signup(&self, user: &MetaUserKey, signup: &SignupOf) -> Result<(), AppError> {
        self.delete::<SignupLink>(forget::signup_link(user, &signup.org, &signup.waba)).await?;
        self.delete::<SignupOf>(forget::signup_of(user, &signup.org, &signup.waba)).await
    }

    /// What was asked for under a code.
    pub async fn forget_request(&self, code: &ConfirmationCode) -> Result<Option<ForgetRequest>, AppError> {
        Ok(self.read(&forget::forget_request(code)).await?.map(|stored| stored.value))
    }

    /// Notes what was asked for, once.
    pub(crate) async fn keep_forget_request(
        &self,
        code: &ConfirmationCode,
        request: &ForgetRequest,
    ) -> Result<Created, AppError> {
        let (now, expires_at) = (request.done_at, request.done_at.saturating_add(KEPT).ok());
        self.create_item(Item { expires_at, ..new_item(forget::forget_request(code), request, now)? }).await
    }
}
