//! Numbers that admins typed in the place of the ledger's: when they are used, and when they end.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use numo_app::{
    configure::record_consent,
    erase_customer::{Erasing, ask_for_erasure, erase_customer},
    error::AppError,
    import_numbers::{NumberRow, import_numbers},
    import_report::{RefusedRow, RowOutcome},
    job::Work,
    port::{
        clock::Clock,
        ledger::record::{DeletedRecord, LedgerContact, RecordKind},
    },
    store::{Store, contact::Upserted},
    sync_connection::{Synced, sync_connection},
    type_number::{NumberChange, type_number},
    undo_number::undo_number,
    wake::Waker,
};
use numo_domain::{
    connection::{Connection, ConnectionStatus, LedgerProvider},
    consent::{Answer, ConsentState},
    contact::{Contact, ContactNumber, ContactStatus},
    id::NumberKey,
    organisation::Organisation,
    phone::PhoneError,
};
use numo_testkit::{
    faulty_table::{Fault, FaultyTable, Plan},
    meddled_table::MeddledTable,
};
use serde_json::{Value, json};

use crate::world::{World, admin, complete, connection, connection_id, contact, contact_ref, org, start};

/// The number of c1 in the ledger, and the one that is typed for it.
const LEDGER: &str = "+971501234567";
const TYPED: &str = "+971509876543";

impl World {
    /// After a first sync, in a country where numbers are written without its code.
    async fn in_dubai(provider: LedgerProvider) -> Self {
        let world = Self::synced(provider).await;
        let settle = |profile: &mut Organisation| profile.country = "AE".parse().ok();
        world.store.change_organisation(&org(), start(), settle).await.unwrap();
        world
    }

    async fn type_for(&self, customer: &str, text: Option<&str>) -> Result<Contact, AppError> {
        self.type_over(&self.waker, customer, text).await
    }

    async fn type_over(&self, waker: &Waker, customer: &str, text: Option<&str>) -> Result<Contact, AppError> {
        let (ports, now) = ((waker, &self.ports.number_keys), self.clock.now());
        type_number(ports, (&org(), &admin()), &contact_ref(customer), text, now).await.map(|(contact, _)| contact)
    }

    async fn change_for(&self, customer: &str, text: Option<&str>) -> Option<NumberChange> {
        let (ports, now) = ((&self.waker, &self.ports.number_keys), self.clock.now());
        type_number(ports, (&org(), &admin()), &contact_ref(customer), text, now).await.unwrap().1
    }

    async fn undo(&self, customer: &str, change: &NumberChange) -> Result<(), AppError> {
        let (ports, now) = ((&self.waker, &self.ports.number_keys), self.clock.now());
        undo_number(ports, (&org(), &admin()), (&contact_ref(customer), change), now).await
    }

    async fn import(&self, rows: &[(&str, &str)]) -> Vec<RowOutcome> {
        let row = |(customer, number): &(&str, &str)| {
            Ok(NumberRow { customer: contact_ref(customer), number: (*number).to_owned() })
        };
        let (ports, rows) = ((&self.waker, &self.ports.number_keys), rows.iter().map(row).collect());
        import_numbers(ports, (&org(), &admin()), rows, self.clock.now()).await.unwrap()
    }

    async fn known(&self, customer: &str) -> Contact {
        self.store.contact(&org(), &contact_ref(customer)).await.unwrap().unwrap().value
    }

    fn key(&self, number: &str) -> NumberKey {
        self.ports.number_keys.key(&org(), &number.parse().unwrap()).unwrap()
    }

    fn usable(&self, number: &str) -> ContactNumber {
        ContactNumber::usable(number.parse().unwrap(), self.key(number))
    }

    /// Whether a number leads to c1.
    async fn leads(&self, number: &str) -> bool {
        self.store.contacts_of_number(&org(), &self.key(number)).await.unwrap().contains(&contact_ref("c1"))
    }

    /// How many numbers are to be read, which has to be as many as contacts say.
    async fn n_unread(&self) -> usize {
        let of = |entity: &str| self.table.items().into_iter().filter(|item| item.entity == entity).count();
        let n_unread = self.store.contacts(&org()).await.unwrap().iter().filter(|known| known.is_unread()).count();
        assert_eq!(of("unread_number"), n_unread);
        n_unread
    }

    async fn told(&self) -> Vec<(String, Value)> {
        let lines = self.store.activity(&org(), 9).await.unwrap().into_iter();
        lines.map(|line| (line.activity.action, line.activity.detail)).collect()
    }

    /// The ledger says something else of c1.
    fn ledger_says(&self, number: &str) {
        self.pass(SignedDuration::from_mins(5));
        let told = LedgerContact { updated_at: self.clock.now(), ..contact("c1", number) };
        self.ledger.held().contacts[0] = told;
    }
}

#[tokio::test]
async fn a_typed_number_takes_the_place_of_the_ledgers_and_nobody_can_use_the_one_before() {
    for provider in [LedgerProvider::Xero, LedgerProvider::Quickbooks] {
        let world = World::in_dubai(provider).await;
        let before = world.known("c1").await;
        world.queue.take();
        let typed = world.type_for("c1", Some("050 987 6543")).await.unwrap();
        assert_eq!((typed.number.clone(), world.known("c1").await), (ContactNumber::Unread, typed.clone()));
        assert_eq!(world.n_unread().await, 1);
        let woken: Vec<Work> = world.queue.take().into_iter().map(|job| job.work).collect();
        assert_eq!(woken, [Work::SyncConnection { connection: connection_id() }]);
        // The ledger was asked a moment ago, and is not asked again for a number.
        assert_eq!(world.sync().await, Synced::Postponed);
        assert_eq!((world.ledger.asked().len(), world.next_sync_in().await), (0, Some(SignedDuration::from_mins(2))));
        let known = world.known("c1").await;
        assert_eq!(known, Contact { number: world.usable(TYPED), typed: typed.typed, ..before });
        assert!(world.leads(TYPED).await && world.leads(LEDGER).await);
        assert_eq!(world.n_unread().await, 0);
        assert!(world.queue.take().iter().any(|job| job.work == Work::PlanDay {}));
        // The ledger tells the customer again and again.
        for _ in 0..2 {
            world.pass(SignedDuration::from_mins(5));
            assert_eq!(complete(world.sync().await).contacts_written, 0);
        }
        assert_eq!(world.known("c1").await, known);
        let detail = json!({"connection": connection_id(), "contact": "c1"});
        assert_eq!(world.told().await, [("customer.number_typed".to_owned(), detail)]);
    }
}

#[tokio::test]
async fn a_correction_in_the_ledger_wins_and_that_the_typed_number_ended_is_told() {
    for says in ["+971507654321", TYPED, "04 331 1111", ""] {
        let world = World::in_dubai(LedgerProvider::Xero).await;
        world.type_for("c1", Some(TYPED)).await.unwrap();
        world.sync().await;
        world.ledger_says(says);
        assert_eq!(complete(world.sync().await).contacts_written, 1);
        let known = world.known("c1").await;
        let number = match says {
            "" => ContactNumber::Missing,
            "04 331 1111" => ContactNumber::Unusable { why: PhoneError::NotMobile },
            number => world.usable(number),
        };
        assert_eq!((known.number, known.typed), (number, None), "{says}");
        assert_eq!((world.leads(TYPED).await, world.leads(LEDGER).await), (says == TYPED, false), "{says}");
        let detail = json!({
            "connection": connection_id(), "contact": "c1", "typed_by": "user_a", "typed_at": start(),
        });
        assert_eq!(world.told().await[0], ("customer.typed_number_ended".to_owned(), detail));
    }
}

#[tokio::test]
async fn a_number_that_ends_before_it_was_read_is_never_read() {
    let world = World::in_dubai(LedgerProvider::Xero).await;
    let seen = world.store.contact(&org(), &contact_ref("c1")).await.unwrap().unwrap();
    world.type_for("c1", Some(TYPED)).await.unwrap();
    // Whoever has what was known before in hand takes nothing of it away: the dispatch, for one.
    let now = world.clock.now();
    let renamed = Contact { name: "New name".to_owned(), ..seen.value.clone() };
    let upserted = world.store.upsert_contact(&org(), Some(&seen), &renamed, now).await.unwrap();
    let known = world.known("c1").await;
    assert_eq!((upserted, known.name.as_str(), known.is_unread()), (Upserted::Written, "New name", true));
    let corrected = Contact { number: world.usable("+971507654321"), ..renamed };
    world.store.upsert_contact(&org(), Some(&seen), &corrected, now).await.unwrap();
    assert_eq!(world.n_unread().await, 0);
    assert_eq!(world.known("c1").await.number, world.usable("+971507654321"));
}

#[tokio::test]
async fn a_number_that_cannot_be_written_to_says_why_and_the_ledgers_is_not_used_in_its_place() {
    let world = World::in_dubai(LedgerProvider::Xero).await;
    world.type_for("c1", Some("04 331 1111")).await.unwrap();
    world.sync().await;
    let known = world.known("c1").await;
    assert_eq!(known.number, ContactNumber::Unusable { why: PhoneError::NotMobile });
    assert!(known.typed.is_some());
}

#[tokio::test]
async fn a_ledger_that_cannot_be_asked_keeps_no_number_unread() {
    for status in [ConnectionStatus::ReauthRequired, ConnectionStatus::Disconnected, ConnectionStatus::Suspended] {
        let world = World::in_dubai(LedgerProvider::Xero).await;
        let now = world.clock.now();
        let connection = Connection { status, ..connection(LedgerProvider::Xero) };
        world.store.save_connection(&org(), &connection, now).await.unwrap();
        world.type_for("c1", Some(TYPED)).await.unwrap();
        assert_eq!(world.sync().await, Synced::Postponed);
        assert_eq!(world.known("c1").await.number, world.usable(TYPED), "{status:?}");
    }
}

#[tokio::test]
async fn what_was_typed_is_taken_back_by_itself_or_by_the_ledgers_own_number() {
    for back in [None, Some("050 123 4567"), Some(LEDGER)] {
        for is_read in [false, true] {
            let world = World::in_dubai(LedgerProvider::Xero).await;
            let known = world.known("c1").await;
            let typed = world.type_for("c1", Some(TYPED)).await.unwrap();
            let before = Contact { typed_before: typed.typed, ..known };
            if is_read {
                world.sync().await;
            }
            world.queue.take();
            assert_eq!(world.type_for("c1", back).await.unwrap(), before);
            assert_eq!((world.known("c1").await, world.n_unread().await), (before.clone(), 0));
            assert!(world.leads(LEDGER).await && !world.leads(TYPED).await);
            assert_eq!(world.queue.take().iter().map(|job| job.work.name()).collect::<Vec<_>>(), ["plan_day.v1"]);
            let items = world.table.items();
            assert_eq!(world.type_for("c1", back).await.unwrap(), before);
            assert!(world.table.items() == items && world.queue.take().is_empty());
            assert_eq!(world.told().await[0].0, "customer.typed_number_taken_back");
        }
    }
}

#[tokio::test]
async fn a_change_of_a_number_is_taken_back_whether_it_was_read_or_not_and_what_comes_back_is_read_anew() {
    for is_read in [false, true] {
        let world = World::in_dubai(LedgerProvider::Xero).await;
        let second = "+971509876544";
        let of_ledger = world.known("c1").await.number;
        // The ledger's, then one that is typed, then another one, then the ledger's again.
        for (text, comes_back) in [(Some(TYPED), None), (Some(second), Some(TYPED)), (None, Some(TYPED))] {
            world.clock.advance(SignedDuration::from_secs(1));
            let change = world.change_for("c1", text).await.unwrap();
            if is_read {
                world.pass(SignedDuration::from_mins(5));
                world.sync().await;
            }
            world.undo("c1", &change).await.unwrap();
            let known = world.known("c1").await;
            let expected = if comes_back.is_some() { ContactNumber::Unread } else { of_ledger.clone() };
            assert_eq!((known.number, known.typed.is_some()), (expected, comes_back.is_some()), "{text:?}");
            assert_eq!(world.told().await[0].0, "customer.number_undone");
            world.pass(SignedDuration::from_mins(5));
            world.sync().await;
            let expected = comes_back.map_or(of_ledger.clone(), |number| world.usable(number));
            assert_eq!(world.known("c1").await.number, expected, "{text:?}");
            assert!(matches!(world.undo("c1", &change).await, Err(AppError::Stale)), "{text:?}");
            // For the next case: the typed number counts.
            world.type_for("c1", Some(TYPED)).await.unwrap();
            world.pass(SignedDuration::from_mins(5));
            world.sync().await;
        }
        assert_eq!(world.n_unread().await, 0);
    }
}

#[tokio::test]
async fn a_number_that_somebody_or_the_ledger_changed_since_is_not_taken_back() {
    let world = World::in_dubai(LedgerProvider::Xero).await;
    let typed = world.change_for("c1", Some(TYPED)).await.unwrap();
    world.clock.advance(SignedDuration::from_secs(1));
    let given_up = world.change_for("c1", None).await.unwrap();
    let is_stale = async |change| matches!(world.undo("c1", change).await, Err(AppError::Stale));
    assert!(is_stale(&typed).await);
    world.ledger_says("+971507654321");
    world.sync().await;
    let known = world.known("c1").await;
    assert!(is_stale(&given_up).await && is_stale(&typed).await);
    assert_eq!(world.known("c1").await, known);
}

#[tokio::test]
async fn a_number_that_is_the_customers_already_changes_nothing() {
    let world = World::in_dubai(LedgerProvider::Xero).await;
    let before = world.table.items();
    for text in [LEDGER, "050 123 4567", "971501234567", "9.71501234567E+11"] {
        world.type_for("c1", Some(text)).await.unwrap();
        assert!(world.table.items() == before, "{text}");
    }
    world.type_for("c1", Some("050 987 6543")).await.unwrap();
    let typed = world.table.items();
    world.type_for("c1", Some("050 987 6543")).await.unwrap();
    // Only whoever reads it is woken again.
    let but_work = |items: Vec<numo_app::port::table::Item>| {
        items.into_iter().filter(|item| item.entity != "due").collect::<Vec<_>>()
    };
    assert!(but_work(world.table.items()) == but_work(typed));
    world.sync().await;
    let read = but_work(world.table.items());
    for text in ["050 987 6543", TYPED, "971509876543"] {
        world.type_for("c1", Some(text)).await.unwrap();
        assert!(but_work(world.table.items()) == read, "{text}");
    }
}

#[tokio::test]
async fn nothing_is_typed_for_nobody_and_for_whom_the_ledger_says_not_to_write_to() {
    let world = World::in_dubai(LedgerProvider::Xero).await;
    world.ledger.held().contacts.extend([contact("c3", ""), contact("c4", "")]);
    {
        let mut held = world.ledger.held();
        held.contacts[2].status = ContactStatus::GdprRequest;
        held.contacts[3].payer = "c1".parse().ok();
    }
    world.sync().await;
    assert!(matches!(world.type_for("c9", Some(TYPED)).await, Err(AppError::NotFound("customer"))));
    for customer in ["c3", "c4"] {
        assert!(matches!(world.type_for(customer, Some(TYPED)).await, Err(AppError::Conflict(_))), "{customer}");
    }
    for wrong in ["", "n/a", "050 123", "9.71E+11"] {
        assert!(matches!(world.type_for("c1", Some(wrong)).await, Err(AppError::Invalid { field: "number", .. })));
    }
    assert_eq!(world.n_unread().await, 0);
}

#[tokio::test]
async fn a_typed_number_outlives_that_its_customer_is_archived_and_gone_from_the_ledger() {
    let world = World::in_dubai(LedgerProvider::Quickbooks).await;
    world.type_for("c1", Some(TYPED)).await.unwrap();
    world.sync().await;
    let known = world.known("c1").await;
    world.pass(SignedDuration::from_mins(5));
    let gone = DeletedRecord { kind: RecordKind::Contact, id: "c1".parse().unwrap(), updated_at: world.clock.now() };
    world.ledger.held().deleted = vec![gone];
    complete(world.sync().await);
    assert_eq!(world.known("c1").await, Contact { status: ContactStatus::Archived, ..known });
}

#[tokio::test]
async fn an_opt_out_of_either_number_holds_and_an_opt_in_of_the_one_before_does_not() {
    let world = World::in_dubai(LedgerProvider::Xero).await;
    let answer = async || world.store.consents(&org()).await.unwrap().answer_of(&world.known("c1").await);
    let says = async |state| {
        let (waker, now) = (&world.waker, world.clock.now());
        record_consent(waker, &org(), &admin(), &contact_ref("c2"), state, "by phone", now).await
    };
    // c2 has the number that c1 had before, and is asked about it.
    world.ledger.held().contacts[1] = LedgerContact { updated_at: world.clock.now(), ..contact("c2", LEDGER) };
    world.sync().await;
    says(ConsentState::OptedIn).await.unwrap();
    assert_eq!(answer().await, Answer::OptedIn);
    world.type_for("c1", Some(TYPED)).await.unwrap();
    assert_eq!(answer().await, Answer::None);
    world.sync().await;
    assert_eq!(answer().await, Answer::None);
    world.clock.advance(SignedDuration::from_mins(1));
    says(ConsentState::OptedOut).await.unwrap();
    assert_eq!(answer().await, Answer::OptedOut);
}

#[tokio::test]
async fn an_erased_customers_number_is_gone_and_none_is_typed_for_them_again() {
    let world = World::in_dubai(LedgerProvider::Xero).await;
    world.type_for("c1", Some(TYPED)).await.unwrap();
    let (ports, whom) = ((&world.waker, &world.ports.number_keys), contact_ref("c1"));
    ask_for_erasure(ports, (&org(), &admin()), &whom, "c1", start()).await.unwrap();
    let job = world.queue.take().into_iter().find(|job| matches!(job.work, Work::EraseCustomer { .. })).unwrap();
    // Neither before everything is deleted nor afterwards.
    let unknown =
        RefusedRow { field: "contact".to_owned(), message: "there is no customer c1 in this connection".to_owned() };
    for is_deleted in [false, true] {
        if is_deleted {
            let (keys, of) = (&world.ports.number_keys, (whom.connection, whom.contact.clone()));
            let claim = job.claim.unwrap();
            let erasing = erase_customer(&world.store, keys, &org(), of, claim, start()).await.unwrap();
            assert_eq!(erasing, Erasing::Again);
        }
        assert!(matches!(world.type_for("c1", Some("+971509876544")).await, Err(AppError::NotFound("customer"))));
        assert_eq!(world.import(&[("c1", "+971509876544")]).await, [RowOutcome::Refused(unknown.clone())]);
    }
    assert_eq!(world.n_unread().await, 0);
    assert!(!format!("{:?}", world.table.items()).contains("9876543"));
}

/// The state after a number was typed, or not, whatever died: nobody can use the number of before once it was.
async fn stands(world: &World, has_typed: bool) {
    let known = world.known("c1").await;
    assert_eq!(known.typed.is_some(), known.number != world.usable(LEDGER));
    assert!(!has_typed || known.typed.is_some());
    world.n_unread().await;
    assert!(world.leads(LEDGER).await);
}

#[tokio::test]
async fn a_number_is_typed_once_wherever_whoever_takes_it_dies() {
    for call in 1..12 {
        for fault in [Fault::Before, Fault::After] {
            let world = World::in_dubai(LedgerProvider::Xero).await;
            world.queue.take();
            let faulty = Arc::new(FaultyTable::new(world.table.clone()));
            faulty.reset(Plan::Crash { call, fault });
            let waker = Waker { store: Store::new(faulty.clone()), ..world.waker.clone() };
            let typed = world.type_over(&waker, "c1", Some(TYPED)).await;
            assert_eq!(typed.is_err(), faulty.has_crashed(), "call {call}");
            stands(&world, typed.is_ok()).await;
            world.type_for("c1", Some(TYPED)).await.unwrap();
            assert!(world.next_sync_in().await.is_some_and(|time| time <= SignedDuration::from_mins(10)));
            world.sync().await;
            assert_eq!(world.known("c1").await.number, world.usable(TYPED), "call {call} {fault:?}");
            let n_told = world.told().await.iter().filter(|(action, _)| action == "customer.number_typed").count();
            assert_eq!(n_told, 1, "call {call} {fault:?}");
        }
    }
}

#[tokio::test]
async fn a_number_is_read_wherever_a_sync_dies() {
    let mut n_crashed = 0;
    for call in 1..24 {
        for fault in [Fault::Before, Fault::After] {
            let world = World::in_dubai(LedgerProvider::Xero).await;
            world.type_for("c1", Some(TYPED)).await.unwrap();
            let job = world.job().await;
            let faulty = Arc::new(FaultyTable::new(world.table.clone()));
            faulty.reset(Plan::Crash { call, fault });
            let waker = Waker { store: Store::new(faulty.clone()), ..world.waker.clone() };
            let ports = numo_app::sync_connection::SyncPorts { waker, ..world.ports.clone() };
            let died = sync_connection(&ports, &org(), connection_id(), job.claim.unwrap(), Timestamp::MAX).await;
            n_crashed += usize::from(died.is_err());
            stands(&world, true).await;
            world.sync().await;
            assert_eq!(world.known("c1").await.number, world.usable(TYPED), "call {call} {fault:?}");
            assert!(world.leads(TYPED).await && world.n_unread().await == 0);
        }
    }
    assert!(n_crashed > 20, "{n_crashed}");
}

#[tokio::test]
async fn whoever_types_while_a_number_is_read_or_taken_back_is_not_overrun() {
    for call in 1..10 {
        for other in [None, Some("+971509876544")] {
            let world = Arc::new(World::in_dubai(LedgerProvider::Xero).await);
            world.type_for("c1", Some(TYPED)).await.unwrap();
            let job = world.job().await;
            let meddled = Arc::new(MeddledTable::new(world.table.clone()));
            let meddler = world.clone();
            meddled.meddle(call, async move { drop(meddler.type_for("c1", other).await.unwrap()) });
            let waker = Waker { store: Store::new(meddled.clone()), ..world.waker.clone() };
            let ports = numo_app::sync_connection::SyncPorts { waker, ..world.ports.clone() };
            let claim = job.claim.unwrap();
            sync_connection(&ports, &org(), connection_id(), claim, Timestamp::MAX).await.unwrap();
            world.n_unread().await;
            world.sync().await;
            let number = if meddled.is_meddled() { other.unwrap_or(LEDGER) } else { TYPED };
            assert_eq!(world.known("c1").await.number, world.usable(number), "call {call} {other:?}");
            assert_eq!(world.leads(TYPED).await, number == TYPED, "call {call} {other:?}");
        }
    }
}

#[tokio::test]
async fn a_file_is_taken_row_by_row_and_a_second_time_changes_nothing() {
    let world = World::in_dubai(LedgerProvider::Xero).await;
    world.ledger.held().contacts.extend([contact("c3", ""), contact("c4", "")]);
    world.ledger.held().contacts[3].payer = "c1".parse().ok();
    world.sync().await;
    world.type_for("c2", Some(TYPED)).await.unwrap();
    world.sync().await;
    world.queue.take();
    let refused = |field: &str, message: &str| {
        RowOutcome::Refused(RefusedRow { field: field.to_owned(), message: message.to_owned() })
    };
    let rows = [
        ("c1", LEDGER),
        ("c2", ""),
        ("c3", "050 987 6544"),
        ("c3", "050 987 6545"),
        ("c4", "050 987 6546"),
        ("c5", "050 987 6547"),
        ("c6", "n/a"),
    ];
    let merged = "another customer owes the invoices of this one: reminders go to the number of that one";
    let twice = "an earlier row is about this customer, and that one counts";
    let same = [
        refused("contact", twice),
        refused("contact", merged),
        refused("contact", "there is no customer c5 in this connection"),
        refused("number", "there are no digits in it"),
    ];
    let expected = [RowOutcome::Unchanged, RowOutcome::TakenBack, RowOutcome::Accepted];
    assert_eq!(world.import(&rows).await, [expected.as_slice(), &same].concat());
    let detail = json!({"accepted": 1, "unchanged": 1, "taken_back": 1, "refused": 4, "failed": 0});
    assert_eq!(world.told().await[0], ("numbers.imported".to_owned(), detail));
    let mut woken: Vec<_> = world.queue.take().into_iter().map(|job| job.work.name()).collect();
    woken.sort_unstable();
    assert_eq!(woken, ["plan_day.v1", "sync_connection.v1"]);
    world.sync().await;
    assert_eq!(world.known("c3").await.number, world.usable("+971509876544"));
    assert_eq!(world.known("c2").await.typed, None);
    let before = world.table.items();
    let expected = [RowOutcome::Unchanged, RowOutcome::Unchanged, RowOutcome::Unchanged];
    assert_eq!(world.import(&rows).await, [expected.as_slice(), &same].concat());
    assert!(world.table.items() == before);
}

#[tokio::test]
async fn a_row_takes_a_hundredth_of_a_read_and_one_that_changes_a_number_one_transaction() {
    let world = World::connected(LedgerProvider::Xero).await;
    let number = |n: usize| format!("+97150765{n:04}");
    world.ledger.held().contacts = (0..1_000).map(|n| contact(&format!("c{n}"), &number(n))).collect();
    complete(world.sync().await);
    let ids: Vec<String> = (0..1_000).map(|n| format!("c{n}")).collect();
    for (n_changed, writes) in [(0, 0), (100, 100)] {
        let numbers: Vec<String> = (0..1_000).map(|n| number(if n < n_changed { n + 2_000 } else { n })).collect();
        let rows: Vec<(&str, &str)> = ids.iter().map(String::as_str).zip(numbers.iter().map(String::as_str)).collect();
        world.table.take_counts();
        let outcomes = world.import(&rows).await;
        let n_accepted = outcomes.iter().filter(|outcome| **outcome == RowOutcome::Accepted).count();
        assert_eq!((n_accepted, outcomes.len()), (n_changed, 1_000));
        let counts = world.table.take_counts();
        // One list of who was erased, ten reads of a hundred customers, then the transactions.
        let beside = if n_changed == 0 { 0 } else { 5 };
        assert_eq!(counts.calls(), 11 + writes + beside, "{counts:?}");
    }
}

#[tokio::test]
async fn a_row_whose_write_is_not_known_says_so_and_may_be_imported_again() {
    for (fault, again) in [(Fault::Before, RowOutcome::Accepted), (Fault::After, RowOutcome::Unchanged)] {
        let (world, text) = (World::in_dubai(LedgerProvider::Xero).await, TYPED);
        let faulty = Arc::new(FaultyTable::new(world.table.clone()));
        // After who was erased and who is known.
        faulty.reset(Plan::Once { call: 3, fault });
        let waker = Waker { store: Store::new(faulty), ..world.waker.clone() };
        let row = || vec![Ok(NumberRow { customer: contact_ref("c1"), number: text.to_owned() })];
        let (who, now) = ((&org(), &admin()), world.clock.now());
        let ports = (&waker, &world.ports.number_keys);
        assert_eq!(import_numbers(ports, who, row(), now).await.unwrap(), [RowOutcome::Failed]);
        let ports = (&world.waker, &world.ports.number_keys);
        assert_eq!(import_numbers(ports, who, row(), now).await.unwrap(), [again]);
        world.sync().await;
        assert_eq!(world.known("c1").await.number, world.usable(text));
    }
}
