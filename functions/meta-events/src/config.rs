//! The variables of this function.

use numo_runtime::env::{ConfigError, Env};

/// What ingestion needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `NUMO_TABLE`.
    pub table: String,
    /// `NUMO_JOURNAL`.
    pub journal: String,
    /// `NUMO_SECRETS_ID`.
    pub secrets_id: String,
    /// `NUMO_BUS`.
    pub bus: String,
}

impl Config {
    /// Reads them all.
    pub fn read(mut env: Env) -> Result<Self, ConfigError> {
        let table = env.required("NUMO_TABLE");
        let journal = env.required("NUMO_JOURNAL");
        let secrets_id = env.required("NUMO_SECRETS_ID");
        let bus = env.required("NUMO_BUS");
        env.finish(|| Some(Self { table: table?, journal: journal?, secrets_id: secrets_id?, bus: bus? }))
    }
}
