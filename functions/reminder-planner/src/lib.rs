#![doc = include_str!("../README.md")]

pub mod config;

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use numo_app::{
    error::AppError,
    job::{Job, Work},
    mail_owner::{MailPorts, Mailed, mail_owner},
    plan_day::plan_day,
};
use numo_runtime::sqs::{Done, message};

/// Works on one job of the queue.
pub async fn handle(ports: &MailPorts, job: Job, deadline: Timestamp) -> Result<Done, AppError> {
    let claim = message::claim(&job)?;
    match job.work {
        Work::PlanDay {} => {
            let Some(plan) = plan_day(&ports.waker, &job.org, claim, ports.clock.now()).await? else {
                return Ok(Done("nothing_to_plan"));
            };
            let (date, generation, sends, skips) = (plan.date, plan.generation, plan.sends, plan.skips);
            tracing::info!(%date, generation, sends, skips, "day planned");
            Ok(Done("planned"))
        }
        Work::MailOwner {} => mail_owner(ports, &job.org, claim, deadline).await.map(mailed),
        Work::SyncConnection { .. }
        | Work::UnlinkConnection { .. }
        | Work::EraseCustomer { .. }
        | Work::DispatchRun { .. }
        | Work::SettleDay { .. }
        | Work::SettleAttempt { .. }
        | Work::CheckAccount { .. }
        | Work::SendAnswer { .. }
        | Work::ManualSend { .. }
        | Work::TestMessage { .. } => Err(message::misplaced(&job)),
    }
}

const fn mailed(outcome: Mailed) -> Done {
    Done(match outcome {
        Mailed::Sent(0) => "nothing_to_mail",
        Mailed::Sent(_) => "mailed",
        Mailed::Off => "off",
        Mailed::Stale => "stale",
    })
}
