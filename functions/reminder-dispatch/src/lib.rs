#![doc = include_str!("../README.md")]

pub mod config;
pub mod counted;

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use numo_app::{
    add_sender::SenderPorts,
    check_account::{Checked, check_account},
    dispatch_run::{DispatchPorts, Dispatched, dispatch_run},
    error::AppError,
    job::{Job, Work},
    manual_send::{ManuallySent, manual_send},
    send_answer::{Answered, send_answer},
    settle_day::{Settled, settle_attempt, settle_day},
    test_message::{Tested, test_message},
};
use numo_runtime::sqs::{Done, message};

/// Works on one job of the queue; a run ends some time before the deadline and is woken again.
pub async fn handle(ports: &DispatchPorts, job: Job, deadline: Timestamp) -> Result<Done, AppError> {
    let claim = message::claim(&job)?;
    match job.work.clone() {
        Work::DispatchRun { date } => dispatch_run(ports, &job.org, date, claim, deadline).await.map(dispatched),
        Work::SettleDay { date } => {
            let now = ports.clock.now();
            settle_day(&ports.waker.store, &job.org, date, claim, now).await.map(settled)
        }
        Work::SettleAttempt { attempt } => {
            let now = ports.clock.now();
            settle_attempt(&ports.waker.store, &job.org, attempt, claim, now).await.map(settled)
        }
        Work::CheckAccount { waba } => {
            let DispatchPorts { waker, vault, account, clock, .. } = ports.clone();
            let ports = SenderPorts { waker, vault, account };
            check_account(&ports, &job.org, &waba, claim, clock.now()).await.map(checked)
        }
        Work::SendAnswer { attempt } => send_answer(ports, &job.org, attempt, claim).await.map(answered),
        Work::ManualSend { id } => manual_send(ports, &job.org, id, claim, deadline).await.map(sent_manually),
        Work::TestMessage { id } => test_message(ports, &job.org, id, claim).await.map(tested),
        Work::SyncConnection { .. }
        | Work::UnlinkConnection { .. }
        | Work::EraseCustomer { .. }
        | Work::EraseOrganisation {}
        | Work::Export { .. }
        | Work::PlanDay {}
        | Work::CheckOrganisation {}
        | Work::MailOwner {} => Err(message::misplaced(&job)),
    }
}

const fn dispatched(outcome: Dispatched) -> Done {
    Done(match outcome {
        Dispatched::Finished => "finished",
        Dispatched::Continued => "continued",
        Dispatched::Postponed => "postponed",
        Dispatched::NotToday => "not_today",
        Dispatched::Stale => "stale",
    })
}

const fn settled(outcome: Settled) -> Done {
    Done(match outcome {
        Settled::Done => "settled",
        Settled::Later => "later",
        Settled::Stale => "stale",
    })
}

const fn answered(outcome: Answered) -> Done {
    Done(match outcome {
        Answered::Done => "answered",
        Answered::Postponed => "postponed",
        Answered::Stale => "stale",
    })
}

const fn sent_manually(outcome: ManuallySent) -> Done {
    Done(match outcome {
        ManuallySent::Done => "sent_manually",
        ManuallySent::Postponed => "postponed",
        ManuallySent::Stale => "stale",
    })
}

const fn tested(outcome: Tested) -> Done {
    Done(match outcome {
        Tested::Done => "tested",
        Tested::Postponed => "postponed",
        Tested::Stale => "stale",
    })
}

const fn checked(outcome: Checked) -> Done {
    Done(match outcome {
        Checked::Done => "checked",
        Checked::Postponed => "postponed",
        Checked::Stale => "stale",
    })
}
