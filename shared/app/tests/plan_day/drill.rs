//! Rehearsing a restore: what the copy would send beside what went out since.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use numo_app::{
    error::AppError,
    messaging_gate::closed_until,
    operator::OperatorPorts,
    restored_table::drill::{Drilled, Kept, Sends, drill},
    store::{Store, consent::ConsentOf, reminder::claim::SendClaim},
};
use numo_domain::{
    attempt::{Attempt, Evidence},
    consent::{ConsentChange, ConsentSource, ConsentState},
    delivery_report::DeliveryReport,
    id::{AttemptId, OperatorId},
    policy::{Approval, Caps},
    reminder::{Reminder, ReminderState, state_change::StateChange},
};
use numo_testkit::{counting_ids::CountingIds, memory_table::MemoryTable, recording_queue::RecordingQueue};
use uuid::Uuid;

use crate::{Planner, TUESDAY, at, monday, org};

/// A planner whose table has a journal of its own, and a backup of Monday in which nothing was sent.
struct Stage {
    planner: Planner,
    table: Arc<MemoryTable>,
    journal: Arc<MemoryTable>,
    backup: Arc<MemoryTable>,
}

const RESTORED_TO: &str = "2026-11-23T06:00:00Z";

async fn stage() -> Stage {
    let (table, journal) = (Arc::new(MemoryTable::new()), Arc::new(MemoryTable::new()));
    let mut planner = Planner::new(table.clone(), 1);
    planner.waker.store = Store::with_journal(table.clone(), journal.clone());
    planner.queue = Arc::new(RecordingQueue::new());
    planner.waker.queue = planner.queue.clone();
    planner.seed().await;
    planner.save_policy(1, Approval::Automatic).await;
    closed_until(&planner.waker.store, monday()).await.unwrap();
    let backup = Arc::new(table.restored("numo-copy"));
    Stage { planner, table, journal, backup }
}

impl Stage {
    /// The step of Tuesday goes out, and Meta's answer is not there yet.
    async fn send(&self) {
        let (store, now) = (&self.planner.waker.store, at("2026-11-24T09:00:00Z"));
        self.planner.plan(now).await.unwrap();
        let header = self.planner.header(TUESDAY).await.unwrap();
        let decision = store.plan_decisions(&org(), &header).await.unwrap().remove(0);
        let send = decision.send().unwrap().clone();
        let state = ReminderState::Sending;
        let reminder = Reminder {
            key: send.reminder_key(&decision.unit),
            date: TUESDAY,
            attempt: AttemptId::new(Uuid::from_u128(7)),
            attempt_number: 1,
            claimed_at: now,
            state: state.clone(),
            history: vec![StateChange { state, at: now }],
            message: None,
            recipient: send.recipient.clone(),
            sender: "200".parse().unwrap(),
            tone: send.tone,
            counted_from: send.counted_from,
            listed: send.lines.iter().map(|line| line.invoice.clone()).collect(),
            asked_by: None,
            cost: None,
            report: DeliveryReport::default(),
            earlier: BTreeMap::new(),
            expired_before: 0,
        };
        let said = Attempt {
            policy: decision.policy.clone(),
            policy_version: decision.policy_version,
            template: send.template().reference(),
            text: "Hello".to_owned(),
            lines: send.lines.clone(),
            total: send.total,
            evidence: Evidence {
                read_at: now,
                anchor_remaining: send.total,
                anchor_updated_at: None,
                request_ids: Vec::new(),
            },
        };
        let basis = store.claim_basis(&org(), &reminder.key, &reminder.recipient).await.unwrap();
        let claimed = store.claim_send(&org(), (reminder, said), &basis, Caps::default(), now).await.unwrap();
        assert!(matches!(claimed, SendClaim::Claimed(_)), "{claimed:?}");
    }

    async fn says_stop(&self) {
        let now = at("2026-11-24T10:00:00Z");
        let stop = ConsentChange {
            state: ConsentState::OptedOut,
            at: now,
            by: ConsentSource::Message,
            note: String::new(),
            message: None,
            recorded_by: None,
        };
        let of = ConsentOf::Number("key-1".parse().unwrap());
        self.planner.waker.store.change_consent(&org(), of, &stop, now).await.unwrap();
    }

    async fn drill(&self, journal: &Arc<MemoryTable>, restored_to: Timestamp) -> Result<Drilled, AppError> {
        let store = Store::with_journal(self.backup.clone(), journal.clone());
        let copy = OperatorPorts { store, ids: Arc::new(CountingIds::new(900)) };
        let by: OperatorId = "ann".parse().unwrap();
        drill(&self.planner.waker.store, &copy, (&by, "a drill"), restored_to, at("2026-11-25T06:00:00Z")).await
    }
}

#[tokio::test]
async fn what_went_out_since_goes_out_again_from_a_copy_and_not_from_one_that_was_taken_over() {
    let stage = stage().await;
    stage.send().await;
    let before = (stage.table.items(), stage.journal.items());
    let drilled = stage.drill(&stage.journal, at(RESTORED_TO)).await.unwrap();
    let sends = Sends { lost: 1, again_without: 1, again: 0, at_once: 0, unwanted: 0 };
    assert_eq!((drilled.compared, drilled.sends), (1, sends));
    assert!(drilled.is_sound());
    assert!((stage.table.items(), stage.journal.items()) == before, "a drill changes nothing but the copy");
    let store = Store::new(stage.backup.clone());
    assert!(store.messaging_gate().await.unwrap().stop.is_some(), "nothing may go out of the copy");
}

#[tokio::test]
async fn whoever_said_stop_since_is_silent_in_the_copy_and_told_when_the_journal_did_not_have_it() {
    let stage = stage().await;
    stage.says_stop().await;
    let drilled = stage.drill(&stage.journal, at(RESTORED_TO)).await.unwrap();
    assert_eq!((drilled.taken.replayed, drilled.opted_out), (1, Kept { of: 1, missing: 0 }));
    assert!(drilled.is_sound());

    let stage = self::stage().await;
    stage.says_stop().await;
    let drilled = stage.drill(&Arc::new(MemoryTable::new()), at(RESTORED_TO)).await.unwrap();
    assert_eq!((drilled.taken.replayed, drilled.opted_out), (0, Kept { of: 1, missing: 1 }));
    assert!(!drilled.is_sound() && drilled.sends.unwanted > 0, "{drilled:?}");
}

#[tokio::test]
async fn nothing_but_a_copy_of_the_table_in_use_is_drilled_with() {
    let stage = stage().await;
    let field = |refused: Result<Drilled, AppError>| match refused {
        Err(AppError::Invalid { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(field(stage.drill(&stage.journal, at("2026-10-01T06:00:00Z")).await), "restored_to");
    stage.drill(&stage.journal, at(RESTORED_TO)).await.unwrap();
    assert_eq!(field(stage.drill(&stage.journal, at(RESTORED_TO)).await), "copy");
    let (copy, by) = (Store::new(stage.backup.clone()), "ann".parse::<OperatorId>().unwrap());
    let itself = OperatorPorts { store: stage.planner.waker.store.clone(), ids: Arc::new(CountingIds::new(900)) };
    let now = at("2026-11-25T06:00:00Z");
    let swapped = drill(&copy, &itself, (&by, "a drill"), at(RESTORED_TO), now).await;
    assert_eq!(field(swapped), "copy");
    let twice = drill(&stage.planner.waker.store, &itself, (&by, "a drill"), at(RESTORED_TO), now).await;
    assert_eq!(field(twice), "copy");
    let restored = Store::new(Arc::new(stage.table.restored("numo-other")));
    let of_a_copy = drill(&restored, &itself, (&by, "a drill"), at(RESTORED_TO), now).await;
    assert_eq!(field(of_a_copy), "table");
}
