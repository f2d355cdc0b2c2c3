#![doc = include_str!("../README.md")]

pub mod config;

#[cfg(test)]
mod tests;

use numo_app::{
    error::AppError,
    port::clock::Clock,
    sweep_due::{Swept, sweep_due},
    wake::Waker,
};
use serde_json::Value;

/// Wakes everything that is due.
///
/// The event decides nothing, so that a late, doubled or hand-made one does no harm.
pub async fn handle(waker: &Waker, clock: &dyn Clock, event: &Value) -> Result<Swept, AppError> {
    let swept = sweep_due(waker, clock.now()).await?;
    let Swept { woken, lost, failed } = swept;
    // EventBridge Scheduler: the time that the call was planned for.
    let planned_for = event.get("time").and_then(Value::as_str);
    if failed == 0 {
        tracing::info!(planned_for, woken, lost, failed, "sweep done");
    } else {
        tracing::warn!(planned_for, woken, lost, failed, "sweep done, but not for every item");
    }
    Ok(swept)
}
