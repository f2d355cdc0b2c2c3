//! Records that could not be read, kept until they can, so that the owner can put them right.

use jiff::Timestamp;
use numo_domain::id::{ConnectionId, OrgId};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    port::{
        ledger::record::{RecordKind, SkippedRow},
        table::{Order, Source},
    },
    store::{
        Created, Entity, Store, keys,
        part::{Part, Parted},
    },
};

/// A record of the ledger that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnreadableRecord {
    /// What it is.
    pub kind: RecordKind,
    /// The ledger's id.
    pub id: String,
    /// The number printed on it, where it has one.
    pub number: Option<String>,
    /// What is wrong, without values.
    pub reason: String,
}

impl Entity for UnreadableRecord {
    const ENTITY: &'static str = "unreadable_record";
}

impl Store {
    /// What cannot be read of a connection.
    pub async fn unreadable_records(
        &self,
        org: &OrgId,
        connection: ConnectionId,
    ) -> Result<Vec<UnreadableRecord>, AppError> {
        let source = Source::Table(keys::org_partition(org));
        let stored = self.list(source, keys::unreadable_records(connection)).await?;
        Ok(stored.into_iter().map(|stored| stored.value).collect())
    }

    /// The same, part by part.
    pub async fn unreadable_part(
        &self,
        org: &OrgId,
        connection: ConnectionId,
        part: &Part,
    ) -> Result<Parted<UnreadableRecord>, AppError> {
        let prefix = keys::unreadable_records(connection);
        self.list_part(keys::org_partition(org), prefix, Order::Ascending, part).await
    }

    /// Keeps a row that could not be read; one without an id can only be counted.
    pub(crate) async fn keep_unreadable(
        &self,
        org: &OrgId,
        connection: ConnectionId,
        row: &SkippedRow,
        now: Timestamp,
    ) -> Result<(), AppError> {
        let Some(id) = &row.id else { return Ok(()) };
        let record = UnreadableRecord {
            kind: row.kind,
            id: id.to_string(),
            number: row.number.clone(),
            reason: row.reason.clone(),
        };
        let key = keys::unreadable_record(org, connection, row.kind, id.as_str());
        if self.create(key.clone(), &record, now).await? == Created::AlreadyExists {
            self.put(key, &record, now).await?;
        }
        Ok(())
    }

    /// Forgets a record that can be read again.
    pub(crate) async fn forget_unreadable(
        &self,
        org: &OrgId,
        connection: ConnectionId,
        kind: RecordKind,
        id: &str,
    ) -> Result<(), AppError> {
        self.delete::<UnreadableRecord>(keys::unreadable_record(org, connection, kind, id)).await
    }
}
