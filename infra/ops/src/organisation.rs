//! One organisation: its erasure, and its activity log.

use clap::Args;
use jiff::Timestamp;
use numo_app::{
    erase_organisation::by_operator::order_erasure,
    error::AppError,
    operator::OperatorPorts,
    seal_activity::{Verified, verify_activity},
    store::erasure::organisation::OrganisationErasure,
};
use numo_domain::id::OrgId;

use crate::command::Signed;

#[derive(Debug, Args)]
pub(crate) struct Erase {
    /// The organisation, by its id
    #[arg(long, value_name = "ORG")]
    organisation: OrgId,
    #[command(flatten)]
    signed: Signed,
}

impl Erase {
    pub(crate) fn question(&self) -> String {
        format!("Everything of {} is going to be erased. Type its id to go on: ", self.organisation)
    }
}

pub(crate) async fn erase(
    ports: &OperatorPorts,
    asked: &Erase,
    typed: &str,
    now: Timestamp,
) -> Result<String, AppError> {
    let erasure = order_erasure(ports, &asked.organisation, asked.signed.both(), typed, now).await?;
    let OrganisationErasure { org, begins_at, asked_at, .. } = &erasure;
    if erasure.has_begun() || erasure.is_gone_at_clerk {
        return Ok(format!(
            "Clerk does not know {org}, or its erasure has begun: it cannot be withdrawn. Asked for at {asked_at}."
        ));
    }
    Ok(format!(
        "Nothing goes out for {org}; its erasure begins at {begins_at}. Its admins are told, and can withdraw it. Asked for at {asked_at}."
    ))
}

pub(crate) async fn verify(ports: &OperatorPorts, org: &OrgId) -> Result<String, AppError> {
    Ok(match verify_activity(&ports.store, org).await? {
        Verified::Intact { days: 0, .. } => format!("Nothing of {org} is sealed yet."),
        Verified::Intact { days, lines } => format!("{lines} lines on {days} days of {org} are what was sealed."),
        Verified::Broken { day } => format!("The log of {org} is not what was sealed, from {day} on."),
    })
}

#[cfg(test)]
mod tests {
    use numo_app::seal_activity::seal_days;

    use super::*;
    use crate::{
        command::{
            carry_out,
            tests::{command, now, says, says_to},
        },
        means::tests::Stage,
    };

    #[tokio::test]
    async fn what_is_erased_for_good_asks_for_its_id_and_nothing_else_asks() {
        let means = Stage::new();
        let org: OrgId = "org_a".parse().unwrap();
        let store = &means.operator.store;
        store.change_organisation(&org, now(), |profile| profile.name = "Harbour".to_owned()).await.unwrap();
        let erase = "erase --organisation org_a --by ann --reason complaint";
        let question = "Everything of org_a is going to be erased. Type its id to go on: ";
        assert_eq!(command(erase).question().as_deref(), Some(question));
        assert_eq!(command("show").question(), None);
        for wrong in ["", "Harbour", "org_b"] {
            let refused = carry_out(&means, command(erase), wrong, now()).await.unwrap_err();
            let message = "organisation: the id that was typed is another one; nothing was changed";
            assert_eq!(refused.to_string(), message);
        }
        let said = "Nothing goes out for org_a; its erasure begins at 2026-12-01T06:00:00Z. Its admins are told, and can \
                    withdraw it. Asked for at 2026-11-24T06:00:00Z.";
        for _ in 0..2 {
            assert_eq!(says_to(&means, erase, "org_a\n").await, said);
        }
    }

    #[tokio::test]
    async fn a_log_is_verified_against_its_seals() {
        let (means, org): (Stage, OrgId) = (Stage::new(), "org_a".parse().unwrap());
        let (store, verify) = (&means.operator.store, "verify-activity --organisation org_a");
        assert_eq!(says(&means, verify).await, "Nothing of org_a is sealed yet.");
        store.change_organisation(&org, now(), |profile| profile.name = "Harbour".to_owned()).await.unwrap();
        says(&means, "stop --organisation org_a --by ann --reason complaint").await;
        seal_days(store, &org, now()).await.unwrap();
        assert_eq!(says(&means, verify).await, "1 lines on 1 days of org_a are what was sealed.");
    }
}
