//! Connections: one is read now, and people are reminded of those that they have to connect again.

use clap::{Args, Subcommand};
use jiff::Timestamp;
use numo_app::{
    error::AppError,
    operator::{
        OperatorPorts,
        connections::{Lapsed, What, lapsed, per_organisation, remind, sync_now},
    },
};
use numo_domain::id::{ConnectionId, OrgId};

use crate::command::Signed;

#[derive(Debug, Args)]
pub(crate) struct Sync {
    /// The organisation, by its id
    #[arg(long, value_name = "ORG")]
    organisation: OrgId,
    /// The ledger, by the id of its connection
    #[arg(long, value_name = "ID")]
    connection: ConnectionId,
    #[command(flatten)]
    signed: Signed,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Reauth {
    /// What has to be connected again, since when, and when its people were mailed about it
    List,
    /// Mail the people of those who were not mailed about it for seven days; without --send it says whom
    Remind(Remind),
}

#[derive(Debug, Args)]
pub(crate) struct Remind {
    /// Do it
    #[arg(long)]
    send: bool,
    #[command(flatten)]
    signed: Signed,
}

pub(crate) async fn sync(ports: &OperatorPorts, asked: &Sync, now: Timestamp) -> Result<String, AppError> {
    let Sync { organisation, connection, signed } = asked;
    sync_now(ports, (organisation, *connection), signed.both(), now).await?;
    Ok(format!("{connection} of {organisation} is read with the next sweep, within a minute or two."))
}

pub(crate) async fn reauth(ports: &OperatorPorts, asked: &Reauth, now: Timestamp) -> Result<String, AppError> {
    match asked {
        Reauth::List => {
            let all = lapsed(&ports.store).await?;
            let lines = all.iter().map(line).collect::<Vec<_>>();
            Ok(if lines.is_empty() { "Nothing has to be connected again.".to_owned() } else { lines.join("\n") })
        }
        Reauth::Remind(Remind { send: false, .. }) => {
            let all = lapsed(&ports.store).await?.into_iter().filter(|lapsed| lapsed.may_be_told(now));
            Ok(whom("would be mailed", &all.collect::<Vec<_>>()))
        }
        Reauth::Remind(Remind { send: true, signed }) => {
            Ok(whom("are mailed within a minute or two", &remind(ports, signed.both(), now).await?))
        }
    }
}

fn line(lapsed: &Lapsed) -> String {
    let what = match &lapsed.what {
        What::Ledger(connection) => format!("ledger {connection}"),
        What::WhatsappAccount(waba) => format!("WhatsApp account {waba}"),
    };
    let mailed = lapsed.mailed_at.map_or("not mailed yet".to_owned(), |at| format!("mailed at {at}"));
    format!("{}: {what}, since {}, {mailed}", lapsed.org, lapsed.since)
}

fn whom(what: &str, all: &[Lapsed]) -> String {
    let organisations = per_organisation(all);
    let head = format!("The people of {} organisations {what}, about {} connections.", organisations.len(), all.len());
    let lines = organisations.into_iter().map(|(org, n)| format!("  {org}: {n}"));
    std::iter::once(head).chain(lines).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use numo_app::store::task::TaskAbout;

    use super::*;
    use crate::{
        command::tests::{is_refused, now, says},
        means::tests::Stage,
    };

    /// Two organisations whose ledgers have to be connected again since days ago.
    async fn stage() -> Stage {
        let means = Stage::new();
        let store = &means.operator.store;
        let ten_days_ago = "2026-11-14T06:00:00Z".parse().unwrap();
        for (name, id) in [("org_a", 0xa_u128), ("org_b", 0xb)] {
            let org: OrgId = name.parse().unwrap();
            let ledger = format!("018f0000-0000-7000-8000-{id:012x}").parse().unwrap();
            store.change_organisation(&org, ten_days_ago, |profile| profile.name = "Harbour".to_owned()).await.unwrap();
            store.open_task(&org, TaskAbout::ReconnectLedger(ledger), ten_days_ago).await.unwrap();
        }
        means
    }

    #[tokio::test]
    async fn what_has_to_be_connected_again_is_listed_with_its_time_and_nobody_is_mailed_before_they_were_told_once() {
        let means = stage().await;
        let told = "\
org_a: ledger 018f0000-0000-7000-8000-00000000000a, since 2026-11-14T06:00:00Z, not mailed yet
org_b: ledger 018f0000-0000-7000-8000-00000000000b, since 2026-11-14T06:00:00Z, not mailed yet";
        assert_eq!(says(&means, "reauth list").await, told);
        assert_eq!(says(&Stage::new(), "reauth list").await, "Nothing has to be connected again.");
        let nobody = "The people of 0 organisations would be mailed, about 0 connections.";
        assert_eq!(says(&means, "reauth remind --by ann --reason rotated").await, nobody);
        let nobody = "The people of 0 organisations are mailed within a minute or two, about 0 connections.";
        assert_eq!(says(&means, "reauth remind --send --by ann --reason rotated").await, nobody);
    }

    #[test]
    fn whom_a_reminder_goes_to_is_told_by_organisation() {
        let lapsed = |org: &str, waba: &str| Lapsed {
            org: org.parse().unwrap(),
            what: What::WhatsappAccount(waba.parse().unwrap()),
            since: now(),
            mailed_at: Some(now()),
        };
        let all = [lapsed("org_a", "100"), lapsed("org_a", "101"), lapsed("org_b", "102")];
        let told = "The people of 2 organisations would be mailed, about 3 connections.\n  org_a: 2\n  org_b: 1";
        assert_eq!(whom("would be mailed", &all), told);
        let one = "org_b: WhatsApp account 102, since 2026-11-24T06:00:00Z, mailed at 2026-11-24T06:00:00Z";
        assert_eq!(line(&all[2]), one);
    }

    #[test]
    fn nobody_is_reminded_and_nothing_read_without_a_name_and_a_reason() {
        for words in [
            "reauth remind --send --by ann",
            "reauth remind --reason why",
            "sync --organisation org_a --by ann --reason why",
            "sync --organisation org_a --connection org_a --by ann --reason why",
        ] {
            assert!(is_refused(words), "{words}");
        }
    }
}
