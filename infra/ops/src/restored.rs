//! A table that was restored from a backup: rehearsed with, and taken into use.

use clap::Args;
use jiff::Timestamp;
use numo_app::{
    error::AppError,
    operator::OperatorPorts,
    restored_table::{
        self, TakenOver,
        drill::{Drilled, Kept, drill},
    },
};

use crate::{command::Signed, means::Means};

#[derive(Debug, Args)]
pub(crate) struct TakeOver {
    /// The moment that the table was restored to
    #[arg(long, value_name = "YYYY-MM-DDThh:mm:ssZ")]
    restored_to: Timestamp,
    #[command(flatten)]
    signed: Signed,
}

#[derive(Debug, Args)]
pub(crate) struct RestoreDrill {
    /// The name of the copy, which is taken over with everybody stopped in it; `NUMO_TABLE` is the table in use
    #[arg(long, value_name = "TABLE")]
    copy: String,
    /// The moment that the copy was restored to
    #[arg(long, value_name = "YYYY-MM-DDThh:mm:ssZ")]
    restored_to: Timestamp,
    #[command(flatten)]
    signed: Signed,
}

impl RestoreDrill {
    pub(crate) fn copy(&self) -> &str {
        &self.copy
    }
}

pub(crate) async fn take_over(ports: &OperatorPorts, asked: &TakeOver, now: Timestamp) -> Result<String, AppError> {
    let TakenOver { replayed, reminders, erased, organisations, lost } =
        restored_table::take_over(ports, asked.signed.both(), asked.restored_to, now).await?;
    let from = lost.from;
    Ok(format!(
        "{replayed} changes of consents were said again, {reminders} reminders by hand are known again without their outcome, {erased} customers and {organisations} organisations are erased again; nothing due between {from} and today goes out."
    ))
}

/// A drill that found harm is an error, for whoever runs it by a schedule.
pub(crate) async fn restore_drill(means: &Means, asked: &RestoreDrill, now: Timestamp) -> Result<String, AppError> {
    let (in_use, signed) = (&means.operator.store, asked.signed.both());
    let drilled = drill(in_use, means.copy()?, signed, asked.restored_to, now).await?;
    let told = found(&asked.copy, &drilled);
    if drilled.is_sound() {
        Ok(format!("{told}\nA restore would do no harm."))
    } else {
        Err(AppError::invalid("copy", format!("a restore would do harm\n{told}")))
    }
}

fn found(copy: &str, drilled: &Drilled) -> String {
    let Drilled { taken, compared, begun_since, ended, erased, opted_out, sends } = drilled;
    let TakenOver { replayed, reminders, erased: erased_again, organisations, lost } = taken;
    let kept = |what: &str, Kept { of, missing }: &Kept| format!("{what}: {of}, of which the copy lacks {missing}");
    [
        format!("{copy} of {} was taken over, and everybody is stopped in it; the table in use was only read.", lost.from),
        format!("said again: {replayed} changes of consents; known again: {reminders} reminders by hand; erased again: {erased_again} customers, {organisations} organisations"),
        format!("organisations: {compared}, of which {begun_since} began since and are not in the copy"),
        kept("organisations that end", ended),
        kept("customers who were erased", erased),
        kept("numbers and customers who opted out", opted_out),
        format!("messages since: {}, of which {} would be sent again within a month without a take-over, and {} are sent again after it", sends.lost, sends.again_without, sends.again),
        format!("after the take-over: {} messages on its day, {} to somebody who opted out or was erased", sends.at_once, sends.unwanted),
    ]
    .join("\n")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use numo_app::{messaging_gate::closed_until, store::consent::ConsentOf};
    use numo_domain::{
        consent::{ConsentChange, ConsentSource, ConsentState},
        id::OrgId,
    };
    use numo_testkit::memory_table::MemoryTable;

    use crate::{
        command::{
            carry_out,
            tests::{command, is_refused, now, says},
        },
        means::tests::Stage,
    };

    const DRILL: &str = "restore-drill --copy numo-copy --restored-to 2026-11-23T06:00:00Z --by ann --reason quarterly";

    /// A stage with two organisations, a copy of it of yesterday, and a STOP to one of them since.
    async fn stage() -> (Stage, Arc<MemoryTable>) {
        let means = Stage::new();
        let store = means.operator.store.clone();
        closed_until(&store, now()).await.unwrap();
        let [a, b]: [OrgId; 2] = ["org_a", "org_b"].map(|org| org.parse().unwrap());
        for org in [&a, &b] {
            store.change_organisation(org, now(), |profile| profile.name = "Quay".to_owned()).await.unwrap();
        }
        let copy = Arc::new(means.table.restored("numo-copy"));
        let stop = ConsentChange {
            state: ConsentState::OptedOut,
            at: now(),
            by: ConsentSource::Message,
            note: String::new(),
            message: None,
            recorded_by: None,
        };
        store.change_consent(&a, ConsentOf::Number("key-1".parse().unwrap()), &stop, now()).await.unwrap();
        (means, copy)
    }

    #[tokio::test]
    async fn a_drill_says_what_a_restore_would_keep_and_changes_nothing_of_the_table_in_use() {
        let (mut means, copy) = stage().await;
        means.put_beside(copy, means.journal.clone());
        let before = means.table.items();
        let told = "\
numo-copy of 2026-11-23T06:00:00Z was taken over, and everybody is stopped in it; the table in use was only read.
said again: 1 changes of consents; known again: 0 reminders by hand; erased again: 0 customers, 0 organisations
organisations: 2, of which 0 began since and are not in the copy
organisations that end: 0, of which the copy lacks 0
customers who were erased: 0, of which the copy lacks 0
numbers and customers who opted out: 1, of which the copy lacks 0
messages since: 0, of which 0 would be sent again within a month without a take-over, and 0 are sent again after it
after the take-over: 0 messages on its day, 0 to somebody who opted out or was erased
A restore would do no harm.";
        assert_eq!(says(&means, DRILL).await, told);
        assert!(means.table.items() == before, "the table in use was changed");
        let again = carry_out(&means, command(DRILL), "", now()).await.unwrap_err();
        let needed =
            "copy: a copy of the table in use is needed, of a time in which it sent, that was not taken over yet";
        assert_eq!(again.to_string(), needed);
    }

    #[tokio::test]
    async fn a_drill_that_finds_somebody_brought_back_is_an_error_that_says_how_many() {
        let (mut means, copy) = stage().await;
        means.put_beside(copy, Arc::new(MemoryTable::new()));
        let found = carry_out(&means, command(DRILL), "", now()).await.unwrap_err().to_string();
        assert!(found.starts_with("copy: a restore would do harm\nnumo-copy of "), "{found}");
        assert!(found.contains("\nnumbers and customers who opted out: 1, of which the copy lacks 1\n"), "{found}");
    }

    #[test]
    fn nobody_drills_without_saying_with_which_copy_of_when_and_who_and_why() {
        for words in [
            "restore-drill --copy numo-copy --restored-to 2026-11-23T06:00:00Z --by ann",
            "restore-drill --copy numo-copy --restored-to yesterday --by ann --reason why",
            "restore-drill --restored-to 2026-11-23T06:00:00Z --by ann --reason why",
            "restore-drill --copy numo-copy --by ann --reason why",
        ] {
            assert!(is_refused(words), "{words}");
        }
    }
}
