//! The variables of this function.

use numo_app::job::QueueName;
use numo_runtime::{
    config::JobQueues,
    env::{ConfigError, Env},
};

/// What the planner needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `NUMO_TABLE`.
    pub table: String,
    /// The queue of sending, which follows an approved plan.
    pub queues: JobQueues,
}

impl Config {
    /// Reads them all.
    pub fn read(mut env: Env) -> Result<Self, ConfigError> {
        let table = env.required("NUMO_TABLE");
        let queues = JobQueues::read(&mut env, &[QueueName::Dispatch]);
        env.finish(|| Some(Self { table: table?, queues: queues? }))
    }
}
