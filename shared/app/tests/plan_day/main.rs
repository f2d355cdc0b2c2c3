//! Planning days: races between planners, the look ahead, and what a plan leaves to the owner.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod ahead;
mod chosen_policy;
mod decisions;
mod drill;
mod explained;
mod figures;
mod past_days;
mod reads;

use std::{collections::BTreeMap, sync::Arc};

use jiff::{Timestamp, civil::Date};
use numo_app::{
    approve_plan::approve_plan,
    configure,
    job::{Cause, Work},
    plan_day::plan_day,
    port::table::Table,
    situation::situation,
    store::{
        Store,
        due::{Claimed, dispatch_work},
        plan::{PlanApproval, PlanHeader},
        task::TaskAbout,
    },
    wake::Waker,
};
use numo_domain::{
    connection::{Connection, ConnectionStatus, LedgerProvider},
    contact::{Contact, ContactNumber, ContactRef, ContactStatus},
    cost::CostCap,
    id::{ConnectionId, OrgId, PolicyId},
    invoice::{Invoice, InvoiceStatus, Marked},
    language::Language,
    money::Money,
    organisation::Attestation,
    policy::{Approval, Policy, PolicyState},
    sender::{Sender, SenderStatus, Throughput},
    template::{AccountTemplate, texts_in},
};
use numo_testkit::{
    counting_ids::CountingIds, meddled_table::MeddledTable, memory_table::MemoryTable, recording_queue::RecordingQueue,
};
use uuid::Uuid;

/// Monday; the first step about what was due on Saturday is for Tuesday.
const MONDAY: Date = Date::constant(2026, 11, 23);
const TUESDAY: Date = Date::constant(2026, 11, 24);

fn org() -> OrgId {
    "org_a".parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Six o'clock on Monday.
fn monday() -> Timestamp {
    at("2026-11-23T06:00:00Z")
}

/// One planner with its own queue.
#[derive(Clone)]
struct Planner {
    waker: Waker,
    queue: Arc<RecordingQueue>,
}

impl Planner {
    fn new(table: Arc<dyn Table>, first_id: u64) -> Self {
        let queue = Arc::new(RecordingQueue::new());
        let ids = Arc::new(CountingIds::new(first_id));
        Self { waker: Waker { store: Store::new(table), queue: queue.clone(), ids }, queue }
    }

    async fn asked(&self, now: Timestamp) -> Timestamp {
        self.waker.wake(&org(), &Work::PlanDay {}, Cause::Person, now).await.unwrap();
        self.queue.take().pop().unwrap().claim.unwrap()
    }

    async fn plan(&self, now: Timestamp) -> Option<PlanHeader> {
        let claim = self.asked(now).await;
        plan_day(&self.waker, &org(), claim, now).await.unwrap()
    }

    /// Saves the policy in force as the version after `based_on`.
    async fn save_policy(&self, based_on: u32, approval: Approval) {
        let policy = Policy { state: PolicyState::Active, approval, ..Policy::standard(monday()) };
        // In force since long ago, so that nothing is old.
        let known_since = at("2026-10-01T08:00:00Z");
        let default = PolicyId::organisation_default();
        self.waker.store.save_policy(&org(), (&default, based_on), policy, known_since).await.unwrap();
    }

    async fn header(&self, date: Date) -> Option<PlanHeader> {
        self.waker.store.plan_header(&org(), date).await.unwrap().map(|seen| seen.value)
    }

    async fn policy_versions(&self, date: Date) -> Vec<u32> {
        let header = self.header(date).await.unwrap();
        let decisions = self.waker.store.plan_decisions(&org(), &header).await.unwrap();
        decisions.into_iter().map(|decision| decision.policy_version).collect()
    }

    async fn tasks(&self) -> Vec<TaskAbout> {
        self.waker.store.tasks(&org()).await.unwrap().into_iter().map(|task| task.about).collect()
    }

    /// A customer who owes since Saturday, and everything that a message needs.
    async fn seed(&self) {
        let (store, org, known_since) = (&self.waker.store, org(), at("2026-10-01T08:00:00Z"));
        let by = "user_ann".parse().unwrap();
        let attestation = Attestation { version: 1, by, at: known_since, authorised_by: String::new() };
        let attest = |profile: &mut numo_domain::organisation::Organisation| {
            profile.attestation = Some(attestation.clone());
        };
        store.change_organisation(&org, known_since, attest).await.unwrap();
        store.save_connection(&org, &ledger(), monday()).await.unwrap();
        store.upsert_contact(&org, None, &customer(), monday()).await.unwrap();
        store.upsert_invoice(&org, None, &invoice(), monday(), known_since).await.unwrap();
        let sender = Sender {
            phone_number_id: "200".parse().unwrap(),
            waba: "100".parse().unwrap(),
            number: "+971509990000".parse().unwrap(),
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
        store.save_sender(&org, &sender, monday()).await.unwrap();
        for text in texts_in(Language::English) {
            let template = AccountTemplate::approved(text.reference());
            store.save_template(&org, &sender.waba, &template, monday()).await.unwrap();
        }
    }
}

fn connection() -> ConnectionId {
    ConnectionId::new(Uuid::from_u128(0xc1))
}

fn ledger() -> Connection {
    Connection {
        id: connection(),
        provider: LedgerProvider::Xero,
        tenant: "tenant-a".parse().unwrap(),
        provider_connection: "link-a".parse().unwrap(),
        holder: "holder-a".parse().unwrap(),
        name: "Harbour Lane".to_owned(),
        status: ConnectionStatus::Active,
        is_demo_company: false,
        connected_at: at("2026-10-01T08:00:00Z"),
        last_synced_at: Some(at("2026-11-25T00:00:00Z")),
        consent_ends_at: None,
        own_reminders: None,
        sender: None,
        last_payment_on: Some(MONDAY),
    }
}

fn customer() -> Contact {
    Contact {
        at: ContactRef { connection: connection(), contact: "c-1".parse().unwrap() },
        name: "Acme Trading".to_owned(),
        status: ContactStatus::Active,
        number: ContactNumber::usable("+971501234567".parse().unwrap(), "key-1".parse().unwrap()),
        first_key: Some("key-1".parse().unwrap()),
        typed: None,
        typed_before: None,
        payer: None,
        groups: Vec::new(),
        updated_at: Timestamp::UNIX_EPOCH,
    }
}

fn invoice() -> Invoice {
    let owed = Money::new(40_000, "AED".parse().unwrap());
    Invoice {
        id: "i-1".parse().unwrap(),
        contact: customer().at,
        number: "INV-1".to_owned(),
        status: InvoiceStatus::Open,
        issued: "2026-10-21".parse().ok(),
        due: "2026-11-21".parse().ok(),
        total: owed,
        remaining: owed,
        marked: Marked::Sent,
        expected_payment: None,
        paid: None,
        updated_at: Timestamp::UNIX_EPOCH,
    }
}

async fn planner(approval: Approval) -> Planner {
    let planner = Planner::new(Arc::new(MemoryTable::new()), 1);
    planner.seed().await;
    planner.save_policy(1, approval).await;
    planner
}

#[tokio::test]
async fn no_plan_takes_the_place_of_one_that_knew_a_newer_policy_wherever_two_planners_meet() {
    let mut call = 1;
    loop {
        let memory: Arc<dyn Table> = Arc::new(MemoryTable::new());
        let table = Arc::new(MeddledTable::new(memory.clone()));
        let (mine, theirs) = (Planner::new(table.clone(), 1), Planner::new(memory, 1_000_000));
        theirs.seed().await;
        theirs.save_policy(1, Approval::Required).await;
        let claim = mine.asked(monday()).await;
        let other = theirs.clone();
        table.meddle(call, async move {
            other.save_policy(2, Approval::Required).await;
            other.plan(monday()).await;
        });
        plan_day(&mine.waker, &org(), claim, monday()).await.unwrap();
        if !table.is_meddled() {
            break;
        }
        for date in [MONDAY, TUESDAY] {
            assert_eq!(theirs.policy_versions(date).await, [3], "met before call {call}, {date}");
        }
        call += 1;
    }
    assert!(call > 15, "{call}");
}

#[tokio::test]
async fn the_plan_of_the_next_day_can_be_looked_at_and_approved_and_then_stands() {
    let planner = planner(Approval::Required).await;
    let today = planner.plan(monday()).await.unwrap();
    assert_eq!((today.date, today.sends), (MONDAY, 0));
    let ahead = planner.header(TUESDAY).await.unwrap();
    assert_eq!(
        (ahead.sends, &ahead.approval, ahead.first_at),
        (1, &PlanApproval::Awaited, Some(at("2026-11-24T09:00:00Z")))
    );
    let (org, by) = (org(), "user_ann".parse().unwrap());
    let approve = |date, generation| approve_plan(&planner.waker, &org, &by, date, generation, monday());
    let late = approve("2026-11-25".parse().unwrap(), 1).await.unwrap_err().to_string();
    assert_eq!(late, "plan not found");
    let approved = approve(TUESDAY, ahead.generation).await.unwrap();
    assert!(approved.approval.is_given());
    assert_eq!(planner.queue.take(), []);
    // At five past midnight the approved plan stands, and its dispatch still waits for the first slot.
    assert_eq!(planner.plan(at("2026-11-24T00:05:00Z")).await, None);
    assert_eq!(planner.header(TUESDAY).await.unwrap(), approved);
    let (work, slot) = (dispatch_work(TUESDAY), at("2026-11-24T09:00:00Z"));
    let dispatch = planner.waker.store.claim_work(&org, &work, slot).await.unwrap();
    let Claimed::Claimed { claim, .. } = dispatch else { panic!("{dispatch:?}") };
    // Whoever approves once more takes the work from nobody.
    approve_plan(&planner.waker, &org, &by, TUESDAY, ahead.generation, slot).await.unwrap();
    assert!(planner.waker.store.holds_claim(&org, &work, claim).await.unwrap());
    assert_eq!(planner.queue.take(), []);
}

#[tokio::test]
async fn a_plan_that_was_not_approved_is_made_anew_when_something_changed_and_stays_as_it_is_otherwise() {
    let planner = planner(Approval::Required).await;
    planner.plan(monday()).await.unwrap();
    let ahead = planner.header(TUESDAY).await.unwrap();
    let midnight = at("2026-11-24T00:05:00Z");
    assert_eq!(planner.plan(midnight).await, Some(ahead.clone()));
    planner.save_policy(2, Approval::Required).await;
    let header = planner.plan(midnight).await.unwrap();
    assert_eq!((header.date, header.generation), (TUESDAY, ahead.generation + 1));
}

#[tokio::test]
async fn a_day_whose_plan_goes_out_by_itself_is_not_planned_ahead() {
    let planner = planner(Approval::Automatic).await;
    planner.plan(monday()).await.unwrap();
    assert_eq!(planner.header(TUESDAY).await, None);
}

#[tokio::test]
async fn a_task_that_follows_from_plans_is_opened_once_and_closed_by_the_next_plan() {
    let planner = planner(Approval::Required).await;
    let set_unread = |since: Option<Timestamp>| {
        let (store, customer) = (planner.waker.store.clone(), customer().at);
        async move {
            store.change_customer_file(&org(), &customer, monday(), |file| file.unread_since = since).await.unwrap();
        }
    };
    // Friday; two business days are over on Wednesday, five on Monday.
    set_unread(Some(at("2026-11-20T10:00:00Z"))).await;
    let unanswered = |business_days| TaskAbout::ReplyUnanswered { customer: customer().at, business_days };
    for (now, tasks) in [
        ("2026-11-24T00:05:00Z", vec![]),
        ("2026-11-25T00:05:00Z", vec![unanswered(2)]),
        ("2026-11-25T12:00:00Z", vec![unanswered(2)]),
        ("2026-11-30T00:05:00Z", vec![unanswered(5)]),
    ] {
        planner.plan(at(now)).await;
        assert_eq!(planner.tasks().await, tasks, "{now}");
    }
    set_unread(None).await;
    planner.plan(at("2026-11-30T10:00:00Z")).await;
    assert_eq!(planner.tasks().await, []);
}

#[tokio::test]
async fn a_lowered_cost_cap_holds_what_was_planned_before_and_its_task_closes_with_the_cap() {
    let planner = planner(Approval::Automatic).await;
    let org = org();
    let set = |minor: i64| {
        let per_month = Money::new(minor, "USD".parse().unwrap());
        let cap =
            CostCap { per_month, rates: BTreeMap::new(), rate_elsewhere: 80_000, valid_from: None, read_on: None };
        let (waker, org) = (&planner.waker, &org);
        async move {
            let by = "user_ann".parse().unwrap();
            configure::set_cost_cap(waker, org, &by, Some(cap), monday()).await.unwrap();
        }
    };
    let why = async || {
        let plan = situation(&planner.waker.store, &org, monday()).await.unwrap().plan(at("2026-11-24T09:00:00Z"));
        plan.decisions[0].reasons().iter().map(|reason| reason.code.code()).collect::<Vec<_>>()
    };
    for (minor, reasons, tasks) in [
        (8, vec![], vec![]),
        (7, vec!["cost_cap"], vec![TaskAbout::CostCapReached(Date::constant(2026, 11, 1))]),
        (8, vec![], vec![]),
    ] {
        set(minor).await;
        assert_eq!(why().await, reasons, "{minor}");
        planner.plan(at("2026-11-24T05:00:00Z")).await;
        assert_eq!(planner.tasks().await, tasks, "{minor}");
    }
}

#[tokio::test]
async fn the_planner_knows_our_own_numbers_and_metas_daily_limit() {
    let planner = planner(Approval::Automatic).await;
    let org = org();
    let why = async || {
        let plan = situation(&planner.waker.store, &org, monday()).await.unwrap().plan(at("2026-11-24T09:00:00Z"));
        plan.decisions[0].reasons().iter().map(|reason| reason.code.code()).collect::<Vec<_>>()
    };
    let sender = "200".parse().unwrap();
    assert_eq!(why().await, Vec::<&str>::new());
    // Four fifths of one message is none.
    let store = &planner.waker.store;
    store.change_sender(&org, &sender, monday(), |sender| sender.daily_limit = Some(1)).await.unwrap();
    assert_eq!(why().await, ["messaging_limit"]);
    let ours = |sender: &mut Sender| {
        (sender.daily_limit, sender.number) = (None, "+971501234567".parse().unwrap());
    };
    store.change_sender(&org, &sender, monday(), ours).await.unwrap();
    assert_eq!(why().await, ["number_shared"]);
}

#[tokio::test]
async fn an_account_at_which_nobody_looks_yet_is_looked_at_an_hour_after_a_plan() {
    let planner = planner(Approval::Automatic).await;
    let look = Work::CheckAccount { waba: "100".parse().unwrap() };
    let (store, org, seven) = (&planner.waker.store, org(), at("2026-11-24T07:00:00Z"));
    assert!(!store.holds_claim(&org, &look, seven).await.unwrap());
    for now in ["2026-11-24T06:00:00Z", "2026-11-24T06:30:00Z"] {
        planner.plan(at(now)).await;
        assert!(store.holds_claim(&org, &look, seven).await.unwrap(), "{now}");
    }
}
