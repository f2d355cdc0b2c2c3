//! A request that names a key is done once, whatever processes it meets.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use std::sync::Arc;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use numo_app::{
    asked_once::{Asked, Once},
    number_key::NumberKeys,
    store::Store,
};
use numo_domain::id::{OrgId, UserId};
use numo_testkit::memory_table::MemoryTable;

fn asked<'a>(org: &'a OrgId, body: &str) -> Asked<'a> {
    let user: UserId = "user_ann".parse().unwrap();
    Asked::new(&NumberKeys::new(vec![7; 32]).unwrap(), (org, &user), "key-1", ("/plan", body.as_bytes()))
}

fn now() -> Timestamp {
    "2026-11-24T06:00:00Z".parse().unwrap()
}

#[tokio::test]
async fn of_twenty_who_send_it_at_once_one_does_it() {
    for is_over in [false, true] {
        let store = Store::new(Arc::new(MemoryTable::new()));
        if is_over {
            let org = "org_a".parse().unwrap();
            asked(&org, "{}").begin(&store, now() - SignedDuration::from_hours(24)).await.unwrap();
        }
        let one = async || {
            let org = "org_a".parse().unwrap();
            match asked(&org, "{}").begin(&store, now()).await.unwrap() {
                Once::New(_) => "new",
                Once::Underway => "underway",
                other @ (Once::Done(_) | Once::Unknown | Once::Other) => panic!("{other:?}"),
            }
        };
        let mut told = join_all((0..20).map(|_| one())).await;
        told.sort_unstable();
        assert_eq!((told[0], told[1], told[19]), ("new", "underway", "underway"), "{is_over}");
    }
}

#[tokio::test]
async fn its_answer_is_opened_by_the_same_request_alone() {
    let (store, org) = (Store::new(Arc::new(MemoryTable::new())), "org_a".parse().unwrap());
    let request = asked(&org, "{}");
    let Once::New(begun) = request.begin(&store, now()).await.unwrap() else { panic!("it is new") };
    request.done(&store, begun, b"told".to_vec(), now()).await.unwrap();
    let Once::Done(told) = asked(&org, "{}").begin(&store, now()).await.unwrap() else { panic!("it was done") };
    assert_eq!(told, b"told");
    assert!(matches!(asked(&org, "[]").begin(&store, now()).await.unwrap(), Once::Other));
    let ids = ["{}", "{}", "[]"].map(|body| asked(&org, body).new_id());
    assert!(ids[0] == ids[1] && ids[0] != ids[2]);
}

#[tokio::test]
async fn what_failed_is_new_again() {
    let (store, org) = (Store::new(Arc::new(MemoryTable::new())), "org_a".parse().unwrap());
    let request = asked(&org, "{}");
    let Once::New(begun) = request.begin(&store, now()).await.unwrap() else { panic!("it is new") };
    request.failed(&store, begun).await.unwrap();
    assert!(matches!(request.begin(&store, now()).await.unwrap(), Once::New(_)));
}
