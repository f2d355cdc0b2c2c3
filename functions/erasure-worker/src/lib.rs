#![doc = include_str!("../README.md")]

pub mod config;

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use numo_app::{
    erase_organisation::run::{Erasing, ErasurePorts, erase_organisation},
    error::AppError,
    export::run::{Exporting, make_export},
    job::{Job, Work},
};
use numo_runtime::sqs::{Done, message};

/// Works on one job of the queue; what is left near the deadline is woken again.
pub async fn handle(ports: &ErasurePorts, job: Job, deadline: Timestamp) -> Result<Done, AppError> {
    let claim = message::claim(&job)?;
    match job.work {
        Work::EraseOrganisation {} => erase_organisation(ports, &job.org, claim, deadline).await.map(erased),
        Work::Export { id } => make_export(&ports.exports, (&job.org, id), claim, deadline).await.map(exported),
        Work::SyncConnection { .. }
        | Work::UnlinkConnection { .. }
        | Work::EraseCustomer { .. }
        | Work::CheckOrganisation {}
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

const fn erased(outcome: Erasing) -> Done {
    Done(match outcome {
        Erasing::Done => "erased",
        Erasing::Continued => "continued",
        Erasing::Waits => "waits",
        Erasing::Stale => "stale",
    })
}

const fn exported(outcome: Exporting) -> Done {
    Done(match outcome {
        Exporting::Ready => "ready",
        Exporting::Continued => "continued",
        Exporting::Failed => "failed",
        Exporting::Withdrawn => "withdrawn",
        Exporting::Stale => "stale",
    })
}
