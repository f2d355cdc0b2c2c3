//! Statuses of many messages, shuffled and doubled: all of them end where they belong.

use std::{collections::BTreeSet, sync::Arc, time::Instant};

use jiff::{Timestamp, civil::date};
use numo_app::{
    delivery::{Delivery, StatusUpdate, Update},
    ingest_delivery::{IngestPorts, ingest_delivery},
    number_key::NumberKeys,
    store::{
        Store,
        reminder::{claim::SendClaim, outcome::SendOutcome},
        route::Route,
    },
};
use numo_domain::{
    attempt::{Attempt, Evidence},
    contact::ContactRef,
    delivery_report::{
        DeliveryReport,
        pricing::{Billed, PriceCategory, Pricing},
    },
    id::{AttemptId, ConnectionId, OrgId, PhoneNumberId, PolicyId, WabaId},
    money::Money,
    policy::{Caps, StepId, Tone},
    reminder::{
        DeliveryStatus, Occasion, Reminder, ReminderKey, ReminderState, TemplateRef, state_change::StateChange,
    },
    sender::{Sender, SenderStatus, Throughput},
};
use numo_testkit::{fixed_clock::FixedClock, memory_table::MemoryTable, recording_events::RecordingEvents, seed::Seed};
use uuid::Uuid;

use crate::{Failure, row::Row};

/// Messages, each of which is delivered and read.
const MESSAGES: u32 = 5_000;

/// Updates in one delivery.
const TOGETHER: usize = 100;

pub(crate) async fn measure() -> Result<Vec<Row>, Failure> {
    let scene = Scene::new().await?;
    for n in 0..MESSAGES {
        scene.send(n).await?;
    }
    let statuses = [DeliveryStatus::Delivered, DeliveryStatus::Read];
    let mut updates: Vec<Update> = (0..MESSAGES).flat_map(|n| statuses.map(|status| scene.status(n, status))).collect();
    updates.extend(updates.clone());
    shuffle(&mut updates);
    scene.table.take_counts();
    let began = Instant::now();
    for some in updates.chunks(TOGETHER) {
        let delivery = Delivery { waba: scene.waba.clone(), updates: some.to_vec(), skipped: Vec::new() };
        ingest_delivery(&scene.ports, &delivery).await?;
    }
    let took = began.elapsed();
    let units = scene.table.take_counts().all_write_units();
    let mut wrong = 0;
    for n in 0..MESSAGES {
        let reminder = scene.ports.store.reminder_of_attempt(&scene.org, attempt(n)).await?;
        wrong += u64::from(reminder.is_none_or(|reminder| reminder.state != ReminderState::Read));
    }
    Ok(vec![
        Row::new("status_join", wrong, "wrong states", 0),
        Row::new("status_join.ms", u64::try_from(took.as_millis())?, "ms for 20,000 updates", 20_000),
        Row::new("status_join.write_units", units.div_ceil(u64::from(MESSAGES)), "write units a message", 4),
    ])
}

struct Scene {
    table: Arc<MemoryTable>,
    ports: IngestPorts,
    org: OrgId,
    waba: WabaId,
    phone: PhoneNumberId,
}

impl Scene {
    async fn new() -> Result<Self, Failure> {
        let (table, clock) = (Arc::new(MemoryTable::new()), FixedClock::at("2026-11-23T06:00:00Z".parse()?));
        let ports = IngestPorts {
            store: Store::new(table.clone()),
            events: Arc::new(RecordingEvents::new()),
            number_keys: NumberKeys::new(vec![7; 32])?,
            clock: Arc::new(clock),
        };
        let scene = Self { table, ports, org: "org_a".parse()?, waba: "100".parse()?, phone: "200".parse()? };
        let (store, now) = (&scene.ports.store, scene.now());
        let route = Route { org: scene.org.clone(), connection: None };
        store.claim_waba(&scene.waba, &route, now).await?;
        store.claim_phone(&scene.phone, &route, now).await?;
        let sender = Sender {
            phone_number_id: scene.phone.clone(),
            waba: scene.waba.clone(),
            number: "+97145550100".parse()?,
            verified_name: "Harbour Lane".to_owned(),
            daily_limit: None,
            is_on_biz_app: false,
            throughput: Throughput::Standard,
            status: SenderStatus::Ready,
            stopped_at: None,
            restriction: None,
            stopped_for: None,
            looked_at: None,
            heard_up_to: None,
        };
        store.save_sender(&scene.org, &sender, now).await?;
        Ok(scene)
    }

    fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }

    async fn send(&self, n: u32) -> Result<(), Failure> {
        let (store, now) = (&self.ports.store, self.now());
        let reminder = self.reminder(n)?;
        let basis = store.claim_basis(&self.org, &reminder.key, &reminder.recipient).await?;
        let claimed =
            store.claim_send(&self.org, (reminder.clone(), self.said()?), &basis, Caps::default(), now).await?;
        if !matches!(claimed, SendClaim::Claimed(_)) {
            return Err("a message could not be claimed".into());
        }
        let taken = SendOutcome::Taken { message: format!("wamid.{n}").parse()?, held: false };
        Ok(store.record_outcome(&self.org, &reminder.key, reminder.attempt, &taken, now).await?)
    }

    fn reminder(&self, n: u32) -> Result<Reminder, Failure> {
        let (amount, state) = (Money::new(40_000, "AED".parse()?), ReminderState::Sending);
        let contact =
            ContactRef { connection: ConnectionId::new(Uuid::from_u128(9)), contact: format!("c{n}").parse()? };
        let key = ReminderKey {
            contact,
            currency: amount.currency,
            anchor: n.to_string().parse()?,
            cycle: 1,
            occasion: Occasion::Step(StepId(3)),
        };
        Ok(Reminder {
            key,
            date: date(2026, 11, 23),
            attempt: attempt(n),
            attempt_number: 1,
            claimed_at: self.now(),
            state: state.clone(),
            history: vec![StateChange { state, at: self.now() }],
            message: None,
            recipient: format!("key-{n}").parse()?,
            sender: self.phone.clone(),
            tone: Tone::Firm,
            counted_from: None,
            listed: vec![n.to_string().parse()?],
            asked_by: None,
            cost: None,
            report: DeliveryReport::default(),
            earlier: std::collections::BTreeMap::new(),
            expired_before: 0,
        })
    }

    fn said(&self) -> Result<Attempt, Failure> {
        let amount = Money::new(40_000, "AED".parse()?);
        Ok(Attempt {
            policy: PolicyId::organisation_default(),
            policy_version: 1,
            template: TemplateRef { name: "numo_overdue_firm_v1".to_owned(), language: "en".to_owned() },
            text: "x".repeat(300),
            lines: Vec::new(),
            total: amount,
            evidence: Evidence {
                read_at: self.now(),
                anchor_remaining: amount,
                anchor_updated_at: Some(self.now()),
                request_ids: Vec::new(),
            },
        })
    }

    fn status(&self, n: u32, status: DeliveryStatus) -> Update {
        let pricing = Pricing { billed: Billed::Regular, category: PriceCategory::Utility };
        Update::Status(StatusUpdate {
            phone_number_id: self.phone.clone(),
            message: format!("wamid.{n}").parse().unwrap_or_else(|_| unreachable!("an id")),
            attempt: Some(attempt(n)),
            status,
            report: DeliveryReport::new(BTreeSet::new(), Some(pricing)),
            asks_for: None,
            recipient: None,
            at: self.now(),
        })
    }
}

fn attempt(n: u32) -> AttemptId {
    AttemptId::new(Uuid::from_u128(u128::from(n) + 1))
}

/// The same order in every run.
fn shuffle(updates: &mut [Update]) {
    let mut seed = Seed::new(1);
    for last in (1..updates.len()).rev() {
        let choices = u64::try_from(last + 1).unwrap_or(u64::MAX);
        updates.swap(last, usize::try_from(seed.next() % choices).unwrap_or(last));
    }
}
