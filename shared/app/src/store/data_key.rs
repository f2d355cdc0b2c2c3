//! The wrapped data key under which an organisation's token sets are sealed.

use jiff::Timestamp;
use numo_domain::id::OrgId;
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    store::{Created, Entity, Replaced, Store, Stored, keys},
};

/// A data key at rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DataKeyItem {
    /// The key that wrapped it.
    pub key_id: String,
    /// The wrapped key, base64.
    pub wrapped_key: String,
    /// Since when it is used.
    pub made_at: Timestamp,
}

impl Entity for DataKeyItem {
    const ENTITY: &'static str = "data_key";
}

impl Store {
    pub(crate) async fn data_key(&self, org: &OrgId) -> Result<Option<Stored<DataKeyItem>>, AppError> {
        self.read(&keys::vault::data_key(org)).await
    }

    /// Keeps a data key in place of the one that was seen; false if another one was kept meanwhile.
    pub(crate) async fn save_data_key(
        &self,
        org: &OrgId,
        seen: Option<&Stored<DataKeyItem>>,
        key: &DataKeyItem,
        now: Timestamp,
    ) -> Result<bool, AppError> {
        let at = keys::vault::data_key(org);
        Ok(match seen {
            Some(seen) => self.replace(at, seen, key, now).await? == Replaced::Replaced,
            None => self.create(at, key, now).await? == Created::Created,
        })
    }
}
