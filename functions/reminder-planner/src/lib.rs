#![doc = include_str!("../README.md")]

pub mod config;

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use numo_app::{
    check_organisation::{CheckPorts, Checked, check_organisation},
    error::AppError,
    job::{Job, Work},
    mail_owner::{MailPorts, Mailed, mail_owner},
    plan_day::plan_day,
};
use numo_runtime::sqs::{Done, message};

/// What it takes to plan, to mail, and to look after organisations.
#[derive(Debug, Clone)]
pub struct PlannerPorts {
    /// The table, the queue, the time, and what mails people.
    pub mail: MailPorts,
    /// Who tells whether an organisation is there.
    pub check: CheckPorts,
}

/// Works on one job of the queue.
pub async fn handle(ports: &PlannerPorts, job: Job, deadline: Timestamp) -> Result<Done, AppError> {
    let claim = message::claim(&job)?;
    let PlannerPorts { mail, check } = ports;
    match job.work {
        Work::CheckOrganisation {} => check_organisation(check, &job.org, claim, mail.clock.now()).await.map(checked),
        Work::PlanDay {} => {
            let Some(plan) = plan_day(&mail.waker, &job.org, claim, mail.clock.now()).await? else {
                return Ok(Done("nothing_to_plan"));
            };
            let (date, generation, sends, skips) = (plan.date, plan.generation, plan.sends, plan.skips);
            tracing::info!(%date, generation, sends, skips, "day planned");
            Ok(Done("planned"))
        }
        Work::MailOwner {} => mail_owner(mail, &job.org, claim, deadline).await.map(mailed),
        Work::SyncConnection { .. }
        | Work::UnlinkConnection { .. }
        | Work::EraseCustomer { .. }
        | Work::EraseOrganisation {}
        | Work::Export { .. }
        | Work::DispatchRun { .. }
        | Work::SettleDay { .. }
        | Work::SettleAttempt { .. }
        | Work::CheckAccount { .. }
        | Work::SendAnswer { .. }
        | Work::ManualSend { .. }
        | Work::TestMessage { .. } => Err(message::misplaced(&job)),
    }
}

const fn checked(outcome: Checked) -> Done {
    Done(match outcome {
        Checked::Present(0) => "present",
        Checked::Present(_) => "members_left",
        Checked::Missing => "missing",
        Checked::Held => "held",
        Checked::Ended => "ended",
        Checked::Refused => "refused",
        Checked::PassedOver => "passed_over",
        Checked::Postponed => "postponed",
        Checked::NoKey => "no_key",
        Checked::Unknown => "unknown",
        Checked::Stale => "stale",
    })
}

const fn mailed(outcome: Mailed) -> Done {
    Done(match outcome {
        Mailed::Sent(0) => "nothing_to_mail",
        Mailed::Sent(_) => "mailed",
        Mailed::Off => "off",
        Mailed::Stale => "stale",
    })
}
