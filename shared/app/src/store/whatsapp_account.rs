//! Connected WhatsApp accounts, whether or not they have a number yet.

use jiff::Timestamp;
use numo_domain::{
    id::{OrgId, WabaId},
    whatsapp_account::{AccountStatus, WhatsappAccount},
};

use crate::{
    error::AppError,
    port::table::Source,
    store::{Created, Entity, RACES, Replaced, Store, keys, lost_races},
};

impl Entity for WhatsappAccount {
    const ENTITY: &'static str = "whatsapp_account";
}

impl Store {
    /// The accounts that were connected through Meta's sign-up.
    pub async fn whatsapp_accounts(&self, org: &OrgId) -> Result<Vec<WhatsappAccount>, AppError> {
        let source = Source::Table(keys::org_partition(org));
        let stored = self.list(source, keys::whatsapp::ACCOUNTS.to_owned()).await?;
        Ok(stored.into_iter().map(|stored| stored.value).collect())
    }

    /// One of them.
    pub async fn whatsapp_account(&self, org: &OrgId, waba: &WabaId) -> Result<Option<WhatsappAccount>, AppError> {
        Ok(self.read(&keys::whatsapp::account(org, waba)).await?.map(|stored| stored.value))
    }

    /// Stores an account that was just connected, once more or for the first time.
    pub(crate) async fn save_whatsapp_account(
        &self,
        org: &OrgId,
        waba: &WabaId,
        now: Timestamp,
    ) -> Result<(), AppError> {
        let account = WhatsappAccount { waba: waba.clone(), status: AccountStatus::Connected, connected_at: now };
        match self.create(keys::whatsapp::account(org, waba), &account, now).await? {
            Created::Created => Ok(()),
            Created::AlreadyExists => self.set_account_status(org, waba, AccountStatus::Connected, now).await,
        }
    }

    /// Notes whether an account's token works; nothing for one that was not connected through the sign-up.
    pub(crate) async fn set_account_status(
        &self,
        org: &OrgId,
        waba: &WabaId,
        status: AccountStatus,
        now: Timestamp,
    ) -> Result<(), AppError> {
        let key = keys::whatsapp::account(org, waba);
        for _ in 0..RACES {
            let Some(seen) = self.read::<WhatsappAccount>(&key).await? else { return Ok(()) };
            let next = WhatsappAccount { status, ..seen.value.clone() };
            if next == seen.value || self.replace(key.clone(), &seen, &next, now).await? == Replaced::Replaced {
                return Ok(());
            }
        }
        Err(lost_races())
    }

    pub(crate) async fn delete_whatsapp_account(&self, org: &OrgId, waba: &WabaId) -> Result<(), AppError> {
        self.delete::<WhatsappAccount>(keys::whatsapp::account(org, waba)).await
    }
}
