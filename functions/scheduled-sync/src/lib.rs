#![doc = include_str!("../README.md")]

pub mod config;

#[cfg(test)]
mod tests;

use numo_app::{
    error::AppError,
    job::{Job, Work},
    sync_connection::{SyncPorts, Synced, sync_connection},
};
use numo_runtime::sqs::{Done, message};

/// Works on one job of the queue.
pub async fn handle(ports: &SyncPorts, job: Job) -> Result<Done, AppError> {
    let claim = message::claim(&job)?;
    let Work::SyncConnection { connection } = job.work else { return Err(message::misplaced(&job)) };
    match sync_connection(ports, &job.org, connection, claim).await? {
        Synced::Complete(run) => {
            tracing::info!(
                connection = %run.connection,
                run = %run.id,
                first = run.first,
                contacts_read = run.contacts_read,
                contacts_written = run.contacts_written,
                invoices_read = run.invoices_read,
                invoices_written = run.invoices_written,
                skipped = run.skipped,
                "ledger read"
            );
            Ok(Done("complete"))
        }
        Synced::Stale => Ok(Done("stale")),
        Synced::Postponed => Ok(Done("postponed")),
    }
}
