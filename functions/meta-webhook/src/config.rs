//! The variables of this function.

use numo_runtime::{
    config::PublicUrl,
    env::{ConfigError, Env},
};

/// What the webhook needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `NUMO_SECRETS_ID`.
    pub secrets_id: String,
    /// `NUMO_QUEUE_META`.
    pub queue_meta: String,
    /// `NUMO_PUBLIC_URL`.
    pub public_url: PublicUrl,
}

impl Config {
    /// Reads them all.
    pub fn read(mut env: Env) -> Result<Self, ConfigError> {
        let secrets_id = env.required("NUMO_SECRETS_ID");
        let queue_meta = env.required("NUMO_QUEUE_META");
        let public_url = PublicUrl::read(&mut env);
        env.finish(|| Some(Self { secrets_id: secrets_id?, queue_meta: queue_meta?, public_url: public_url? }))
    }
}
