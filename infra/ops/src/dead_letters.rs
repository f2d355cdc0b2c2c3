//! What queues gave up: how much of what, one by one, back to the queue, or away.
//!
//! What is told has ids, kinds and counts: of a delivery of Meta's the fields that changed, and nothing that is in them.

use std::collections::BTreeMap;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use numo_app::{
    error::AppError,
    operator::dead_letters::{Carries, Fate, Looked, Selection, look, settle},
    port::dead_letters::DeadLetterQueue,
};
use numo_domain::id::OrgId;

use crate::{command::Signed, means::Means};

#[derive(Debug, Subcommand)]
pub(crate) enum DeadLetters {
    /// How many there are of each queue, since when, of which kinds and whose
    List,
    /// What is known of some, one by one
    Show(Which),
    /// Send some to the queue that they came from
    Redrive(Redrive),
    /// Remove some for good
    Discard(Discard),
}

#[derive(Debug, Args)]
pub(crate) struct Which {
    /// Of one queue: sync, plan, dispatch, erasure or meta
    #[arg(long, value_parser = queue)]
    queue: Option<DeadLetterQueue>,
    /// Of one kind, as `list` tells it
    #[arg(long)]
    kind: Option<String>,
    /// Of one organisation, by its id
    #[arg(long, value_name = "ORG")]
    organisation: Option<OrgId>,
    /// One, by its id
    #[arg(long, value_name = "ID")]
    message: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Redrive {
    #[command(flatten)]
    which: Which,
    /// All that fit; without it one of the others is needed
    #[arg(long, required_unless_present_any = ["queue", "kind", "organisation", "message"])]
    all: bool,
    #[command(flatten)]
    signed: Signed,
}

#[derive(Debug, Args)]
#[group(id = "meant", required = true, multiple = true, args = ["queue", "kind", "organisation", "message"])]
pub(crate) struct Discard {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    signed: Signed,
}

fn queue(name: &str) -> Result<DeadLetterQueue, String> {
    DeadLetterQueue::named(name).ok_or_else(|| {
        let names: Vec<&str> = DeadLetterQueue::ALL.into_iter().map(DeadLetterQueue::name).collect();
        format!("one of {}", names.join(", "))
    })
}

impl Which {
    fn selection(&self) -> Selection {
        let Self { queue, kind, organisation, message } = self;
        Selection { queue: *queue, kind: kind.clone(), org: organisation.clone(), id: message.clone() }
    }
}

/// The word to be typed before anything is removed.
const WORD: &str = "discard";

impl DeadLetters {
    pub(crate) fn question(&self) -> Option<String> {
        match self {
            Self::List | Self::Show(_) | Self::Redrive(_) => None,
            Self::Discard(_) => Some(format!(
                "A job that is discarded is issued again as long as the table has its work; what Meta delivered is lost for good, a STOP too. Type {WORD} to go on: "
            )),
        }
    }
}

pub(crate) async fn dead_letters(
    means: &Means,
    asked: &DeadLetters,
    typed: &str,
    now: Timestamp,
) -> Result<String, AppError> {
    let (ports, letters) = (&means.operator, means.dead_letters()?);
    match asked {
        DeadLetters::List => Ok(list(&look(&ports.store, letters, &Selection::default()).await?)),
        DeadLetters::Show(which) => Ok(shown(&look(&ports.store, letters, &which.selection()).await?)),
        DeadLetters::Redrive(asked) => {
            let which = (&asked.which.selection(), Fate::Redriven);
            Ok(settled(&settle((ports, letters), asked.signed.both(), which, now).await?, Fate::Redriven))
        }
        DeadLetters::Discard(asked) => {
            if typed.trim() != WORD {
                return Err(AppError::invalid("discard", "another word was typed; nothing was changed"));
            }
            let which = (&asked.which.selection(), Fate::Discarded);
            Ok(settled(&settle((ports, letters), asked.signed.both(), which, now).await?, Fate::Discarded))
        }
    }
}

fn list(all: &[Looked]) -> String {
    let mut lines = Vec::new();
    for queue in DeadLetterQueue::ALL {
        let of_queue: Vec<&Looked> = all.iter().filter(|looked| looked.queue == queue).collect();
        let Some(oldest) = of_queue.iter().map(|looked| looked.sent_at).min() else {
            lines.push(format!("{}: none", queue.name()));
            continue;
        };
        lines.push(format!("{}: {}, the oldest since {oldest}", queue.name(), of_queue.len()));
        lines.extend(counted(of_queue));
    }
    lines.join("\n")
}

fn counted<'a>(all: impl IntoIterator<Item = &'a Looked>) -> Vec<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for looked in all {
        *counts.entry(format!("  {} of {}", looked.carries.kind(), whose(looked))).or_default() += 1;
    }
    counts.into_iter().map(|(what, n)| format!("{what}: {n}")).collect()
}

fn whose(looked: &Looked) -> &str {
    looked.org.as_ref().map_or("nobody known", OrgId::as_str)
}

fn shown(all: &[Looked]) -> String {
    if all.is_empty() {
        return "No dead letter fits.".to_owned();
    }
    all.iter().flat_map(one).collect::<Vec<_>>().join("\n")
}

fn one(looked: &Looked) -> Vec<String> {
    let Looked { queue, id, sent_at, received, carries, .. } = looked;
    let (queue, kind, org) = (queue.name(), carries.kind(), whose(looked));
    let head = format!("{queue} {id}: {kind} of {org}, since {sent_at}, handed out {received} times");
    let mut lines = vec![head];
    match carries {
        Carries::Job { job, due_at } => {
            let work = serde_json::to_value(&job.work).unwrap_or_default();
            let ids = work.get("data").cloned().unwrap_or_default();
            lines.push(format!("  job {} made at {}: {ids}", job.id, job.at));
            lines.push(match due_at {
                Some(at) => format!("  the table has its work, due again at {at}"),
                None => "  the table has no such work any more: it was done, or ended".to_owned(),
            });
        }
        Carries::Delivery { waba, fields } => {
            let fields: Vec<String> = fields.iter().map(|(field, n)| format!("{field} {n}")).collect();
            lines.push(format!("  account {waba}: {}; nothing else knows what it says", fields.join(", ")));
        }
        Carries::Unreadable { .. } => {
            lines.push("  this version cannot read it; nothing else knows what it says".to_owned());
        }
    }
    lines
}

fn settled(done: &[Looked], fate: Fate) -> String {
    if done.is_empty() {
        return "No dead letter fits; nothing was changed.".to_owned();
    }
    let lost = done.iter().filter(|looked| fate == Fate::Discarded && looked.carries.is_all_there_is()).count();
    let lost = (lost > 0).then(|| format!("  of these {lost} that nothing else knows of"));
    let head = format!("{} {fate}:", done.len());
    std::iter::once(head).chain(counted(done)).chain(lost).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        command::{
            carry_out,
            tests::{command, is_refused, now, says, says_to},
        },
        means::tests::Stage,
    };

    const PLAN: &str = r#"{"id":"018f0000-0000-7000-8000-000000000001","org":"org_a","at":"2026-11-23T06:00:00Z",
        "cause":"due","claim":"2026-11-23T06:05:00Z","type":"plan_day.v1","data":{}}"#;
    const SYNC: &str = r#"{"id":"018f0000-0000-7000-8000-000000000002","org":"org_b","at":"2026-11-23T06:00:00Z",
        "cause":"due","claim":"2026-11-23T06:05:00Z","type":"sync_connection.v1",
        "data":{"connection":"018f0000-0000-7000-8000-00000000000c"}}"#;
    const DELIVERY: &str = r#"{"type":"meta_delivery.v1","waba":"100","received_at":"2026-11-23T06:00:00Z",
        "body":[{"field":"messages","value":{"messages":[{"from":"971501234567","text":{"body":"STOP"}}]}}]}"#;

    fn at(hour: u8) -> Timestamp {
        format!("2026-11-23T{hour:02}:00:00Z").parse().unwrap()
    }

    /// A stage whose queues gave up some.
    fn stage() -> Stage {
        let means = Stage::new();
        let letters = &means.dead_letters;
        letters.place(DeadLetterQueue::Plan, PLAN, at(7));
        letters.place(DeadLetterQueue::Plan, PLAN, at(6));
        letters.place(DeadLetterQueue::Sync, SYNC, at(8));
        letters.place(DeadLetterQueue::Meta, DELIVERY, at(9));
        means
    }

    const SIGNED: &str = "--by ann --reason fixed";

    #[tokio::test]
    async fn the_list_counts_by_queue_kind_and_organisation() {
        let means = stage();
        let told = "\
sync: 1, the oldest since 2026-11-23T08:00:00Z
  sync_connection.v1 of org_b: 1
plan: 2, the oldest since 2026-11-23T06:00:00Z
  plan_day.v1 of org_a: 2
dispatch: none
erasure: none
meta: 1, the oldest since 2026-11-23T09:00:00Z
  meta_delivery.v1 of nobody known: 1";
        for _ in 0..2 {
            assert_eq!(says(&means, "dead-letters list").await, told);
        }
    }

    #[tokio::test]
    async fn one_is_shown_with_ids_and_kinds_and_whether_anything_else_knows_of_it() {
        let means = stage();
        let told = "\
sync letter-3: sync_connection.v1 of org_b, since 2026-11-23T08:00:00Z, handed out 6 times
  job 018f0000-0000-7000-8000-000000000002 made at 2026-11-23T06:00:00Z: {\"connection\":\"018f0000-0000-7000-8000-00000000000c\"}
  the table has no such work any more: it was done, or ended";
        assert_eq!(says(&means, "dead-letters show --message letter-3").await, told);
        let told = "\
meta letter-4: meta_delivery.v1 of nobody known, since 2026-11-23T09:00:00Z, handed out 7 times
  account 100: messages 1; nothing else knows what it says";
        assert_eq!(says(&means, "dead-letters show --queue meta").await, told);
        assert_eq!(says(&means, "dead-letters show --organisation org_c").await, "No dead letter fits.");
    }

    #[tokio::test]
    async fn some_are_sent_again_and_the_others_wait() {
        let means = stage();
        let redrive = format!("dead-letters redrive --kind plan_day.v1 {SIGNED}");
        assert_eq!(says(&means, &redrive).await, "2 redriven:\n  plan_day.v1 of org_a: 2");
        assert_eq!(says(&means, &redrive).await, "No dead letter fits; nothing was changed.");
        assert_eq!(means.dead_letters.in_sight().len(), 2);
        let all = "2 redriven:\n  meta_delivery.v1 of nobody known: 1\n  sync_connection.v1 of org_b: 1";
        assert_eq!(says(&means, &format!("dead-letters redrive --all {SIGNED}")).await, all);
        assert_eq!(means.dead_letters.sent_again().len(), 4);
    }

    #[tokio::test]
    async fn what_is_discarded_wants_a_word_and_says_what_is_lost() {
        let means = stage();
        let discard = format!("dead-letters discard --queue meta {SIGNED}");
        let question = command(&discard).question().unwrap();
        assert!(question.ends_with("what Meta delivered is lost for good, a STOP too. Type discard to go on: "));
        for wrong in ["", "yes", "meta"] {
            let refused = carry_out(&means, command(&discard), wrong, now()).await.unwrap_err();
            assert_eq!(refused.to_string(), "discard: another word was typed; nothing was changed");
        }
        assert_eq!(means.dead_letters.in_sight().len(), 4);
        let told = "1 discarded:\n  meta_delivery.v1 of nobody known: 1\n  of these 1 that nothing else knows of";
        assert_eq!(says_to(&means, &discard, "discard\n").await, told);
        let told = "1 discarded:\n  sync_connection.v1 of org_b: 1";
        assert_eq!(
            says_to(&means, &format!("dead-letters discard --organisation org_b {SIGNED}"), "discard").await,
            told
        );
        assert_eq!(means.dead_letters.sent_again(), []);
    }

    #[test]
    fn nothing_is_moved_without_saying_which_and_who_and_why() {
        for words in [
            "dead-letters redrive --by ann --reason why".to_owned(),
            "dead-letters redrive --all --by ann".to_owned(),
            format!("dead-letters discard {SIGNED}"),
            format!("dead-letters discard --queue mail {SIGNED}"),
            "dead-letters discard --queue meta --reason why".to_owned(),
        ] {
            assert!(is_refused(&words), "{words}");
        }
    }
}
