//! Stopping what goes out, and letting it go on.

use clap::Args;
use jiff::{Timestamp, civil::Date};
use numo_app::{
    error::AppError,
    operator::{OperatorPorts, Order, order_everybody, order_one},
};
use numo_domain::id::OrgId;

use crate::command::Signed;

#[derive(Debug, Args)]
pub(crate) struct Stop {
    #[command(flatten)]
    whose: Whose,
    /// The first day on which the organisation goes on by itself; without it an operator ends the stop
    #[arg(long, value_name = "YYYY-MM-DD", conflicts_with = "everybody")]
    until: Option<Date>,
}

#[derive(Debug, Args)]
pub(crate) struct GoOn {
    #[command(flatten)]
    whose: Whose,
}

#[derive(Debug, Args)]
struct Whose {
    /// One organisation, by its id
    #[arg(long, value_name = "ORG", required_unless_present = "everybody", conflicts_with = "everybody")]
    organisation: Option<OrgId>,
    /// Every organisation
    #[arg(long)]
    everybody: bool,
    #[command(flatten)]
    signed: Signed,
}

pub(crate) async fn stop(ports: &OperatorPorts, stop: &Stop, now: Timestamp) -> Result<String, AppError> {
    order(ports, &stop.whose, &Order::Stop { until: stop.until }, now).await
}

pub(crate) async fn go_on(ports: &OperatorPorts, go_on: &GoOn, now: Timestamp) -> Result<String, AppError> {
    order(ports, &go_on.whose, &Order::GoOn, now).await
}

async fn order(ports: &OperatorPorts, whose: &Whose, order: &Order, now: Timestamp) -> Result<String, AppError> {
    let signed = whose.signed.both();
    let Some(org) = &whose.organisation else {
        order_everybody(ports, signed, order, now).await?;
        return show(ports, now).await;
    };
    let organisation = order_one(ports, org, signed, order, now).await?;
    let today = organisation.zone.date(now);
    Ok(match (&organisation.operator_pause, organisation.pause_on(today)) {
        (Some(stop), _) => match stop.until {
            Some(until) => format!("{org} is stopped until {until}."),
            None => format!("{org} is stopped."),
        },
        (None, Some(_)) => format!("{org} is not stopped any more; its own people paused it."),
        (None, None) => format!("{org} goes on."),
    })
}

pub(crate) async fn show(ports: &OperatorPorts, now: Timestamp) -> Result<String, AppError> {
    let gate = ports.store.messaging_gate().await?;
    if ports.store.is_restored(&gate) {
        return Ok("This table was restored from a backup: nothing goes out before it is taken over.".to_owned());
    }
    let stopped = match gate.stop {
        Some(stop) => format!("Everybody is stopped since {} by {}: {}", stop.since, stop.by, stop.reason),
        None => "Nobody is stopped as a whole.".to_owned(),
    };
    let parked = gate.parked_until.filter(|until| *until > now);
    Ok(parked.map_or(stopped.clone(), |until| format!("{stopped}\nMeta wants no message from our app before {until}.")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        command::tests::{is_refused, now, says},
        means::tests::Stage,
    };

    #[test]
    fn whoever_stops_says_whom_and_who_they_are_and_why() {
        for words in [
            "stop --by ann --reason why",
            "stop --everybody --organisation org_a --by ann --reason why",
            "stop --everybody --by ann",
            "stop --everybody --until 2026-12-01 --by ann --reason why",
            "stop --organisation org_a --until tomorrow --by ann --reason why",
            "go-on --everybody --until 2026-12-01 --by ann --reason why",
        ] {
            assert!(is_refused(words), "{words}");
        }
    }

    #[tokio::test]
    async fn everybody_is_stopped_and_let_go_on() {
        let means = Stage::new();
        assert_eq!(says(&means, "show").await, "Nobody is stopped as a whole.");
        let stopped = "Everybody is stopped since 2026-11-24T06:00:00Z by ann: outage";
        assert_eq!(says(&means, "stop --everybody --by ann --reason outage").await, stopped);
        assert_eq!(says(&means, "stop --everybody --by bob --reason as-well").await, stopped);
        assert_eq!(says(&means, "go-on --everybody --by bob --reason over").await, "Nobody is stopped as a whole.");
    }

    #[tokio::test]
    async fn one_organisation_is_stopped_and_let_go_on() {
        let means = Stage::new();
        let org: OrgId = "org_a".parse().unwrap();
        let store = &means.operator.store;
        store.change_organisation(&org, now(), |profile| profile.name = "Harbour".to_owned()).await.unwrap();
        let stop = "stop --organisation org_a --by ann --reason complaint";
        assert_eq!(says(&means, stop).await, "org_a is stopped.");
        assert_eq!(says(&means, &format!("{stop} --until 2026-12-01")).await, "org_a is stopped until 2026-12-01.");
        assert_eq!(says(&means, "go-on --organisation org_a --by ann --reason over").await, "org_a goes on.");
    }
}
