//! The variables of this function.

use numo_app::job::QueueName;
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
    /// What it takes to mail people; none where nobody is mailed.
    pub mail: Option<MailConfig>,
}

impl Config {
    /// Reads them all.
    pub fn read(mut env: Env) -> Result<Self, ConfigError> {
        let table = env.required("NUMO_TABLE");
        let queues = JobQueues::read(&mut env, &[QueueName::Dispatch]);
        let mail = MailConfig::read(&mut env);
        env.finish(|| Some(Self { table: table?, queues: queues?, mail }))
    }
}
