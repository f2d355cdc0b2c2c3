#![doc = include_str!("../README.md")]

pub mod config;

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use numo_app::{
    error::AppError,
    job::{Job, Work},
    plan_day::plan_day,
    wake::Waker,
};
use numo_runtime::sqs::{Done, message};

/// Works on one job of the queue.
pub async fn handle(waker: &Waker, job: Job, now: Timestamp) -> Result<Done, AppError> {
    let claim = message::claim(&job)?;
    let Work::PlanDay {} = job.work else { return Err(message::misplaced(&job)) };
    let Some(plan) = plan_day(waker, &job.org, claim, now).await? else { return Ok(Done("nothing_to_plan")) };
    tracing::info!(date = %plan.date, generation = plan.generation, sends = plan.sends, skips = plan.skips, "day planned");
    Ok(Done("planned"))
}
