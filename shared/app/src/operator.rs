//! What Numo's operators do to organisations: each of it is in an activity log, with their name and their reason.

pub mod connections;
pub mod cost;
pub mod dead_letters;
pub mod explain;
pub mod rotate;

use std::{fmt, sync::Arc};

use jiff::{Timestamp, civil::Date};
use numo_domain::{
    id::{ActivityId, OperatorId, OrgId},
    organisation::{Organisation, Pause, PausedBy},
};
use serde_json::json;

use crate::{
    error::AppError,
    port::clock::Ids,
    store::{
        Store,
        activity::{Activity, Actor},
        messaging_gate::{MessagingGate, OperatorStop},
    },
};

/// What operators need.
pub struct OperatorPorts {
    /// The table.
    pub store: Store,
    /// Ids of lines in activity logs.
    pub ids: Arc<dyn Ids>,
}

impl fmt::Debug for OperatorPorts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OperatorPorts")
    }
}

/// Whose sending is meant, and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// It stands still.
    Stop {
        /// The first day on which an organisation goes on by itself; none if an operator ends it.
        until: Option<Date>,
    },
    /// What the operators stopped goes on; a pause of the organisation's own people stays.
    GoOn,
}

/// Stops one organisation, or lets it go on; its people can neither lift nor shorten that.
pub async fn order_one(
    ports: &OperatorPorts,
    org: &OrgId,
    (by, reason): (&OperatorId, &str),
    order: &Order,
    now: Timestamp,
) -> Result<Organisation, AppError> {
    let reason = checked(reason)?;
    let before = ports.store.known_organisation(org).await?.ok_or(AppError::NotFound("organisation"))?;
    let today = before.zone.date(now);
    if let Order::Stop { until: Some(until) } = order
        && *until <= today
    {
        return Err(AppError::invalid("until", format!("a day after {today} is needed, or none at all")));
    }
    // First the line: an order that dies half way is in the log, and is given again.
    let (action, detail) = match order {
        Order::Stop { until } => ("everything.stopped", json!({"reason": reason, "until": until})),
        Order::GoOn => ("everything.let_go_on", json!({"reason": reason})),
    };
    let activity = activity(by, action, detail, now);
    ports.store.record(org, ActivityId::new(ports.ids.uuid()), &activity).await?;
    let after = ports
        .store
        .change_organisation(org, now, |organisation| {
            let standing = organisation.operator_pause.take().filter(|pause| pause.holds_on(today));
            organisation.operator_pause = match order {
                Order::Stop { until } => {
                    let since = standing.map_or(now, |pause| pause.since);
                    Some(Pause { since, by: PausedBy::Operator, until: *until })
                }
                Order::GoOn => None,
            };
        })
        .await?;
    Ok(after)
}

/// Stops all sending of all organisations within ten seconds, or lets it go on within five minutes.
///
/// Nothing is taken back for it: what was planned goes out on the same day, if its hours are not over by then.
pub async fn order_everybody(
    ports: &OperatorPorts,
    (by, reason): (&OperatorId, &str),
    order: &Order,
    now: Timestamp,
) -> Result<MessagingGate, AppError> {
    let reason = checked(reason)?;
    let stop = match order {
        Order::Stop { until: Some(_) } => {
            return Err(AppError::invalid("until", "days differ between organisations; this ends by hand"));
        }
        Order::Stop { until: None } => Some(OperatorStop { since: now, by: by.clone(), reason: reason.to_owned() }),
        Order::GoOn => None,
    };
    let action = if stop.is_some() { "everybody.stopped" } else { "everybody.let_go_on" };
    let activity = activity(by, action, json!({"reason": reason}), now);
    ports.store.record_operation(ActivityId::new(ports.ids.uuid()), &activity).await?;
    // A stop that stands keeps who made it, and when.
    let change = |gate: &mut MessagingGate| gate.stop = stop.clone().and_then(|stop| gate.stop.take().or(Some(stop)));
    let gate = ports.store.change_messaging_gate(now, change).await?;
    Ok(gate)
}

pub(crate) fn activity(by: &OperatorId, action: &str, detail: serde_json::Value, now: Timestamp) -> Activity {
    Activity { at: now, actor: Actor::Operator(by.clone()), action: action.to_owned(), detail }
}

/// Longest reason, in characters.
const MAX_REASON: usize = 200;

pub(crate) fn checked(reason: &str) -> Result<&str, AppError> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > MAX_REASON || reason.chars().any(char::is_control) {
        return Err(AppError::invalid("reason", format!("1 to {MAX_REASON} characters in one line")));
    }
    Ok(reason)
}
