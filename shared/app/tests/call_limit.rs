//! How many calls an organisation may make, whatever processes they meet.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use numo_app::{
    call_limit::{Admission, CallLimit},
    store::Store,
};
use numo_domain::id::OrgId;
use numo_testkit::{
    faulty_table::{Fault, FaultyTable, Plan},
    memory_table::MemoryTable,
};

fn org() -> OrgId {
    "org_a".parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

async fn admitted(limit: &CallLimit, calls: usize, now: Timestamp) -> usize {
    let mut admitted = 0;
    for _ in 0..calls {
        admitted += usize::from(limit.admit(&org(), now).await == Admission::Admitted);
    }
    admitted
}

#[tokio::test]
async fn processes_share_the_calls_of_a_minute_and_the_next_one_has_its_own() {
    let table = Arc::new(MemoryTable::new());
    let process = || CallLimit::new(Store::new(table.clone()), 50);
    let (one, other, now) = (process(), process(), at("2026-11-24T06:00:45Z"));
    assert_eq!(admitted(&one, 20, now).await, 20);
    assert_eq!(admitted(&other, 20, now).await, 20);
    assert_eq!(admitted(&one, 20, now).await, 10);
    assert_eq!(other.admit(&org(), now).await, Admission::Refused(SignedDuration::from_secs(15)));
    assert_eq!(other.admit(&"org_b".parse().unwrap(), now).await, Admission::Admitted);
    assert_eq!(admitted(&other, 60, at("2026-11-24T06:01:00Z")).await, 50);
}

#[tokio::test]
async fn nobody_is_refused_while_the_table_fails() {
    for fault in [Fault::Before, Fault::After] {
        let table = Arc::new(FaultyTable::new(Arc::new(MemoryTable::new())));
        let limit = CallLimit::new(Store::new(table.clone()), 50);
        table.reset(Plan::Crash { call: 1, fault });
        assert_eq!(admitted(&limit, 100, at("2026-11-24T06:00:45Z")).await, 100);
    }
}
