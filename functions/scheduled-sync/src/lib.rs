#![doc = include_str!("../README.md")]

pub mod config;

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use numo_app::{
    disconnect_ledger::{Unlinked, unlink_connection},
    erase_customer::{Erasing, erase_customer},
    error::AppError,
    job::{Job, Work},
    store::sync::{SyncKind, SyncRun},
    sync_connection::{SyncPorts, Synced, sync_connection},
};
use numo_runtime::sqs::{Done, message};

/// Works on one job of the queue; a sync ends some time before the deadline and is woken again.
pub async fn handle(ports: &SyncPorts, job: Job, deadline: Timestamp) -> Result<Done, AppError> {
    let claim = message::claim(&job)?;
    match job.work {
        Work::SyncConnection { connection } => {
            sync_connection(ports, &job.org, connection, claim, deadline).await.map(synced)
        }
        Work::UnlinkConnection { connection } => {
            let now = ports.clock.now();
            unlink_connection(&ports.waker, &ports.vault, &job.org, connection, claim, now).await.map(unlinked)
        }
        Work::EraseCustomer { connection, contact } => {
            let (store, now) = (&ports.waker.store, ports.clock.now());
            let customer = (connection, contact);
            erase_customer(store, &ports.number_keys, &job.org, customer, claim, now).await.map(erased)
        }
        Work::CheckOrganisation {}
        | Work::EraseOrganisation {}
        | Work::Export { .. }
        | Work::PlanDay {}
        | Work::MailOwner {}
        | Work::DispatchRun { .. }
        | Work::SettleDay { .. }
        | Work::SettleAttempt { .. }
        | Work::CheckAccount { .. }
        | Work::SendAnswer { .. }
        | Work::ManualSend { .. }
        | Work::TestMessage { .. } => Err(message::misplaced(&job)),
    }
}

fn synced(outcome: Synced) -> Done {
    Done(match outcome {
        Synced::Complete(run) => {
            tell(&run);
            "complete"
        }
        Synced::Continued => "continued",
        Synced::Stale => "stale",
        Synced::Postponed => "postponed",
    })
}

const fn unlinked(outcome: Unlinked) -> Done {
    Done(match outcome {
        Unlinked::Done => "unlinked",
        Unlinked::Postponed => "postponed",
        Unlinked::Stale => "stale",
    })
}

const fn erased(outcome: Erasing) -> Done {
    Done(match outcome {
        Erasing::Done => "erased",
        Erasing::Again => "again",
        Erasing::Stale => "stale",
    })
}

/// One line about a run that read to its last page.
fn tell(run: &SyncRun) {
    let kind = match run.kind {
        SyncKind::First => "first",
        SyncKind::Changes => "changes",
        SyncKind::Sweep => "sweep",
    };
    tracing::info!(
        connection = %run.connection,
        run = %run.id,
        kind,
        calls = run.calls,
        contacts_read = run.contacts_read,
        contacts_written = run.contacts_written,
        invoices_read = run.invoices_read,
        invoices_written = run.invoices_written,
        money_read = run.money_read,
        money_written = run.money_written,
        skipped = run.skipped,
        "ledger read"
    );
}
