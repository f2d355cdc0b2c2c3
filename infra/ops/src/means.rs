//! What the commands work with.

use std::{fmt, sync::Arc};

use numo_app::{
    error::AppError,
    number_key::NumberKeys,
    operator::OperatorPorts,
    port::{dead_letters::DeadLetters, stage_secret::StageSecret},
};
use numo_runtime::{env::Env, platform::Platform, secrets::number_keys};

use crate::Failure;

/// Ports of the commands; what a command does not need is not opened, and needs no permission.
pub(crate) struct Means {
    /// The table.
    pub(crate) operator: OperatorPorts,
    /// A copy of the table, with the same journal.
    copy: Option<OperatorPorts>,
    /// The keys of telephone numbers.
    number_keys: Option<NumberKeys>,
    /// What the queues gave up.
    dead_letters: Option<Arc<dyn DeadLetters>>,
    /// The secret of the stage.
    stage_secret: Option<Arc<dyn StageSecret>>,
}

impl fmt::Debug for Means {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Means")
    }
}

/// What a command needs besides the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// The pepper of the stage.
    NumberKeys,
    /// The queues of the stage, with those of dead letters.
    DeadLetters,
    /// The secret of the stage, to be changed.
    StageSecret,
}

impl Means {
    /// The table that the environment names, and what the command needs of its stage.
    pub(crate) async fn open(
        mut env: Env,
        platform: &Platform,
        (needs, copy): (&[Need], Option<&str>),
    ) -> Result<Self, Failure> {
        let (table, journal) = (env.required::<String>("NUMO_TABLE"), env.required::<String>("NUMO_JOURNAL"));
        let stage = if needs.is_empty() { None } else { env.required::<String>("NUMO_STAGE") };
        let (table, journal) = env.finish(|| Some((table?, journal?)))?;
        let ports =
            |table: &str| OperatorPorts { store: platform.store_with_journal(table, &journal), ids: platform.ids() };
        let (operator, copy) = (ports(&table), copy.map(ports));
        let mut means = Self { operator, copy, number_keys: None, dead_letters: None, stage_secret: None };
        for (need, stage) in needs.iter().zip(stage.iter().cycle()) {
            match need {
                Need::NumberKeys => {
                    let secrets = platform.secrets(&format!("numo/{stage}")).await?;
                    means.number_keys = Some(number_keys(&secrets)?);
                }
                Need::StageSecret => means.stage_secret = Some(platform.stage_secret(&format!("numo/{stage}"))),
                Need::DeadLetters => means.dead_letters = Some(platform.dead_letters(stage).await?),
            }
        }
        Ok(means)
    }

    /// The copy of the table.
    pub(crate) fn copy(&self) -> Result<&OperatorPorts, AppError> {
        self.copy.as_ref().ok_or_else(|| missing("a copy of the table"))
    }

    /// The keys of telephone numbers.
    pub(crate) fn number_keys(&self) -> Result<&NumberKeys, AppError> {
        self.number_keys.as_ref().ok_or_else(|| missing("the keys of numbers"))
    }

    /// What the queues gave up.
    pub(crate) fn dead_letters(&self) -> Result<&dyn DeadLetters, AppError> {
        self.dead_letters.as_deref().ok_or_else(|| missing("the dead letters"))
    }

    /// The secret of the stage.
    pub(crate) fn stage_secret(&self) -> Result<&dyn StageSecret, AppError> {
        self.stage_secret.as_deref().ok_or_else(|| missing("the secret"))
    }
}

fn missing(what: &str) -> AppError {
    AppError::Internal(format!("the command does not say that it needs {what}"))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::ops::Deref;

    use numo_app::store::Store;
    use numo_testkit::{
        counting_ids::CountingIds, memory_dead_letters::MemoryDeadLetters, memory_stage_secret::MemoryStageSecret,
        memory_table::MemoryTable,
    };

    use super::*;

    /// Everything that commands work with, in memory.
    pub(crate) struct Stage {
        means: Means,
        pub(crate) table: Arc<MemoryTable>,
        pub(crate) journal: Arc<MemoryTable>,
        pub(crate) dead_letters: Arc<MemoryDeadLetters>,
        pub(crate) stage_secret: Arc<MemoryStageSecret>,
    }

    impl Deref for Stage {
        type Target = Means;

        fn deref(&self) -> &Means {
            &self.means
        }
    }

    impl Stage {
        /// A stage in which nothing ever happened.
        pub(crate) fn new() -> Self {
            let (table, journal) = (Arc::new(MemoryTable::new()), Arc::new(MemoryTable::new()));
            let store = Store::with_journal(table.clone(), journal.clone());
            let dead_letters = Arc::new(MemoryDeadLetters::new());
            let secret = r#"{"pepper":"p","xero_client_secret":"s","xero_webhook_keys":["old-key"]}"#;
            let stage_secret = Arc::new(MemoryStageSecret::new(secret));
            let means = Means {
                operator: OperatorPorts { store, ids: Arc::new(CountingIds::new(1)) },
                copy: None,
                number_keys: NumberKeys::new(vec![7; 32]).ok(),
                dead_letters: Some(dead_letters.clone()),
                stage_secret: Some(stage_secret.clone()),
            };
            Self { means, table, journal, dead_letters, stage_secret }
        }

        /// Puts a copy of the table beside it.
        pub(crate) fn put_beside(&mut self, copy: Arc<MemoryTable>, journal: Arc<MemoryTable>) {
            let (store, ids) = (Store::with_journal(copy, journal), self.means.operator.ids.clone());
            self.means.copy = Some(OperatorPorts { store, ids });
        }
    }
}
