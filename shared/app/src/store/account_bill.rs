//! What Meta says that accounts were billed.

use jiff::Timestamp;
use numo_domain::{
    account_bill::AccountBill,
    id::{OrgId, WabaId},
};

use crate::{
    error::AppError,
    port::table::Source,
    store::{Created, Entity, RACES, Replaced, Store, keys, lost_races},
};

impl Entity for AccountBill {
    const ENTITY: &'static str = "account_bill";
}

impl Store {
    /// The latest bills of all accounts.
    pub async fn account_bills(&self, org: &OrgId) -> Result<Vec<AccountBill>, AppError> {
        let source = Source::Table(keys::org_partition(org));
        let stored = self.list(source, keys::whatsapp::BILLS.to_owned()).await?;
        Ok(stored.into_iter().map(|stored| stored.value).collect())
    }

    /// The latest bill of an account.
    pub(crate) async fn account_bill(&self, org: &OrgId, waba: &WabaId) -> Result<Option<AccountBill>, AppError> {
        Ok(self.read(&keys::whatsapp::bill(org, waba)).await?.map(|stored| stored.value))
    }

    /// Puts a bill in the place of the one before.
    pub async fn save_account_bill(&self, org: &OrgId, bill: &AccountBill, now: Timestamp) -> Result<(), AppError> {
        let key = keys::whatsapp::bill(org, &bill.waba);
        for _ in 0..RACES {
            let is_saved = match self.read::<AccountBill>(&key).await? {
                Some(seen) => self.replace(key.clone(), &seen, bill, now).await? == Replaced::Replaced,
                None => self.create(key.clone(), bill, now).await? == Created::Created,
            };
            if is_saved {
                return Ok(());
            }
        }
        Err(lost_races())
    }

    pub(crate) async fn delete_account_bill(&self, org: &OrgId, waba: &WabaId) -> Result<(), AppError> {
        self.delete::<AccountBill>(keys::whatsapp::bill(org, waba)).await
    }
}
