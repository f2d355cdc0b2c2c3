//! Connected ledgers.

use jiff::Timestamp;
use numo_domain::{
    connection::Connection,
    id::{ConnectionId, OrgId},
};

use crate::{
    error::AppError,
    port::table::Source,
    store::{Entity, RACES, Replaced, Store, keys, lost_races},
};

impl Entity for Connection {
    const ENTITY: &'static str = "connection";
}

impl Store {
    /// One connection of the organisation.
    pub async fn connection(&self, org: &OrgId, connection: ConnectionId) -> Result<Option<Connection>, AppError> {
        Ok(self.revised_connection(org, connection).await?.map(|(connection, _)| connection))
    }

    /// The same with its revision.
    pub async fn revised_connection(
        &self,
        org: &OrgId,
        connection: ConnectionId,
    ) -> Result<Option<(Connection, u64)>, AppError> {
        Ok(self.read(&keys::connection(org, connection)).await?.map(|stored| (stored.value, stored.rev)))
    }

    /// All connections of the organisation.
    pub async fn connections(&self, org: &OrgId) -> Result<Vec<Connection>, AppError> {
        let source = Source::Table(keys::org_partition(org));
        let stored = self.list(source, keys::CONNECTIONS.to_owned()).await?;
        Ok(stored.into_iter().map(|stored| stored.value).collect())
    }

    /// Stores a connection that was just made or renewed.
    pub async fn save_connection(&self, org: &OrgId, connection: &Connection, now: Timestamp) -> Result<(), AppError> {
        self.put(keys::connection(org, connection.id), connection, now).await
    }

    /// Changes a connection that exists; an equal value writes nothing.
    pub async fn change_connection(
        &self,
        org: &OrgId,
        connection: ConnectionId,
        now: Timestamp,
        change: impl Fn(&mut Connection) + Send + Sync,
    ) -> Result<(), AppError> {
        let key = keys::connection(org, connection);
        for _ in 0..RACES {
            let Some(seen) = self.read::<Connection>(&key).await? else { return Ok(()) };
            self.is_expected(&key, seen.rev)?;
            let mut next = seen.value.clone();
            change(&mut next);
            if next == seen.value || self.replace(key.clone(), &seen, &next, now).await? == Replaced::Replaced {
                return Ok(());
            }
        }
        Err(lost_races())
    }
}
