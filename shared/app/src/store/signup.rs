//! Secrets of a sign-up at Meta: a token that is not proved yet, and the PINs of registered numbers.

use jiff::{SignedDuration, Timestamp};
use numo_domain::id::{OrgId, PhoneNumberId, WabaId};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    port::table::Item,
    store::{Created, Entity, Replaced, Store, Stored, keys, new_item, next_item},
    vault::envelope::Sealed,
};

/// A token that a code was traded for; the code cannot be traded again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SignupToken {
    /// The token, sealed as the vault seals tokens.
    pub sealed: Sealed,
    /// Not to be used from here on.
    pub ends_at: Timestamp,
}

impl Entity for SignupToken {
    const ENTITY: &'static str = "signup_token";
}

/// Somebody who does not finish within a day begins again.
pub(super) const TOKEN_KEPT: SignedDuration = SignedDuration::from_hours(24);

/// The PIN with which a number is, or is to be, registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeptPin {
    /// The PIN, sealed as the vault seals tokens.
    pub sealed: Sealed,
    /// When Meta was asked to register the number, while the answer is not known.
    pub asked_at: Option<Timestamp>,
}

impl Entity for KeptPin {
    const ENTITY: &'static str = "registration_pin";
}

impl Store {
    /// Keeps the token of a sign-up, over an older one for the same account.
    pub(crate) async fn keep_signup_token(
        &self,
        org: &OrgId,
        waba: &WabaId,
        sealed: Sealed,
        now: Timestamp,
    ) -> Result<(), AppError> {
        let ends_at = now.saturating_add(TOKEN_KEPT).unwrap_or(now);
        let token = SignupToken { sealed, ends_at };
        let (key, expires_at) = (keys::whatsapp::signup_token(org, waba), Some(ends_at));
        // Written first and read only where one is there: this write decides whether a spent code was spent in vain.
        let first = Item { expires_at, ..new_item(key.clone(), &token, now)? };
        if self.create_item(first).await? == Created::Created {
            return Ok(());
        }
        let Some(seen) = self.read::<SignupToken>(&key).await? else { return Err(super::lost_races()) };
        let next = Item { expires_at, ..next_item(key, &seen, &token, now)? };
        match self.replace_item(next).await? {
            Replaced::Replaced => Ok(()),
            Replaced::Raced => Err(AppError::Conflict("this account is just being connected; try again")),
        }
    }

    pub(crate) async fn signup_token(
        &self,
        org: &OrgId,
        waba: &WabaId,
        now: Timestamp,
    ) -> Result<Option<Sealed>, AppError> {
        let kept = self.read::<SignupToken>(&keys::whatsapp::signup_token(org, waba)).await?;
        Ok(kept.filter(|kept| kept.value.ends_at > now).map(|kept| kept.value.sealed))
    }

    pub(crate) async fn delete_signup_token(&self, org: &OrgId, waba: &WabaId) -> Result<(), AppError> {
        self.delete::<SignupToken>(keys::whatsapp::signup_token(org, waba)).await
    }

    pub(crate) async fn registration_pin(
        &self,
        org: &OrgId,
        phone: &PhoneNumberId,
    ) -> Result<Option<Stored<KeptPin>>, AppError> {
        self.read(&keys::whatsapp::registration_pin(org, phone)).await
    }

    /// Keeps a PIN in place of what was seen; false where somebody else was faster.
    pub(crate) async fn keep_registration_pin(
        &self,
        org: &OrgId,
        phone: &PhoneNumberId,
        seen: Option<&Stored<KeptPin>>,
        pin: &KeptPin,
        now: Timestamp,
    ) -> Result<bool, AppError> {
        let key = keys::whatsapp::registration_pin(org, phone);
        Ok(match seen {
            Some(seen) => self.replace(key, seen, pin, now).await? == Replaced::Replaced,
            None => self.create(key, pin, now).await? == Created::Created,
        })
    }

    pub(crate) async fn delete_registration_pin(&self, org: &OrgId, phone: &PhoneNumberId) -> Result<(), AppError> {
        self.delete::<KeptPin>(keys::whatsapp::registration_pin(org, phone)).await
    }
}
