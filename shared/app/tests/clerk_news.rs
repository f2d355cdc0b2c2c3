//! What ends at Clerk ends here.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use std::sync::Arc;

use jiff::Timestamp;
use numo_app::{
    clerk_news::{ClerkNews, ClerkPorts, Taken, take_clerk_news},
    error::AppError,
    job::Work,
    mail_settings::set_digest,
    store::Store,
    wake::Waker,
};
use numo_domain::id::{OrgId, UserId};
use numo_testkit::{
    counting_ids::CountingIds,
    faulty_table::{Fault, FaultyTable, Plan},
    memory_table::MemoryTable,
    recording_queue::RecordingQueue,
};

struct World {
    faults: Arc<FaultyTable>,
    ports: ClerkPorts,
    store: Store,
}

impl World {
    async fn new() -> Self {
        let table = Arc::new(MemoryTable::new());
        let faults = Arc::new(FaultyTable::new(table.clone()));
        let store = Store::new(table);
        store.change_organisation(&org(), now(), |profile| profile.name = "Harbour".to_owned()).await.unwrap();
        let ports = ClerkPorts { store: Store::new(faults.clone()), ids: Arc::new(CountingIds::new(1)) };
        Self { faults, ports, store }
    }

    async fn take(&self, message: &str, news: &ClerkNews) -> Result<Taken, AppError> {
        take_clerk_news(&self.ports, message, news, now()).await
    }

    /// The erasure is noted, it begins at once, and the next sweep finds it.
    async fn is_to_be_erased(&self) -> bool {
        let noted = self.store.organisation_erasure(&org()).await.unwrap();
        let is_noted = noted.is_some_and(|noted| noted.value.is_gone_at_clerk && noted.value.begins_at == now());
        is_noted && self.store.holds_claim(&org(), &Work::EraseOrganisation {}, now()).await.unwrap()
    }

    async fn is_stopped(&self) -> bool {
        self.store.organisation(&org()).await.unwrap().is_paused(now())
    }
}

fn org() -> OrgId {
    "org_a".parse().unwrap()
}

fn ann() -> UserId {
    "user_ann".parse().unwrap()
}

fn now() -> Timestamp {
    "2026-11-24T06:00:00Z".parse().unwrap()
}

fn deleted(org: &str) -> ClerkNews {
    ClerkNews::OrganisationDeleted { org: org.parse().unwrap() }
}

#[tokio::test]
async fn an_organisation_that_was_deleted_sends_nothing_more_and_the_message_counts_once() {
    let world = World::new().await;
    assert_eq!(world.take("msg_1", &deleted("org_a")).await.unwrap(), Taken::Done);
    assert!(world.is_stopped().await);
    assert_eq!(world.take("msg_1", &deleted("org_a")).await.unwrap(), Taken::Repeated);
    assert!(world.is_to_be_erased().await);
}

#[tokio::test]
async fn what_ends_in_an_organisation_that_is_not_known_leaves_nothing_there() {
    let world = World::new().await;
    assert_eq!(world.take("msg_1", &deleted("org_b")).await.unwrap(), Taken::Nothing);
    let ended = ClerkNews::MembershipEnded { org: "org_b".parse().unwrap(), user: ann() };
    assert_eq!(world.take("msg_2", &ended).await.unwrap(), Taken::Nothing);
    let other: OrgId = "org_b".parse().unwrap();
    assert_eq!(world.store.known_organisation(&other).await.unwrap(), None);
    assert_eq!(world.store.activity(&other, 10).await.unwrap(), []);
}

#[tokio::test]
async fn a_person_who_is_gone_is_named_in_no_organisation_any_more() {
    let world = World::new().await;
    let (queue, ids) = (Arc::new(RecordingQueue::new()), Arc::new(CountingIds::new(500)));
    let waker = Waker { store: world.store.clone(), queue, ids };
    let other: OrgId = "org_b".parse().unwrap();
    for org in [&org(), &other] {
        set_digest(&waker, org, &ann(), false, now()).await.unwrap();
        set_digest(&waker, org, &"user_max".parse().unwrap(), false, now()).await.unwrap();
    }
    let gone = ClerkNews::UserDeleted { user: ann() };
    assert_eq!(world.take("msg_1", &gone).await.unwrap(), Taken::Done);
    for org in [&org(), &other] {
        let settings = world.store.mail_settings(org).await.unwrap();
        assert_eq!(settings.without_digest, ["user_max".parse().unwrap()].into());
    }
    assert_eq!(world.take("msg_2", &gone).await.unwrap(), Taken::Nothing);
}

#[tokio::test]
async fn a_fault_at_any_call_is_made_good_by_the_next_try() {
    for fault in [Fault::Before, Fault::After] {
        for call in 1.. {
            let world = World::new().await;
            world.faults.reset(Plan::Once { call, fault });
            let tried = world.take("msg_1", &deleted("org_a")).await;
            let n_calls = world.faults.calls();
            world.faults.reset(Plan::Never);
            if tried.is_ok() && n_calls < call {
                assert!(call > 5, "{n_calls} calls");
                break;
            }
            world.take("msg_1", &deleted("org_a")).await.unwrap();
            assert!(world.is_stopped().await, "call {call} {fault:?}");
            assert!(world.is_to_be_erased().await, "call {call} {fault:?}");
            assert_eq!(world.take("msg_1", &deleted("org_a")).await.unwrap(), Taken::Repeated);
        }
    }
}
