//! The digest of a morning: eight o'clock by the organisation's clock, and only if there is something to say.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use numo_app::{
    mail_settings::set_digest,
    port::session::Role,
    store::{
        conversation::Talk,
        inbound::{Inbound, InboundEffect},
        plan::{Made, PlanApproval},
        task::TaskAbout,
    },
};
use numo_domain::{
    conversation::{Content, Heard, Line, Recipient, Said},
    id::PolicyId,
    money::Money,
    plan::{
        brakes::Brake,
        decision::{Decision, Outcome, Plan, PlannedSend, Unit},
    },
    policy::{StepId, Tone},
    reminder::Occasion,
};

use crate::world::{World, at, customer, org, reconnect, user};

/// Eight o'clock of Tuesday in Dubai.
const MORNING: &str = "2026-11-24T04:00:00Z";

async fn morning() -> World {
    let world = World::new().await;
    world.clock.set(at(MORNING));
    world
}

impl World {
    /// A plan of a day with so many messages.
    async fn planned(&self, date: &str, sends: usize, approval: PlanApproval, brakes: Vec<Brake>) {
        let plan = Plan { date: date.parse().unwrap(), decisions: (0..sends).map(decision).collect() };
        let seen = self.store.plan_header(&org(), plan.date).await.unwrap();
        let making = self.ports.waker.ids.uuid();
        let made = Made { making, plan: &plan, old_invoices: 0, ledgers_read_at: &BTreeMap::new(), brakes, approval };
        self.store.save_plan(&org(), seen.as_ref(), made, self.now()).await.unwrap().unwrap();
    }

    /// A customer's words, in a conversation.
    async fn says(&self, id: &str) {
        let message: numo_domain::id::MessageId = format!("wamid.{id}").parse().unwrap();
        let heard = Heard {
            message: message.clone(),
            content: Content::Text,
            text: Some("Planted words".to_owned()),
            understood_as: "unread".to_owned(),
            edits: None,
            revoked_at: None,
        };
        let talk = Talk {
            sender: "200".parse().unwrap(),
            to: Recipient::Number("+971501234567".parse().unwrap()),
            line: Line { at: self.now(), said: Said::Customer(heard) },
            automatic: None,
        };
        let contacts = [customer(id)];
        let effect = InboundEffect { contacts: &contacts, change: None, replies: &[], talk: Some(&talk) };
        let inbound = Inbound { message, at: self.now(), intent: "unread".to_owned() };
        let key = format!("key-{id}").parse().unwrap();
        self.store.ingest_inbound(&org(), &key, &inbound, effect, self.now()).await.unwrap();
    }

    async fn digests(&self) -> Vec<String> {
        self.subjects().await.into_iter().map(|(_, subject)| subject).collect()
    }

    async fn next_morning(&self) {
        self.clock.advance(SignedDuration::from_hours(24));
    }
}

fn decision(n: usize) -> Decision {
    let total = Money::new(4_217_399, "AED".parse().unwrap());
    let send = PlannedSend {
        anchor: format!("i-{n}").parse().unwrap(),
        cycle: 1,
        occasion: Occasion::Step(StepId(3)),
        tone: Tone::Gentle,
        purpose: None,
        language: numo_domain::language::Language::English,
        variant: numo_domain::template::Variant::Plain,
        library: None,
        counted_from: None,
        overdue: true,
        superseded: Vec::new(),
        recipient: "key".parse().unwrap(),
        lines: Vec::new(),
        more: 0,
        total,
        paid: None,
        at: at("2026-11-24T05:00:00Z"),
        until: None,
        delivered_before: 0,
        turn: Default::default(),
        charge: None,
        rests_on: Vec::new(),
    };
    Decision {
        unit: Unit { contact: customer(&format!("c{n}")), currency: total.currency },
        policy: PolicyId::organisation_default(),
        policy_version: 1,
        outcome: Outcome::Send(send),
    }
}

#[tokio::test]
async fn a_plan_that_waits_for_approval_is_told_in_the_morning_with_a_link_that_needs_a_session() {
    let world = morning().await;
    world.owes("c1", "Planted Trading").await;
    world.planned("2026-11-24", 2, PlanApproval::Awaited, vec![Brake::NoPaymentsRecorded]).await;
    world.planned("2026-11-25", 1, PlanApproval::Awaited, Vec::new()).await;
    world.says("c1").await;
    world.open(TaskAbout::WrongNumber(customer("c1"))).await;
    world.open(TaskAbout::DayNotAccounted("2026-11-22".parse().unwrap())).await;
    let letters = world.round().await;
    assert_eq!(letters.len(), 1);
    let token = world.ports.mailer.as_ref().unwrap().keys.unsubscribe_token(&org(), &user("ann")).unwrap();
    let expected = format!(
        "For Harbour Lane:\n\n\
         - Today, 24 Nov 2026: 2 messages are planned and wait for an admin's approval; without it they are not sent. \
         Your ledger has recorded no customer's payment for seven days. Is the bank feed up to date?\n\
         - Tomorrow, 25 Nov 2026: 1 message is planned and waits for an admin's approval; without it, it is not sent.\n\n\
         Look at the plan and approve it; you sign in first:\nhttps://numo.example/\n\n\
         What waits for somebody:\n\n\
         - A customer wrote, and nobody has read it; reminders to the customer rest.\n\
         - Somebody wrote that a customer's number is the wrong one; it is not used again until you correct or confirm \
         it.\n\
         - The messages of a day do not add up to what was planned; the operators were told. (22 Nov 2026)\n\n\
         No more digests for me:\nhttps://numo.example/unsubscribe/org_a/user_ann/{token}\n"
    );
    let letter = &letters[0];
    assert_eq!(
        (letter.subject.as_str(), letter.text.as_str()),
        ("Numo: approve 2 messages for today", expected.as_str())
    );
    assert_eq!(letter.unsubscribe, Some(format!("https://numo.example/unsubscribe/org_a/user_ann/{token}")));
    for planted in ["Planted", "42,173", "4217399", "501234567", "INV-7731"] {
        assert!(!letter.text.contains(planted) && !letter.html.contains(planted), "{planted}");
    }
    world.pass(30);
    assert_eq!(world.digests().await, Vec::<String>::new(), "one a day");
}

#[tokio::test]
async fn nothing_to_say_is_not_said_and_the_same_is_not_said_on_a_second_day() {
    let world = morning().await;
    assert_eq!(world.digests().await, Vec::<String>::new());
    world.next_morning().await;
    world.open(TaskAbout::WrongNumber(customer("c1"))).await;
    assert_eq!(world.digests().await, ["Numo: 1 thing to look at"]);
    world.next_morning().await;
    assert_eq!(world.digests().await, Vec::<String>::new());
    world.next_morning().await;
    world.open(TaskAbout::WrongNumber(customer("c2"))).await;
    assert_eq!(world.digests().await, ["Numo: 1 thing to look at"]);
    world.next_morning().await;
    // A plan is news every day, and then everything is said.
    world.planned("2026-11-28", 1, PlanApproval::Automatic, Vec::new()).await;
    let letters = world.round().await;
    assert_eq!(letters[0].subject, "Numo: 1 thing to look at");
    assert!(letters[0].text.contains("- Today, 28 Nov 2026: 1 message goes out.\n"), "{}", letters[0].text);
    assert!(letters[0].text.contains("(2 times)"));
}

#[tokio::test]
async fn it_is_written_at_eight_by_the_local_clock_in_winter_and_in_summer() {
    for (zone, date, eight) in [
        ("Asia/Dubai", "2026-11-24", "2026-11-24T04:00:00Z"),
        ("Europe/London", "2027-03-27", "2027-03-27T08:00:00Z"),
        // The clocks go forward on this day.
        ("Europe/London", "2027-03-28", "2027-03-28T07:00:00Z"),
        ("Europe/London", "2027-10-31", "2027-10-31T08:00:00Z"),
        ("America/New_York", "2027-03-14", "2027-03-14T12:00:00Z"),
        ("Pacific/Auckland", "2027-04-04", "2027-04-03T20:00:00Z"),
    ] {
        let world = World::new().await;
        let move_to = |profile: &mut numo_domain::organisation::Organisation| profile.zone = zone.parse().unwrap();
        world.store.change_organisation(&org(), world.now(), move_to).await.unwrap();
        world.open(TaskAbout::WrongNumber(customer("c1"))).await;
        world.planned(date, 1, PlanApproval::Awaited, Vec::new()).await;
        world.clock.set(at(eight) - SignedDuration::from_mins(1));
        // What was to be said on the day before is said, or too late.
        world.round().await;
        assert!(!world.is_due().await, "{zone} {date}");
        world.pass(1);
        assert!(world.is_due().await, "{zone} {date}");
        assert_eq!(world.digests().await, ["Numo: approve 1 message for today"], "{zone} {date}");
    }
}

#[tokio::test]
async fn a_digest_that_is_hours_late_is_left_to_the_next_morning() {
    let world = morning().await;
    world.open(TaskAbout::WrongNumber(customer("c1"))).await;
    world.pass(5 * 60 + 59);
    let late = world.digests().await;
    assert_eq!(late, ["Numo: 1 thing to look at"]);
    let world = morning().await;
    world.open(TaskAbout::WrongNumber(customer("c1"))).await;
    world.pass(6 * 60);
    assert_eq!(world.digests().await, Vec::<String>::new());
    assert!(!world.is_due().await);
    world.clock.set(at("2026-11-25T04:00:00Z"));
    assert!(world.is_due().await);
    assert_eq!(world.digests().await, ["Numo: 1 thing to look at"]);
}

#[tokio::test]
async fn whoever_wants_no_digest_gets_none_and_alerts_all_the_same() {
    let world = morning().await;
    world.people.join(&org(), &user("bea"), Role::Admin);
    set_digest(&world.ports.waker, &org(), &user("ann"), false, world.now()).await.unwrap();
    world.open(reconnect()).await;
    world.pass(1);
    let expected = [
        ("user_ann@people.example", "Numo: connect your accounting system again"),
        ("user_bea@people.example", "Numo: 1 thing to look at"),
        ("user_bea@people.example", "Numo: connect your accounting system again"),
    ];
    let mut subjects = world.subjects().await;
    subjects.sort();
    assert_eq!(subjects, expected.map(|(to, subject)| (to.to_owned(), subject.to_owned())));
}

#[tokio::test]
async fn a_ledger_that_was_not_read_for_hours_says_since_when_in_the_organisations_time() {
    let world = morning().await;
    world.open(TaskAbout::LedgerUnreadable(crate::world::connection())).await;
    world.pass(1);
    let letters = world.round().await;
    let point = "- An accounting system could not be read for four hours; reminders to its customers rest until it can. \
                 (noticed on 24 Nov 2026 at 08:00)";
    assert_eq!(letters.len(), 2);
    assert!(letters.iter().all(|letter| letter.text.contains(point)), "{}", letters[0].text);
    let mut subjects: Vec<&str> = letters.iter().map(|letter| letter.subject.as_str()).collect();
    subjects.sort_unstable();
    assert_eq!(subjects, ["Numo: 1 thing to look at", "Numo: your accounting system cannot be read"]);
}

#[tokio::test]
async fn one_organisation_is_told_nothing_of_another() {
    let world = morning().await;
    let other: numo_domain::id::OrgId = "org_ab".parse().unwrap();
    world.store.change_organisation(&other, world.now(), |profile| profile.name = "Other".to_owned()).await.unwrap();
    world.people.join(&other, &user("eve"), Role::Admin);
    world.store.open_task(&other, reconnect(), world.now()).await.unwrap();
    world.pass(1);
    assert_eq!(world.subjects().await, []);
}
