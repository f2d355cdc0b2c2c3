//! The variables of this function.

use numo_app::job::QueueName;
use numo_runtime::{
    config::{JobQueues, LedgersConfig, MetaConfig},
    env::{ConfigError, Env},
};

/// What sending needs to know.
#[derive(Debug, Clone)]
pub struct Config {
    /// `NUMO_TABLE`.
    pub table: String,
    /// `NUMO_JOURNAL`.
    pub journal: String,
    /// `NUMO_VAULT_KEY`.
    pub vault_key: String,
    /// `NUMO_SECRETS_ID`.
    pub secrets_id: String,
    /// `NUMO_BUS`.
    pub bus: String,
    /// The queue of its own next pages.
    pub queues: JobQueues,
    /// Where the accounting systems live.
    pub ledgers: LedgersConfig,
    /// Where Meta lives.
    pub meta: MetaConfig,
}

impl Config {
    /// Reads them all.
    pub fn read(mut env: Env) -> Result<Self, ConfigError> {
        let table = env.required("NUMO_TABLE");
        let journal = env.required("NUMO_JOURNAL");
        let vault_key = env.required("NUMO_VAULT_KEY");
        let secrets_id = env.required("NUMO_SECRETS_ID");
        let bus = env.required("NUMO_BUS");
        let queues = JobQueues::read(&mut env, &[QueueName::Dispatch]);
        let ledgers = LedgersConfig::read(&mut env);
        let meta = MetaConfig::read(&mut env);
        env.finish(|| {
            Some(Self {
                table: table?,
                journal: journal?,
                vault_key: vault_key?,
                secrets_id: secrets_id?,
                bus: bus?,
                queues: queues?,
                ledgers: ledgers?,
                meta: meta?,
            })
        })
    }
}
