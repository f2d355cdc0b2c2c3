//! Records that cannot be read, contacts that were merged, and who owes whose invoices.

use jiff::{SignedDuration, civil::date};
use numo_app::{
    edit_customer::{CustomerEdit, edit_customer},
    port::{
        clock::Clock,
        ledger::record::{LedgerContact, LedgerInvoice, LedgerPayment, RecordKind, SkippedRow},
        table::{Key, Table as _, Write, Written},
    },
    situation::situation,
    store::{consent::ConsentOf, reminder::grounds::Asked, unreadable::UnreadableRecord},
    sync_connection::Synced,
};
use numo_domain::{
    connection::LedgerProvider,
    consent::{ConsentChange, ConsentSource, ConsentState},
    contact::ContactStatus,
    credit::Receipts,
    customer_file::CustomerFile,
    id::PolicyId,
    plan::decision::Unit,
    policy::StepId,
    reminder::{Occasion, ReminderKey},
};

use crate::world::{World, admin, complete, connection_id, contact, contact_ref, invoice, org, payment, start};

fn unreadable() -> SkippedRow {
    SkippedRow {
        kind: RecordKind::Invoice,
        id: "i9".parse().ok(),
        number: Some("INV-0009".to_owned()),
        contact: "c1".parse().ok(),
        reason: "DueDate: unreadable".to_owned(),
    }
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_listed_until_it_can() {
    let world = World::connected(LedgerProvider::Xero).await;
    world.ledger.held().skipped = vec![unreadable()];
    assert!(matches!(world.sync().await, Synced::Complete(run) if run.skipped == 1));
    let listed = world.store.unreadable_records(&org(), connection_id()).await.unwrap();
    let expected = UnreadableRecord {
        kind: RecordKind::Invoice,
        id: "i9".to_owned(),
        number: Some("INV-0009".to_owned()),
        reason: "DueDate: unreadable".to_owned(),
    };
    assert_eq!(listed, [expected]);
    world.ledger.held().skipped.clear();
    world.ledger.held().invoices = vec![crate::world::invoice("i9", "c1", "AED 10")];
    world.sync().await;
    assert_eq!(world.store.unreadable_records(&org(), connection_id()).await.unwrap(), []);
}

#[tokio::test]
async fn invoices_of_a_merged_contact_and_of_a_billed_parents_job_are_owed_by_the_payer() {
    let world = World::synced(LedgerProvider::Quickbooks).await;
    world.ledger.held().contacts[1].payer = "c1".parse().ok();
    world.ledger.held().contacts[1].updated_at = world.clock.now();
    world.sync().await;
    let situation = situation(&world.store, &org(), start()).await.unwrap();
    let owed_by: Vec<_> = situation.ledger.invoices.iter().map(|open| open.invoice.contact.clone()).collect();
    assert_eq!(owed_by, [contact_ref("c1"), contact_ref("c1")]);
    world.ledger.held().contacts[1].payer = None;
    world.sync().await;
    let payers = world.store.payers(&org(), connection_id()).await.unwrap();
    assert_eq!(payers.payer_of(&contact_ref("c2")), contact_ref("c2"));
}

/// Whose receipts name which payments, and whether one of theirs was taken back.
async fn received(world: &World) -> Vec<(String, Vec<String>, bool)> {
    let receipts = world.store.receipts(&org()).await.unwrap().into_iter();
    let ids = |receipts: &Receipts| receipts.recent.iter().map(|receipt| receipt.payment.to_string()).collect();
    receipts.map(|(unit, paid)| (unit.contact.contact.to_string(), ids(&paid), paid.reversed_at.is_some())).collect()
}

#[tokio::test]
async fn a_payment_that_the_ledger_moves_to_another_customer_is_no_longer_of_the_first() {
    let world = World::synced(LedgerProvider::Xero).await;
    world.ledger.held().payments = vec![payment("p1", "c1", 24)];
    world.sync().await;
    let row = |contact: &str, ids: &[&str], is_reversed| {
        (contact.to_owned(), ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>(), is_reversed)
    };
    assert_eq!(received(&world).await, [row("c1", &["p1"], false)]);
    let moved = LedgerPayment { updated_at: world.clock.now(), ..payment("p1", "c2", 24) };
    world.ledger.held().payments = vec![moved];
    for _ in 0..2 {
        world.sync().await;
        assert_eq!(received(&world).await, [row("c1", &[], true), row("c2", &["p1"], false)]);
    }
}

#[tokio::test]
async fn what_a_customer_and_those_it_pays_for_received_counts_together_for_a_plan_and_for_a_send() {
    let world = World::synced(LedgerProvider::Quickbooks).await;
    {
        let mut held = world.ledger.held();
        held.contacts[1].payer = "c1".parse().ok();
        held.contacts[1].updated_at = world.clock.now();
        held.payments = vec![payment("p1", "c1", 23), payment("p2", "c2", 24)];
    }
    world.sync().await;
    let situation = situation(&world.store, &org(), world.clock.now()).await.unwrap();
    let unit = Unit { contact: contact_ref("c1"), currency: "AED".parse().unwrap() };
    let planned = situation.ledger.receipts.get(&unit);
    assert_eq!(planned.map(|receipts| (receipts.recent.len(), receipts.last_on)), Some((2, date(2026, 11, 24))));
    assert_eq!(situation.ledger.receipts.len(), 1);
    let key = ReminderKey {
        contact: unit.contact,
        currency: unit.currency,
        anchor: "i1".parse().unwrap(),
        cycle: 1,
        occasion: Occasion::ThankYou(date(2026, 11, 24)),
    };
    let (recipient, sender) = ("k1".parse().unwrap(), "phone".parse().unwrap());
    let (policy, billed) = (PolicyId::organisation_default(), [contact_ref("c1"), contact_ref("c2")].into());
    let asked =
        Asked { key: &key, recipient: &recipient, sender: &sender, policy: &policy, rests_on: &[], billed: &billed };
    let grounds = world.store.grounds(&org(), asked).await.unwrap();
    assert_eq!(grounds.receipts.as_ref(), planned);
}

#[tokio::test]
async fn an_opt_out_outlives_the_merge_of_its_contact() {
    let world = World::synced(LedgerProvider::Xero).await;
    let stop = ConsentChange {
        state: ConsentState::OptedOut,
        at: start(),
        by: ConsentSource::Message,
        note: String::new(),
        message: None,
        recorded_by: None,
    };
    let said_by = ConsentOf::Contact(contact_ref("c2"));
    world.store.change_consent(&org(), said_by, &stop, start()).await.unwrap();
    {
        let mut held = world.ledger.held();
        held.contacts[1].status = ContactStatus::Archived;
        held.contacts[1].payer = "c1".parse().ok();
        held.contacts[1].updated_at = world.clock.now();
    }
    world.sync().await;
    let consents = world.store.consents(&org()).await.unwrap();
    assert!(consents.opted_out_contacts.contains(&contact_ref("c1")));
}

#[tokio::test]
async fn what_was_decided_about_a_merged_contact_holds_for_whoever_owes_its_invoices() {
    let world = World::synced(LedgerProvider::Xero).await;
    let put_off = |file: &mut CustomerFile| file.snoozed_until = Some(jiff::civil::date(2027, 1, 1));
    world.store.change_customer_file(&org(), &contact_ref("c2"), start(), put_off).await.unwrap();
    {
        let mut held = world.ledger.held();
        held.contacts[1].status = ContactStatus::Archived;
        held.contacts[1].payer = "c1".parse().ok();
        held.contacts[1].updated_at = world.clock.now();
    }
    world.sync().await;
    let situation = situation(&world.store, &org(), world.clock.now()).await.unwrap();
    let files: Vec<_> = situation.history.files.keys().cloned().collect();
    assert_eq!(files, [contact_ref("c1")]);
    let billed = [contact_ref("c1"), contact_ref("c2")].into();
    let key = ReminderKey {
        contact: contact_ref("c1"),
        currency: "AED".parse().unwrap(),
        anchor: "i1".parse().unwrap(),
        cycle: 1,
        occasion: Occasion::Step(StepId(1)),
    };
    let (recipient, sender) = ("k1".parse().unwrap(), "phone".parse().unwrap());
    let policy = PolicyId::organisation_default();
    let asked =
        Asked { key: &key, recipient: &recipient, sender: &sender, policy: &policy, rests_on: &[], billed: &billed };
    let grounds = world.store.grounds(&org(), asked).await.unwrap();
    assert_eq!(Some(&grounds.file), situation.history.files.get(&contact_ref("c1")));
}

#[tokio::test]
async fn what_a_person_settles_for_a_customer_is_settled_for_the_contacts_it_pays_for_as_well() {
    let world = World::synced(LedgerProvider::Xero).await;
    world.ledger.held().contacts[1].payer = "c1".parse().ok();
    world.ledger.held().contacts[1].updated_at = world.clock.now();
    world.sync().await;
    let wrote = |file: &mut CustomerFile| {
        file.unread_since = Some(start());
        file.unlinked.insert("k1".parse().unwrap());
    };
    for contact in ["c1", "c2"] {
        world.store.change_customer_file(&org(), &contact_ref(contact), start(), wrote).await.unwrap();
    }
    for edit in [CustomerEdit::Handled {}, CustomerEdit::ConfirmNumber {}, CustomerEdit::TryAgain {}] {
        edit_customer(&world.waker, &org(), &admin(), &contact_ref("c1"), &edit, start()).await.unwrap();
    }
    for contact in ["c1", "c2"] {
        let file = world.store.customer_file(&org(), &contact_ref(contact)).await.unwrap();
        let tried_again_on = Some(jiff::civil::date(2026, 11, 26));
        let settled = CustomerFile { released_at: Some(start()), tried_again_on, ..CustomerFile::default() };
        assert_eq!(file, settled, "{contact}");
    }
}

#[tokio::test]
async fn a_name_and_a_number_that_changed_are_kept_and_the_first_number_is_remembered() {
    let world = World::synced(LedgerProvider::Quickbooks).await;
    let renamed = contact("c1", "+971507654321");
    world.ledger.held().contacts[0] =
        numo_app::port::ledger::record::LedgerContact { name: "New name".to_owned(), ..renamed };
    world.sync().await;
    let stored = world.store.contacts_by_ref(&org(), &[contact_ref("c1")]).await.unwrap().remove(0).value;
    assert_eq!(stored.name, "New name");
    assert!(stored.first_key.is_some() && stored.first_key.as_ref() != stored.number.key());
}

#[tokio::test]
async fn many_new_records_are_all_kept_though_one_of_them_is_told_twice() {
    let world = World::synced(LedgerProvider::Xero).await;
    world.pass(SignedDuration::from_mins(2));
    {
        let mut held = world.ledger.held();
        let now = world.clock.now();
        for n in 10..70 {
            let id = format!("c{n}");
            held.contacts.push(LedgerContact { updated_at: now, ..contact(&id, &format!("+9715076543{n}")) });
            held.invoices.push(LedgerInvoice { updated_at: now, ..invoice(&format!("i{n}"), &id, "AED 120.00") });
        }
        let twice = (held.contacts[20].clone(), held.invoices[20].clone());
        held.contacts.push(twice.0);
        held.invoices.push(twice.1);
    }
    let run = complete(world.sync().await);
    assert_eq!((run.contacts_written, run.invoices_written), (60, 60));
    let stored = world.store.contacts(&org()).await.unwrap();
    let of_number = |n: u32| stored.iter().find(|known| known.at == contact_ref(&format!("c{n}"))).cloned();
    for n in 10..70 {
        let kept = of_number(n).unwrap();
        let key = kept.number.key().unwrap();
        assert_eq!((kept.first_key.as_ref(), kept.name.is_empty()), (Some(key), false), "c{n}");
        assert_eq!(world.store.contacts_of_number(&org(), key).await.unwrap(), [contact_ref(&format!("c{n}"))]);
    }
    assert_eq!(world.store.open_invoices(&org()).await.unwrap().len(), 62);
    let again = complete(world.sync().await);
    assert_eq!((again.contacts_written, again.invoices_written), (0, 0));
}

#[tokio::test]
async fn a_number_that_was_linked_before_its_contact_keeps_no_other_contact_out() {
    let world = World::connected(LedgerProvider::Xero).await;
    {
        let mut held = world.ledger.held();
        held.contacts = (10..40).map(|n| contact(&format!("c{n}"), &format!("+9715076543{n}"))).collect();
    }
    // A link without its contact is what a crash between the two leaves.
    let linked = complete(world.sync().await);
    assert_eq!(linked.contacts_written, 30);
    let c10 = Key { pk: format!("ORG#{}#", org()), sk: format!("CONTACT#{}#c10", connection_id()) };
    assert_eq!(world.table.write(Write::Delete { key: c10, rev: 1 }).await.unwrap(), Written::Done);
    world.pass(SignedDuration::from_mins(2));
    {
        let mut held = world.ledger.held();
        let now = world.clock.now();
        held.contacts[0].updated_at = now;
        for n in 40..60 {
            held.contacts
                .push(LedgerContact { updated_at: now, ..contact(&format!("c{n}"), &format!("+9715076543{n}")) });
        }
    }
    assert_eq!(complete(world.sync().await).contacts_written, 21);
    assert_eq!(world.store.contacts(&org()).await.unwrap().len(), 50);
}
