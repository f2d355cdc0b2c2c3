//! Routes: which organisation owns an outside id; one owner at a time.

use jiff::Timestamp;
use numo_domain::id::{ConnectionId, LedgerTenantId, OrgId, PhoneNumberId, WabaId};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    port::table::Key,
    store::{Created, Entity, Store, keys},
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

impl Store {
    /// Claims a Xero organisation; the answer is whoever owns it now.
    pub async fn claim_xero_tenant(
        &self,
        tenant: &LedgerTenantId,
        route: &Route,
        now: Timestamp,
    ) -> Result<Route, AppError> {
        self.claim_route(keys::xero_route(tenant), route, now).await
    }

    /// The owner of a Xero organisation.
    pub async fn owner_of_xero_tenant(&self, tenant: &LedgerTenantId) -> Result<Option<OrgId>, AppError> {
        Ok(self.read::<Route>(&keys::xero_route(tenant)).await?.map(|route| route.value.org))
    }

    /// Claims a WhatsApp account; the answer is whoever owns it now.
    pub async fn claim_waba(&self, waba: &WabaId, route: &Route, now: Timestamp) -> Result<Route, AppError> {
        self.claim_route(keys::waba_route(waba), route, now).await
    }

    /// Claims a WhatsApp number; the answer is whoever owns it now.
    pub async fn claim_phone(&self, phone: &PhoneNumberId, route: &Route, now: Timestamp) -> Result<Route, AppError> {
        self.claim_route(keys::phone_route(phone), route, now).await
    }

    /// The owner of a WhatsApp account.
    pub async fn owner_of_waba(&self, waba: &WabaId) -> Result<Option<OrgId>, AppError> {
        Ok(self.read::<Route>(&keys::waba_route(waba)).await?.map(|route| route.value.org))
    }

    async fn claim_route(&self, key: Key, route: &Route, now: Timestamp) -> Result<Route, AppError> {
        if self.create(key.clone(), route, now).await? == Created::Created {
            return Ok(route.clone());
        }
        let owner = self.read::<Route>(&key).await?;
        owner.map(|owner| owner.value).ok_or(AppError::Conflict("the owner of this id is just changing; try again"))
    }
}
