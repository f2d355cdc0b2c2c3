//! Routes: which organisation owns an outside id; one owner at a time.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use numo_domain::{
    connection::LedgerProvider,
    id::{ConnectionId, LedgerTenantId, OrgId, PhoneNumberId, WabaId},
};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    port::table::Key,
    store::{Created, Entity, RACES, Replaced, Store, keys, lost_races},
};

/// Who owns an outside id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// The owner.
    pub org: OrgId,
    /// Its connection, where the id is a ledger organisation.
    pub connection: Option<ConnectionId>,
}

impl Entity for Route {
    const ENTITY: &'static str = "route";
}

/// Who owns a WhatsApp account, with the owners of some numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountOwner {
    /// The owner of the account.
    pub org: OrgId,
    numbers: BTreeMap<PhoneNumberId, OrgId>,
}

impl AccountOwner {
    /// Whether a number is the owner's too.
    pub fn has(&self, number: &PhoneNumberId) -> bool {
        self.numbers.get(number) == Some(&self.org)
    }

    /// Another organisation that owns a number.
    pub fn other_of(&self, number: &PhoneNumberId) -> Option<&OrgId> {
        self.numbers.get(number).filter(|org| **org != self.org)
    }
}

impl Store {
    /// Claims a ledger organisation; the answer is whoever owns it now.
    pub async fn claim_tenant(
        &self,
        provider: LedgerProvider,
        tenant: &LedgerTenantId,
        route: &Route,
        now: Timestamp,
    ) -> Result<Route, AppError> {
        self.claim_route(keys::ledger_route(provider, tenant), route, now).await
    }

    /// The owner of a ledger organisation.
    pub async fn route_of_tenant(
        &self,
        provider: LedgerProvider,
        tenant: &LedgerTenantId,
    ) -> Result<Option<Route>, AppError> {
        Ok(self.read::<Route>(&keys::ledger_route(provider, tenant)).await?.map(|route| route.value))
    }

    /// Gives a ledger organisation up, if it is still the organisation's.
    pub(crate) async fn release_tenant(
        &self,
        org: &OrgId,
        provider: LedgerProvider,
        tenant: &LedgerTenantId,
    ) -> Result<(), AppError> {
        self.release(org, keys::ledger_route(provider, tenant)).await
    }

    /// Gives a WhatsApp account up, if it is still the organisation's.
    pub(crate) async fn release_waba(&self, org: &OrgId, waba: &WabaId) -> Result<(), AppError> {
        self.release(org, keys::waba_route(waba)).await
    }

    /// Gives a WhatsApp number up, if it is still the organisation's.
    pub(crate) async fn release_phone(&self, org: &OrgId, phone: &PhoneNumberId) -> Result<(), AppError> {
        self.release(org, keys::phone_route(phone)).await
    }

    async fn release(&self, org: &OrgId, key: Key) -> Result<(), AppError> {
        for _ in 0..RACES {
            let Some(seen) = self.read::<Route>(&key).await?.filter(|seen| seen.value.org == *org) else {
                return Ok(());
            };
            if self.remove(key.clone(), &seen).await? == Replaced::Replaced {
                return Ok(());
            }
        }
        Err(lost_races())
    }

    /// Claims a WhatsApp account; the answer is whoever owns it now.
    pub async fn claim_waba(&self, waba: &WabaId, route: &Route, now: Timestamp) -> Result<Route, AppError> {
        self.claim_route(keys::waba_route(waba), route, now).await
    }

    /// Claims a WhatsApp number; the answer is whoever owns it now.
    pub async fn claim_phone(&self, phone: &PhoneNumberId, route: &Route, now: Timestamp) -> Result<Route, AppError> {
        self.claim_route(keys::phone_route(phone), route, now).await
    }

    /// The owner of a WhatsApp account, and whose some numbers are.
    pub async fn owner_of_waba(
        &self,
        waba: &WabaId,
        phones: BTreeSet<PhoneNumberId>,
    ) -> Result<Option<AccountOwner>, AppError> {
        let waba = keys::waba_route(waba);
        let wanted: Vec<Key> = phones.iter().map(keys::phone_route).chain([waba.clone()]).collect();
        let mut batch = self.read_batch(&wanted).await?;
        let Some(org) = batch.take::<Route>(&waba)?.map(|route| route.value.org) else { return Ok(None) };
        let mut numbers = BTreeMap::new();
        for phone in phones {
            if let Some(route) = batch.take::<Route>(&keys::phone_route(&phone))? {
                numbers.insert(phone, route.value.org);
            }
        }
        Ok(Some(AccountOwner { org, numbers }))
    }

    /// Whether an account, or one of some numbers, is another organisation's.
    pub(crate) async fn is_anothers(
        &self,
        org: &OrgId,
        waba: &WabaId,
        phones: impl Iterator<Item = &PhoneNumberId> + Send,
    ) -> Result<bool, AppError> {
        let wanted: Vec<Key> = phones.map(keys::phone_route).chain([keys::waba_route(waba)]).collect();
        let routes = self.read_many::<Route>(&wanted).await?;
        Ok(routes.iter().any(|(_, route)| route.value.org != *org))
    }

    async fn claim_route(&self, key: Key, route: &Route, now: Timestamp) -> Result<Route, AppError> {
        if self.create(key.clone(), route, now).await? == Created::Created {
            return Ok(route.clone());
        }
        let owner = self.read::<Route>(&key).await?;
        owner.map(|owner| owner.value).ok_or(AppError::Conflict("the owner of this id is just changing; try again"))
    }
}
