//! The variables of this function.

use numo_app::job::QueueName;
use numo_providers::http::base_url::BaseUrl;
use numo_runtime::{
    config::{JobQueues, LedgersConfig, MetaConfig},
    env::{ConfigError, Env},
};

/// What erasing needs to know.
#[derive(Debug, Clone)]
pub struct Config {
    /// `NUMO_TABLE`.
    pub table: String,
    /// `NUMO_JOURNAL`.
    pub journal: String,
    /// `NUMO_EXPORTS`: the bucket of archives.
    pub exports: String,
    /// `NUMO_VAULT_KEY`.
    pub vault_key: String,
    /// `NUMO_SECRETS_ID`.
    pub secrets_id: String,
    /// The queue of its own next part.
    pub queues: JobQueues,
    /// Where the accounting systems live.
    pub ledgers: LedgersConfig,
    /// Where Meta lives.
    pub meta: MetaConfig,
    /// `NUMO_CLERK_API_BASE`.
    pub clerk_api: BaseUrl,
}

impl Config {
    /// Reads them all.
    pub fn read(mut env: Env) -> Result<Self, ConfigError> {
        let (table, journal) = (env.required("NUMO_TABLE"), env.required("NUMO_JOURNAL"));
        let exports = env.required("NUMO_EXPORTS");
        let (vault_key, secrets_id) = (env.required("NUMO_VAULT_KEY"), env.required("NUMO_SECRETS_ID"));
        let queues = JobQueues::read(&mut env, &[QueueName::Erasure]);
        let (ledgers, meta) = (LedgersConfig::read(&mut env), MetaConfig::read(&mut env));
        let clerk_api = env.required("NUMO_CLERK_API_BASE");
        env.finish(|| {
            Some(Self {
                table: table?,
                journal: journal?,
                exports: exports?,
                vault_key: vault_key?,
                secrets_id: secrets_id?,
                queues: queues?,
                ledgers: ledgers?,
                meta: meta?,
                clerk_api: clerk_api?,
            })
        })
    }
}
