//! Rate gates: until when a ledger is to be left alone, and why.

use jiff::Timestamp;
use numo_domain::{
    connection::LedgerProvider,
    id::{ConnectionId, OrgId},
};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    port::{ledger::Limit, table::Key},
    store::{Entity, Store, keys},
};

/// A closed gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// No call before this.
    pub parked_until: Timestamp,
    /// Which limit was reached.
    pub limit: Limit,
    /// How often in a row, without a good answer in between.
    pub times: u32,
    /// Since when the row lasts.
    pub since: Timestamp,
}

impl Entity for Gate {
    const ENTITY: &'static str = "gate";
}

/// Whom a limit stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gated<'a> {
    /// One connection.
    Connection(&'a OrgId, ConnectionId),
    /// Every connection of a provider: the limit is our app's.
    App(LedgerProvider),
}

impl Gated<'_> {
    fn key(&self) -> Key {
        match self {
            Self::Connection(org, connection) => keys::gate::of_connection(org, *connection),
            Self::App(provider) => keys::gate::of_app(*provider),
        }
    }
}

impl Store {
    /// Several gates in one call, as they were last closed; they may be open again.
    pub(crate) async fn read_gates(&self, gated: &[Gated<'_>]) -> Result<Vec<Gate>, AppError> {
        let keys: Vec<Key> = gated.iter().map(Gated::key).collect();
        Ok(self.read_many(&keys).await?.into_iter().map(|(_, stored)| stored.value).collect())
    }

    pub(crate) async fn read_gate(&self, gated: &Gated<'_>) -> Result<Option<Gate>, AppError> {
        Ok(self.read(&gated.key()).await?.map(|stored| stored.value))
    }

    pub(crate) async fn close_gate(&self, gated: &Gated<'_>, gate: &Gate, now: Timestamp) -> Result<(), AppError> {
        self.put(gated.key(), gate, now).await
    }

    pub(crate) async fn remove_gate(&self, gated: &Gated<'_>) -> Result<(), AppError> {
        self.delete::<Gate>(gated.key()).await
    }
}
