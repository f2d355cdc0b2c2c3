//! The variables of this function.

use numo_runtime::{
    config::PublicUrl,
    env::{ConfigError, Env},
};

/// What the webhook needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `NUMO_TABLE`.
    pub table: String,
    /// `NUMO_SECRETS_ID`.
    pub secrets_id: String,
    /// `NUMO_PUBLIC_URL`.
    pub public_url: PublicUrl,
}

impl Config {
    /// Reads them all.
    pub fn read(mut env: Env) -> Result<Self, ConfigError> {
        let table = env.required("NUMO_TABLE");
        let secrets_id = env.required("NUMO_SECRETS_ID");
        let public_url = PublicUrl::read(&mut env);
        env.finish(|| Some(Self { table: table?, secrets_id: secrets_id?, public_url: public_url? }))
    }
}
