//! Erasing one customer: everything that names them goes, nothing comes back, and nobody else notices.

use std::collections::BTreeMap;

use jiff::{SignedDuration, civil::date};
use numo_app::{
    error::AppError,
    port::table::{Item, Key},
};
use numo_domain::{contact::ContactRef, id::ExternalId, reminder::Reminder};
use numo_simulation::world::World;
use numo_testkit::faulty_table::{Fault, Plan};

const WORDS: &str = "my very own words";

fn c0() -> ExternalId {
    "c0".parse().unwrap()
}

/// Customers who got a reminder each and wrote back; nothing is under way.
async fn after_a_day(customers: u32) -> (World, ContactRef) {
    let mut world = World::new(4);
    world.set_up(1, customers).await;
    world.owed_since(0, date(2026, 11, 10));
    world.first_day().await;
    world.approve(0).await;
    world.run_in_peace(5).await;
    for contact in ["c0", "c1"] {
        let (contact, id) = (contact.parse().unwrap(), format!("wamid.in.{contact}"));
        world.customer_writes(0, &contact, (&id, WORDS));
    }
    world.run_in_peace(1).await;
    let customer = world.customer(0, &c0()).await;
    assert_eq!(reminders_of(&world, &customer).await.len(), 1);
    (world, customer)
}

async fn reminders(world: &World) -> Vec<Reminder> {
    world.store().reminders(&world.businesses[0].org).await.unwrap()
}

async fn reminders_of(world: &World, customer: &ContactRef) -> Vec<Reminder> {
    let mut all = reminders(world).await;
    all.retain(|reminder| reminder.key.contact == *customer);
    all
}

/// What is said of a customer, by who may read it: items that hold a text.
fn holding(world: &World, text: &str) -> Vec<Item> {
    let mut items = world.table.items();
    items.retain(|item| format!("{item:?}").contains(text));
    items
}

/// Classes of items that still name a customer by the ledger's id.
fn naming(world: &World, customer: &ContactRef) -> Vec<String> {
    // As a value of its own, or within a text that is JSON.
    let ids = [format!("String(\"{}\")", customer.contact), format!("\\\"{}\\\"", customer.contact)];
    let mut classes: Vec<String> = ids.iter().flat_map(|id| holding(world, id)).map(|item| item.entity).collect();
    classes.sort();
    classes.dedup();
    classes
}

/// Everything that names another customer of the ledger.
fn of_another(world: &World) -> BTreeMap<Key, Item> {
    let is_theirs = |item: &Item| ["contact", "invoice", "customer_file", "reminder"].contains(&item.entity.as_str());
    let items = holding(world, "String(\"c1\")").into_iter().filter(is_theirs);
    items.map(|item| (item.key.clone(), item)).collect()
}

#[tokio::test]
async fn an_erased_customer_is_found_nowhere_and_no_sync_brings_them_back() {
    let (mut world, customer) = after_a_day(3).await;
    let number = world.businesses[0].numbers[&c0()].trim_start_matches('+').to_owned();
    for text in [number.as_str(), "Customer c0", WORDS] {
        assert!(!holding(&world, text).is_empty(), "{text} is nowhere to begin with");
    }
    let (count, sent, another) = (reminders(&world).await.len(), world.meta.taken().len(), of_another(&world));
    let erased = world.erase(0, &customer).await.unwrap();
    world.run_in_peace(1).await;
    assert_eq!(holding(&world, &number), []);
    assert_eq!(holding(&world, "Customer c0"), []);
    // Their own words and no others: what the other customer wrote stands where it stood.
    let words = holding(&world, WORDS);
    assert!(words.iter().all(|item| item.entity == "conversation_line"), "{words:?}");
    assert_eq!(words.len(), 1);
    // A message of today counts on, without its words, until it is over.
    let said = world.said(0, &reminders_of(&world, &customer).await[0]).await;
    assert_eq!((said.text.as_str(), said.lines.len(), said.total.minor == 0), ("", 0, true));
    assert_eq!(of_another(&world), another);
    // The ledger is read again in full, and the customer owes more than ever.
    world.owed_since(0, date(2026, 10, 1));
    world.run_in_peace(30).await;
    assert_eq!(world.store().contacts(&world.businesses[0].org).await.unwrap().len(), 2);
    let still_sent = world.meta.taken();
    assert!(still_sent.iter().skip(sent).all(|taken| !taken.to.as_e164().ends_with(&number)));
    // A week later nothing tells whose the message was.
    world.pass(SignedDuration::from_hours(24 * 7));
    world.run_in_peace(2).await;
    assert_eq!(reminders_of(&world, &customer).await, []);
    let anonymous: Vec<Reminder> =
        reminders(&world).await.into_iter().filter(|reminder| reminder.key.is_anonymous()).collect();
    assert_eq!(anonymous.len(), 1);
    assert_eq!((&anonymous[0].message, anonymous[0].listed.len()), (&None, 0));
    assert!(reminders(&world).await.len() >= count);
    assert_eq!(naming(&world, &customer), ["plan_chunk"]);
    // Asked again, it is the same.
    let before = world.table.items();
    assert_eq!(world.erase(0, &customer).await.unwrap(), erased);
    assert!(world.table.items() == before);
}

#[tokio::test]
async fn an_erasure_that_dies_at_any_call_ends_like_one_that_does_not() {
    let left = |world: &World| -> BTreeMap<String, usize> {
        let mut classes = BTreeMap::new();
        for item in world.table.items() {
            *classes.entry(item.entity).or_default() += 1;
        }
        // Written by others as time goes by, or once more by whoever asked again.
        for other in ["activity", "due", "sync_run", "plan", "plan_chunk"] {
            classes.remove(other);
        }
        classes
    };
    let (mut calm, customer) = after_a_day(3).await;
    calm.faults.reset(Plan::Never);
    calm.erase(0, &customer).await.unwrap();
    let asking = calm.faults.calls();
    let working = calm.work_with(Plan::Never).await;
    calm.run_in_peace(1).await;
    assert!(asking > 6 && working > 30, "only {asking} and {working} calls were made");
    let number = calm.businesses[0].numbers[&c0()].trim_start_matches('+').to_owned();
    for call in 1..=asking + working {
        for fault in [Fault::Before, Fault::After] {
            let (mut world, customer) = after_a_day(3).await;
            if call <= asking {
                world.faults.reset(Plan::Crash { call, fault });
                let died = world.erase(0, &customer).await;
                world.faults.reset(Plan::Never);
                assert!(died.is_err(), "call {call}");
                world.erase(0, &customer).await.unwrap();
            } else {
                world.erase(0, &customer).await.unwrap();
                world.work_with(Plan::Crash { call: call - asking, fault }).await;
            }
            world.run_in_peace(1).await;
            assert_eq!(left(&world), left(&calm), "after a death at call {call} ({fault:?})");
            assert_eq!(holding(&world, &number), [], "after a death at call {call} ({fault:?})");
        }
    }
}

#[tokio::test]
async fn whoever_is_erased_between_plan_and_dispatch_gets_nothing() {
    let mut world = World::new(11);
    world.set_up(1, 3).await;
    world.owed_since(0, date(2026, 11, 10));
    world.first_day().await;
    world.approve(0).await;
    let customer = world.customer(0, &c0()).await;
    // The dispatch is in flight before the deletion is.
    world.erase(0, &customer).await.unwrap();
    world.run_in_peace(8).await;
    let number = &world.businesses[0].numbers[&c0()];
    let taken = world.meta.taken();
    assert_eq!(taken.iter().filter(|taken| taken.to.as_e164() == number).count(), 0);
    assert_eq!(taken.len(), 2);
}

#[tokio::test]
async fn a_number_that_another_customer_has_keeps_its_words_and_is_written_to_no_more() {
    let (mut world, customer) = after_a_day(6).await;
    let shared = world.customer(0, &"c5".parse().unwrap()).await;
    world.erase(0, &customer).await.unwrap();
    world.run_in_peace(1).await;
    let org = world.businesses[0].org.clone();
    let talks = world.store().conversations(&org).await.unwrap();
    let theirs = talks.iter().find(|talk| talk.contacts.contains(&shared)).unwrap();
    assert_eq!(theirs.contacts.iter().collect::<Vec<_>>(), [&shared]);
    assert_eq!(world.store().lines(&org, (&theirs.number, &theirs.sender), 9).await.unwrap().len(), 1);
    assert!(world.store().consents(&org).await.unwrap().opted_out_numbers.contains(&theirs.number));
}

#[tokio::test]
async fn only_whoever_types_the_name_or_the_id_has_a_customer_erased() {
    let (world, customer) = after_a_day(3).await;
    let before = world.table.items();
    let nobody = ContactRef { contact: "c99".parse().unwrap(), ..customer };
    assert!(matches!(world.erase(0, &nobody).await, Err(AppError::NotFound("customer"))));
    assert!(world.table.items() == before);
}
