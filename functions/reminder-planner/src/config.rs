//! The variables of this function.

use numo_app::job::QueueName;
use numo_providers::http::base_url::BaseUrl;
use numo_runtime::{
    config::{JobQueues, MailConfig},
    env::{ConfigError, Env},
};

/// What the planner needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `NUMO_TABLE`.
    pub table: String,
    /// The queue of sending, which follows an approved plan.
    pub queues: JobQueues,
    /// `NUMO_SECRETS_ID`.
    pub secrets_id: String,
    /// `NUMO_CLERK_API_BASE`: Clerk's Backend API, which says who is there, and who is mailed.
    pub clerk_api: BaseUrl,
    /// What it takes to mail people; none where nobody is mailed.
    pub mail: Option<MailConfig>,
}

impl Config {
    /// Reads them all.
    pub fn read(mut env: Env) -> Result<Self, ConfigError> {
        let table = env.required("NUMO_TABLE");
        let queues = JobQueues::read(&mut env, &[QueueName::Dispatch]);
        let (secrets_id, clerk_api) = (env.required("NUMO_SECRETS_ID"), env.required("NUMO_CLERK_API_BASE"));
        let mail = MailConfig::read(&mut env);
        env.finish(|| {
            let (table, queues) = (table?, queues?);
            Some(Self { table, queues, secrets_id: secrets_id?, clerk_api: clerk_api?, mail })
        })
    }
}
