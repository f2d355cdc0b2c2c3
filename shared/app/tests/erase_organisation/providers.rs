//! What providers say to the end, and what becomes of a table that was restored.

use std::sync::Arc;

use jiff::SignedDuration;
use numo_app::{
    erase_organisation::{
        ask, begin, certificate_code,
        run::{Erasing, TOLD_FOR},
        withdraw,
    },
    operator::OperatorPorts,
    port::{ledger::LedgerError, whatsapp::AccountError},
    restored_table::take_over,
    store::Store,
};
use numo_testkit::counting_ids::CountingIds;

use crate::world::{World, ann, asked_at, org};

fn down() -> LedgerError {
    LedgerError::Unavailable("down".into())
}

#[tokio::test]
async fn a_provider_that_does_not_answer_holds_everything_up_until_it_does() {
    let world = World::new().await;
    begin(world.store(), &org(), world.now()).await.unwrap();
    world.ledger.held().disconnects.push_back(down());
    let job = world.jobs().await.pop().unwrap();
    assert_eq!(world.run(&job, 300).await.unwrap(), Erasing::Waits);
    // What could be ended has ended, with its tokens; the other keeps what it is to be told with.
    let grants = world.table.items().into_iter().filter(|item| item.key.pk == "VAULT#org_a#" && item.entity == "grant");
    assert_eq!(grants.count(), 1);
    assert_eq!(world.pass(1).await.last(), Some(&Erasing::Done));
    assert_eq!(world.ledger.asked(), ["disconnect link-10", "disconnect link-11", "disconnect link-10"]);
    assert_eq!(world.meta.unsubscribed().len(), 1);
}

#[tokio::test]
async fn after_three_days_without_an_answer_it_goes_on_and_says_so() {
    let world = World::new().await;
    let erasure = ask(&world.ports.waker, (&org(), &ann()), "Harbour", world.now()).await.unwrap();
    world.ledger.held().disconnects.extend((0..1_000).map(|_| down()));
    world.clock.advance(SignedDuration::from_hours(7 * 24));
    let begun = world.now();
    assert_eq!(world.pass(100).await.last(), Some(&Erasing::Done));
    assert!(world.now().duration_since(begun) > TOLD_FOR);
    let code = certificate_code(&world.ports.number_keys, &erasure).unwrap();
    let untold = world.store().certificate(&code).await.unwrap().unwrap().untold;
    assert_eq!(untold, [("quickbooks".to_owned(), 1), ("xero".to_owned(), 1)].into());
}

#[tokio::test]
async fn a_provider_that_says_no_for_good_holds_nothing_up() {
    let world = World::new().await;
    begin(world.store(), &org(), world.now()).await.unwrap();
    world.ledger.held().disconnects.extend([LedgerError::Rejected(400), LedgerError::NotFound]);
    world.meta.refuse(AccountError::Rejected(100));
    assert_eq!(world.pass(2).await.last(), Some(&Erasing::Done));
    let untold = world.store().organisation_erasure(&org()).await.unwrap().unwrap().value.untold;
    let connection = "xero:018f0000-0000-7000-8000-000000000010".to_owned();
    assert_eq!(untold, ["whatsapp:101".to_owned(), connection].into());
}

#[tokio::test]
async fn clerk_is_told_again_and_what_says_that_it_was_erased_stays_until_it_was() {
    let world = World::new().await;
    ask(&world.ports.waker, (&org(), &ann()), "Harbour", world.now()).await.unwrap();
    world.clock.advance(SignedDuration::from_hours(7 * 24));
    world.people.set_down(true);
    let waited = world.pass(5).await;
    assert!(waited.iter().all(|ended| *ended == Erasing::Waits), "{waited:?}");
    assert_eq!(world.kept_of(&org()).iter().map(|item| item.entity.as_str()).collect::<Vec<_>>(), ["due"]);
    world.people.set_down(false);
    assert_eq!(world.pass(2).await, [Erasing::Done]);
    let note = world.table.items().into_iter().find(|item| item.entity == "organisation_erasure").unwrap();
    assert_eq!(note.expires_at, Some(world.now() + SignedDuration::from_hours(35 * 24)));
}

#[tokio::test]
async fn a_table_that_is_restored_erases_it_again_and_forgets_what_was_withdrawn() {
    for is_withdrawn in [false, true] {
        let world = World::new().await;
        let gate = numo_app::messaging_gate::closed_until(world.store(), world.now()).await.unwrap();
        assert_eq!(gate, None);
        let backup = Arc::new(world.table.restored("numo-restored"));
        world.clock.advance(SignedDuration::from_hours(1));
        ask(&world.ports.waker, (&org(), &ann()), "Harbour", world.now()).await.unwrap();
        if is_withdrawn {
            world.clock.advance(SignedDuration::from_hours(1));
            withdraw(&world.ports.waker, (&org(), &ann()), world.now()).await.unwrap();
        } else {
            assert_eq!(world.pass(24 * 8).await.last(), Some(&Erasing::Done));
        }
        let store = Store::with_journal(backup.clone(), world.journal.clone());
        let ports = OperatorPorts { store: store.clone(), ids: Arc::new(CountingIds::new(9)) };
        let (by, now) = ("ops".parse().unwrap(), world.now());
        let taken = take_over(&ports, (&by, "a lost table"), asked_at(), now).await.unwrap();
        assert_eq!(taken.organisations, usize::from(!is_withdrawn));
        assert_eq!(store.organisation_erasure(&org()).await.unwrap().is_some(), !is_withdrawn);
        assert_eq!(store.organisation(&org()).await.unwrap().is_paused(now), !is_withdrawn);
    }
}
