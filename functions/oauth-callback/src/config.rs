//! The variables of this function.

use numo_app::job::QueueName;
use numo_runtime::{
    config::{ClerkConfig, JobQueues, LedgersConfig, PublicUrl},
    env::{ConfigError, Env},
};

/// What connecting needs to know.
#[derive(Debug, Clone)]
pub struct Config {
    /// `NUMO_TABLE`.
    pub table: String,
    /// `NUMO_VAULT_KEY`.
    pub vault_key: String,
    /// `NUMO_SECRETS_ID`.
    pub secrets_id: String,
    /// The queue of the first sync.
    pub queues: JobQueues,
    /// `NUMO_PUBLIC_URL`.
    pub public_url: PublicUrl,
    /// Whose sessions count.
    pub clerk: ClerkConfig,
    /// Where the accounting systems live.
    pub ledgers: LedgersConfig,
}

impl Config {
    /// Reads them all.
    pub fn read(mut env: Env) -> Result<Self, ConfigError> {
        let table = env.required("NUMO_TABLE");
        let vault_key = env.required("NUMO_VAULT_KEY");
        let secrets_id = env.required("NUMO_SECRETS_ID");
        let queues = JobQueues::read(&mut env, &[QueueName::Sync]);
        let public_url = PublicUrl::read(&mut env);
        let clerk = ClerkConfig::read(&mut env);
        let ledgers = LedgersConfig::read(&mut env);
        env.finish(|| {
            Some(Self {
                table: table?,
                vault_key: vault_key?,
                secrets_id: secrets_id?,
                queues: queues?,
                public_url: public_url?,
                clerk: clerk?,
                ledgers: ledgers?,
            })
        })
    }
}
