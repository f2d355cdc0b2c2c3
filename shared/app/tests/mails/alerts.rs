//! What is told at once.

use std::sync::Arc;

use numo_app::{
    port::session::Role,
    store::{Store, task::TaskAbout},
};
use numo_domain::{
    notice::{Notice, NoticeKind},
    reply::Intent,
    template::WhyUnusable,
    whatsapp_account::AccountTrouble,
};
use numo_testkit::meddled_table::MeddledTable;

use crate::world::{World, connection, customer, org, reconnect, user};

/// Past the morning, so that no digest comes between.
async fn afternoon() -> World {
    let world = World::new().await;
    world.pass(6 * 60 + 5);
    world
}

fn payment() -> TaskAbout {
    TaskAbout::WhatsappTrouble { waba: "100".parse().unwrap(), trouble: AccountTrouble::Payment }
}

#[tokio::test]
async fn what_stops_is_told_once_to_the_admins_a_minute_after_it_began() {
    let world = afternoon().await;
    world.open(reconnect()).await;
    assert_eq!(world.subjects().await, []);
    assert!(!world.is_due().await);
    world.pass(1);
    assert!(world.is_due().await);
    let letters = world.round().await;
    let expected = "For Harbour Lane:\n\n- An accounting system has to be connected again.\n\n\
                    Open Numo; you sign in first:\nhttps://numo.example/\n\n\
                    Who gets these mails is set in Numo by an admin.\n";
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].to.as_str(), "user_ann@people.example");
    assert_eq!(letters[0].subject, "Numo: connect your accounting system again");
    assert_eq!((letters[0].text.as_str(), &letters[0].unsubscribe), (expected, &None));
    for _ in 0..3 {
        world.pass(60);
        // The same again, while it stands open, is no news.
        world.open(reconnect()).await;
        assert_eq!(world.subjects().await, []);
    }
    // Another time is another occasion.
    world.store.close_task(&org(), &reconnect()).await.unwrap();
    world.open(reconnect()).await;
    world.pass(1);
    assert_eq!(world.subjects().await.len(), 1);
}

#[tokio::test]
async fn what_begins_together_is_one_mail_and_what_can_wait_is_none() {
    let world = afternoon().await;
    for about in [
        reconnect(),
        payment(),
        TaskAbout::SenderBlocked("200".parse().unwrap()),
        TaskAbout::SenderBlocked("201".parse().unwrap()),
        TaskAbout::SequenceFinished(customer("c1")),
        TaskAbout::DayNotAccounted("2026-11-22".parse().unwrap()),
    ] {
        world.open(about).await;
    }
    world.pass(1);
    let letters = world.round().await;
    let points = "- An accounting system has to be connected again.\n\
                  - Meta has no working way to be paid for an account's messages; add a payment method in Meta's WhatsApp \
                  manager.\n\
                  - WhatsApp does not let a number send; look at it in Meta's manager. (2 times)\n";
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].subject, "Numo: connect your accounting system again, and 2 more");
    assert!(letters[0].text.contains(points), "{}", letters[0].text);
    assert!(!letters[0].text.contains("add up"));
}

#[tokio::test]
async fn every_task_says_whether_it_can_wait() {
    let notice = |what| TaskAbout::AccountNotice { waba: "100".parse().unwrap(), notice: Notice { what, word: None } };
    let text = numo_domain::reminder::TemplateRef { name: "t".to_owned(), language: "en".to_owned() };
    let stopped = TaskAbout::TextUnusable { waba: "100".parse().unwrap(), template: text, why: WhyUnusable::Rejected };
    for at_once in [
        reconnect(),
        payment(),
        stopped,
        TaskAbout::LedgerUnreadable(connection()),
        TaskAbout::LedgerSuspended(connection()),
        TaskAbout::SenderBlocked("200".parse().unwrap()),
        TaskAbout::ReconnectWhatsapp("100".parse().unwrap()),
        notice(NoticeKind::PinReset),
        notice(NoticeKind::DisableScheduled),
    ] {
        assert!(at_once.is_told_at_once(), "{at_once:?}");
    }
    for can_wait in [
        notice(NoticeKind::PictureLost),
        TaskAbout::ConsentEnds(connection()),
        TaskAbout::WhatsappTrouble { waba: "100".parse().unwrap(), trouble: AccountTrouble::Verification },
        TaskAbout::WrongNumber(customer("c1")),
        TaskAbout::CostCapReached("2026-11-01".parse().unwrap()),
    ] {
        assert!(!can_wait.is_told_at_once(), "{can_wait:?}");
    }
}

#[tokio::test]
async fn ten_customers_who_say_that_it_is_paid_within_five_minutes_are_one_mail_without_a_name_or_an_amount() {
    let world = afternoon().await;
    for n in 0..10 {
        let id = format!("c{n}");
        world.owes(&id, "Planted Trading").await;
        world.writes(&id, &format!("wamid.{n}"), Intent::PaidAlready).await;
    }
    // The same customer once more, and what Meta delivers twice.
    world.writes("c1", "wamid.again", Intent::PaidAlready).await;
    world.writes("c2", "wamid.2", Intent::PaidAlready).await;
    world.pass(4);
    assert_eq!(world.subjects().await, []);
    world.pass(1);
    let letters = world.round().await;
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].subject, "Numo: 10 customers say that it is paid");
    let point =
        "- 10 customers wrote that it is paid already, and your ledger still shows it open; reminders to them rest.";
    assert!(letters[0].text.contains(point), "{}", letters[0].text);
    for planted in ["Planted", "INV-7731", "42,173", "4217399", "501234567"] {
        assert!(!letters[0].text.contains(planted) && !letters[0].html.contains(planted), "{planted}");
    }
    world.pass(120);
    assert_eq!(world.subjects().await, []);
}

#[tokio::test]
async fn customers_are_named_where_the_organisation_wants_that() {
    let world = afternoon().await;
    let admins = numo_app::store::mail::Recipients::Admins;
    let (waker, now) = (&world.ports.waker, world.now());
    numo_app::mail_settings::set_mails(waker, &org(), &user("ann"), (admins, true), now).await.unwrap();
    world.owes("c1", "Acme <Trading>").await;
    world.writes("c1", "wamid.1", Intent::Question).await;
    world.pass(5);
    let letters = world.round().await;
    let point =
        "A customer has a question about an invoice, or disputes it; reminders to the customer rest. [Acme <Trading>]";
    assert!(letters[0].text.contains(point), "{}", letters[0].text);
    assert!(letters[0].html.contains("[Acme &lt;Trading&gt;]"));
    assert_eq!(letters[0].subject, "Numo: a customer asks something");
    assert!(!letters[0].text.contains("42,173"));
}

#[tokio::test]
async fn a_claim_that_the_ledger_settled_or_somebody_looked_at_meanwhile_is_not_told() {
    let world = afternoon().await;
    world.owes("c1", "Acme").await;
    world.owes("c2", "Bolt").await;
    world.writes("c1", "wamid.1", Intent::PaidAlready).await;
    world.writes("c2", "wamid.2", Intent::Question).await;
    let paid = numo_domain::invoice::Invoice {
        status: numo_domain::invoice::InvoiceStatus::Paid,
        remaining: numo_domain::money::Money::new(0, "AED".parse().unwrap()),
        updated_at: world.now(),
        ..crate::world::invoice("c1")
    };
    let seen = world.store.invoices_by_id(&org(), connection(), std::slice::from_ref(&paid.id)).await.unwrap();
    let seen = seen.into_iter().next();
    world.store.upsert_invoice(&org(), seen.as_ref(), &paid, world.now(), world.now()).await.unwrap();
    let handled = |file: &mut numo_domain::customer_file::CustomerFile| file.unread_since = None;
    world.store.change_customer_file(&org(), &customer("c2"), world.now(), handled).await.unwrap();
    world.pass(5);
    assert_eq!(world.subjects().await, []);
    // And neither is it told later.
    world.owes("c3", "Cord").await;
    world.writes("c3", "wamid.3", Intent::PaidAlready).await;
    world.pass(5);
    let expected = ("user_ann@people.example".to_owned(), "Numo: a customer says that it is paid".to_owned());
    assert_eq!(world.subjects().await, [expected]);
}

#[tokio::test]
async fn replies_are_an_hour_apart_and_faults_are_not() {
    let world = afternoon().await;
    world.owes("c1", "Acme").await;
    world.writes("c1", "wamid.1", Intent::PaidAlready).await;
    world.pass(5);
    assert_eq!(world.subjects().await.len(), 1);
    world.pass(10);
    world.writes("c1", "wamid.2", Intent::PaidAlready).await;
    world.pass(10);
    assert_eq!(world.subjects().await, []);
    world.pass(39);
    assert!(!world.is_due().await);
    world.pass(1);
    assert_eq!(world.subjects().await.len(), 1);
    // A fault does not wait, and what waits goes along with it.
    world.writes("c1", "wamid.3", Intent::PaidAlready).await;
    world.open(reconnect()).await;
    world.pass(1);
    let expected = "Numo: connect your accounting system again, and 1 more".to_owned();
    assert_eq!(world.subjects().await, [("user_ann@people.example".to_owned(), expected)]);
}

#[tokio::test]
async fn something_that_comes_and_goes_all_day_is_told_eight_times_and_goes_on_the_next_day() {
    let world = afternoon().await;
    let mut told = 0;
    for _ in 0..20 {
        world.open(reconnect()).await;
        world.pass(1);
        told += world.round().await.len();
        world.store.close_task(&org(), &reconnect()).await.unwrap();
    }
    assert_eq!(told, 8);
    world.open(reconnect()).await;
    world.pass(1);
    assert_eq!(world.subjects().await, []);
    // The next morning, with the digest.
    world.clock.set("2026-11-24T04:00:00Z".parse().unwrap());
    assert!(world.is_due().await);
    let subjects: Vec<String> = world.subjects().await.into_iter().map(|(_, subject)| subject).collect();
    assert_eq!(subjects, ["Numo: connect your accounting system again", "Numo: 1 thing to look at"]);
}

#[tokio::test]
async fn whoever_was_chosen_gets_it_while_a_member_with_a_verified_address_and_else_the_admins() {
    let world = afternoon().await;
    let chosen = numo_app::store::mail::Recipients::Chosen([user("max"), user("gone")].into());
    let (waker, now) = (&world.ports.waker, world.now());
    numo_app::mail_settings::set_mails(waker, &org(), &user("ann"), (chosen, false), now).await.unwrap();
    let told = async || {
        world.store.close_task(&org(), &reconnect()).await.unwrap();
        world.open(reconnect()).await;
        world.pass(1);
        world.subjects().await.into_iter().map(|(to, _)| to).collect::<Vec<_>>()
    };
    assert_eq!(told().await, ["user_max@people.example"]);
    world.people.leave(&org(), &user("max"));
    assert_eq!(told().await, ["user_ann@people.example"]);
    world.people.is_unverified(&user("ann"));
    assert_eq!(told().await, Vec::<String>::new());
    world.people.join(&org(), &user("bea"), Role::Admin);
    world.pass(1);
    assert_eq!(world.subjects().await.len(), 1, "what nobody could be told waits");
}

#[tokio::test]
async fn a_task_that_is_settled_while_somebody_is_mailed_about_it_is_closed_and_one_that_is_opened_anew_is_not() {
    for is_opened_anew in [false, true] {
        let world = Arc::new(afternoon().await);
        world.open(reconnect()).await;
        world.pass(1);
        let meddled = Arc::new(MeddledTable::new(world.faults.clone()));
        let meanwhile = Arc::clone(&world);
        // Between the look at the task and its deletion.
        meddled.meddle(2, async move {
            if is_opened_anew {
                meanwhile.store.close_task(&org(), &reconnect()).await.unwrap();
                meanwhile.open(reconnect()).await;
                meanwhile.pass(1);
            }
            meanwhile.round().await;
        });
        Store::new(meddled.clone()).close_task(&org(), &reconnect()).await.unwrap();
        assert!(meddled.is_meddled());
        let open: Vec<TaskAbout> =
            world.store.tasks(&org()).await.unwrap().into_iter().map(|task| task.about).collect();
        assert_eq!(open, if is_opened_anew { vec![reconnect()] } else { Vec::new() });
    }
}
