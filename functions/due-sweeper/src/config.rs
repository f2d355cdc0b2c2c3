//! The variables of this function.

use numo_app::job::QueueName;
use numo_runtime::{
    config::JobQueues,
    env::{ConfigError, Env},
};

/// What the sweeper needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `NUMO_TABLE`.
    pub table: String,
    /// The queue of every kind of work.
    pub queues: JobQueues,
}

impl Config {
    /// Reads them all.
    pub fn read(mut env: Env) -> Result<Self, ConfigError> {
        let table = env.required("NUMO_TABLE");
        let names = [QueueName::Sync, QueueName::Plan, QueueName::Dispatch, QueueName::Erasure];
        let queues = JobQueues::read(&mut env, &names);
        env.finish(|| Some(Self { table: table?, queues: queues? }))
    }
}
