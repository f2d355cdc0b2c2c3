//! The commands, and what they say.

use clap::{Args, Parser, Subcommand};
use jiff::{Timestamp, civil::Date};
use numo_app::{
    erase_organisation::by_operator::order_erasure,
    error::AppError,
    operator::{OperatorPorts, Order, order_everybody, order_one},
    restored_table::{TakenOver, take_over},
    seal_activity::{Verified, verify_activity},
    store::erasure::organisation::OrganisationErasure,
};
use numo_domain::id::{OperatorId, OrgId};

/// What an operator wants.
#[derive(Debug, Parser)]
#[command(name = "numo-ops", version, about = ABOUT)]
pub(crate) struct Command {
    #[command(subcommand)]
    action: Action,
}

const ABOUT: &str = "What Numo's operators do by hand; the table is NUMO_TABLE's, its journal NUMO_JOURNAL's, the account that of AWS_REGION and the AWS keys";

#[derive(Debug, Subcommand)]
enum Action {
    /// Let nothing go out, within ten seconds
    Stop {
        #[command(flatten)]
        whose: Whose,
        /// The first day on which the organisation goes on by itself; without it an operator ends the stop
        #[arg(long, value_name = "YYYY-MM-DD", conflicts_with = "everybody")]
        until: Option<Date>,
    },
    /// Let what operators stopped go on; a pause of the organisation's own people stays
    GoOn {
        #[command(flatten)]
        whose: Whose,
    },
    /// Take a table into use that was restored from a backup; until then nothing goes out from it
    TakeOver {
        /// The moment that the table was restored to
        #[arg(long, value_name = "YYYY-MM-DDThh:mm:ssZ")]
        restored_to: Timestamp,
        /// Who you are, for the activity log
        #[arg(long, env = "NUMO_OPERATOR", value_name = "NAME")]
        by: OperatorId,
        /// Why, for the activity log; no personal data
        #[arg(long)]
        reason: String,
    },
    /// Erase everything of an organisation: at once if Clerk was found not to know it, else after seven days in which its admins can withdraw it
    Erase {
        /// The organisation, by its id
        #[arg(long, value_name = "ORG")]
        organisation: OrgId,
        /// Who you are, for the activity log
        #[arg(long, env = "NUMO_OPERATOR", value_name = "NAME")]
        by: OperatorId,
        /// Why, for the activity log; no personal data
        #[arg(long)]
        reason: String,
    },
    /// Find out whether the activity log of an organisation is what was sealed day by day
    VerifyActivity {
        /// The organisation, by its id
        #[arg(long, value_name = "ORG")]
        organisation: OrgId,
    },
    /// Say whether everybody is stopped
    Show,
}

#[derive(Debug, Args)]
struct Whose {
    /// One organisation, by its id
    #[arg(long, value_name = "ORG", required_unless_present = "everybody", conflicts_with = "everybody")]
    organisation: Option<OrgId>,
    /// Every organisation
    #[arg(long)]
    everybody: bool,
    /// Who you are, for the activity log
    #[arg(long, env = "NUMO_OPERATOR", value_name = "NAME")]
    by: OperatorId,
    /// Why, for the activity log; no personal data
    #[arg(long)]
    reason: String,
}

impl Command {
    /// What has to be typed before it is carried out, as a question; nothing for what can be taken back.
    pub(crate) fn question(&self) -> Option<String> {
        match &self.action {
            Action::Erase { organisation, .. } => {
                Some(format!("Everything of {organisation} is going to be erased. Type its id to go on: "))
            }
            Action::Stop { .. }
            | Action::GoOn { .. }
            | Action::TakeOver { .. }
            | Action::VerifyActivity { .. }
            | Action::Show => None,
        }
    }
}

/// Carries a command out, with what was typed to the question; what to tell whoever gave it.
pub(crate) async fn carry_out(
    ports: &OperatorPorts,
    command: Command,
    typed: &str,
    now: Timestamp,
) -> Result<String, AppError> {
    match command.action {
        Action::Stop { whose, until } => order(ports, &whose, &Order::Stop { until }, now).await,
        Action::GoOn { whose } => order(ports, &whose, &Order::GoOn, now).await,
        Action::TakeOver { restored_to, by, reason } => {
            let TakenOver { replayed, erased, organisations, lost } =
                take_over(ports, (&by, &reason), restored_to, now).await?;
            let from = lost.from;
            Ok(format!(
                "{replayed} changes of consents were said again, {erased} customers and {organisations} organisations are erased again; nothing due between {from} and today goes out."
            ))
        }
        Action::Erase { organisation, by, reason } => {
            let erasure = order_erasure(ports, &organisation, (&by, &reason), typed, now).await?;
            Ok(erased(&erasure))
        }
        Action::VerifyActivity { organisation } => verify(ports, &organisation).await,
        Action::Show => show(ports, now).await,
    }
}

async fn order(ports: &OperatorPorts, whose: &Whose, order: &Order, now: Timestamp) -> Result<String, AppError> {
    let signed = (&whose.by, whose.reason.as_str());
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

fn erased(erasure: &OrganisationErasure) -> String {
    let OrganisationErasure { org, begins_at, asked_at, .. } = erasure;
    if erasure.has_begun() || erasure.is_gone_at_clerk {
        return format!(
            "Clerk does not know {org}, or its erasure has begun: it cannot be withdrawn. Asked for at {asked_at}."
        );
    }
    format!(
        "Nothing goes out for {org}; its erasure begins at {begins_at}. Its admins are told, and can withdraw it. Asked for at {asked_at}."
    )
}

async fn verify(ports: &OperatorPorts, org: &OrgId) -> Result<String, AppError> {
    Ok(match verify_activity(&ports.store, org).await? {
        Verified::Intact { days: 0, .. } => format!("Nothing of {org} is sealed yet."),
        Verified::Intact { days, lines } => format!("{lines} lines on {days} days of {org} are what was sealed."),
        Verified::Broken { day } => format!("The log of {org} is not what was sealed, from {day} on."),
    })
}

async fn show(ports: &OperatorPorts, now: Timestamp) -> Result<String, AppError> {
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
    use std::sync::Arc;

    use numo_app::{seal_activity::seal_days, store::Store};
    use numo_testkit::{counting_ids::CountingIds, memory_table::MemoryTable};

    use super::*;

    fn ports() -> OperatorPorts {
        OperatorPorts { store: Store::new(Arc::new(MemoryTable::new())), ids: Arc::new(CountingIds::new(1)) }
    }

    fn now() -> Timestamp {
        "2026-11-24T06:00:00Z".parse().unwrap()
    }

    async fn says(ports: &OperatorPorts, words: &str) -> String {
        let words = ["numo-ops"].into_iter().chain(words.split(' '));
        carry_out(ports, Command::try_parse_from(words).unwrap(), "", now()).await.unwrap()
    }

    #[tokio::test]
    async fn what_is_erased_for_good_asks_for_its_id_and_nothing_else_asks() {
        let ports = ports();
        let org: OrgId = "org_a".parse().unwrap();
        ports.store.change_organisation(&org, now(), |profile| profile.name = "Harbour".to_owned()).await.unwrap();
        let command = |words: &str| Command::try_parse_from(["numo-ops"].into_iter().chain(words.split(' '))).unwrap();
        let erase = "erase --organisation org_a --by ann --reason complaint";
        let question = "Everything of org_a is going to be erased. Type its id to go on: ";
        assert_eq!(command(erase).question().as_deref(), Some(question));
        assert_eq!(command("show").question(), None);
        for wrong in ["", "Harbour", "org_b"] {
            let refused = carry_out(&ports, command(erase), wrong, now()).await.unwrap_err();
            let message = "organisation: the id that was typed is another one; nothing was changed";
            assert_eq!(refused.to_string(), message);
        }
        let said = "Nothing goes out for org_a; its erasure begins at 2026-12-01T06:00:00Z. Its admins are told, and can \
                    withdraw it. Asked for at 2026-11-24T06:00:00Z.";
        for _ in 0..2 {
            assert_eq!(carry_out(&ports, command(erase), "org_a\n", now()).await.unwrap(), said);
        }
    }

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
            assert!(Command::try_parse_from(["numo-ops"].into_iter().chain(words.split(' '))).is_err(), "{words}");
        }
    }

    #[tokio::test]
    async fn everybody_is_stopped_and_let_go_on() {
        let ports = ports();
        assert_eq!(says(&ports, "show").await, "Nobody is stopped as a whole.");
        let stopped = "Everybody is stopped since 2026-11-24T06:00:00Z by ann: outage";
        assert_eq!(says(&ports, "stop --everybody --by ann --reason outage").await, stopped);
        assert_eq!(says(&ports, "stop --everybody --by bob --reason as-well").await, stopped);
        assert_eq!(says(&ports, "go-on --everybody --by bob --reason over").await, "Nobody is stopped as a whole.");
    }

    #[tokio::test]
    async fn a_log_is_verified_against_its_seals() {
        let (ports, org): (OperatorPorts, OrgId) = (ports(), "org_a".parse().unwrap());
        let verify = "verify-activity --organisation org_a";
        assert_eq!(says(&ports, verify).await, "Nothing of org_a is sealed yet.");
        ports.store.change_organisation(&org, now(), |profile| profile.name = "Harbour".to_owned()).await.unwrap();
        says(&ports, "stop --organisation org_a --by ann --reason complaint").await;
        seal_days(&ports.store, &org, now()).await.unwrap();
        assert_eq!(says(&ports, verify).await, "1 lines on 1 days of org_a are what was sealed.");
    }

    #[tokio::test]
    async fn one_organisation_is_stopped_and_let_go_on() {
        let ports = ports();
        let org: OrgId = "org_a".parse().unwrap();
        ports.store.change_organisation(&org, now(), |profile| profile.name = "Harbour".to_owned()).await.unwrap();
        let stop = "stop --organisation org_a --by ann --reason complaint";
        assert_eq!(says(&ports, stop).await, "org_a is stopped.");
        assert_eq!(says(&ports, &format!("{stop} --until 2026-12-01")).await, "org_a is stopped until 2026-12-01.");
        assert_eq!(says(&ports, "go-on --organisation org_a --by ann --reason over").await, "org_a goes on.");
    }
}
