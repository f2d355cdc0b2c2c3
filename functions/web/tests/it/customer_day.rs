//! Why, or why not, on any day: as it was decided, today, and as it looks from here.

use jiff::SignedDuration;
use numo_app::store::plan::Cancelled;
use numo_domain::{
    contact::Contact,
    plan::{
        decision::Unit,
        reason::{Reason, SkipCode},
    },
};

use crate::{
    client::Answer,
    page::shows,
    seed::{ATTEMPT_A, CONNECTION_A, at, contact, contact_ref, org},
    world::{World, now},
};

async fn on(world: &World, customer: &str, day: &str) -> Answer {
    let page = world.page_at(&format!("/customers/{CONNECTION_A}/{customer}?day={day}"), Some("member-a")).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let why = page.text.split("id=\"why\"").nth(1).unwrap().split("</section>").next().unwrap().to_owned();
    Answer { text: why, ..page }
}

#[tokio::test]
async fn a_day_with_a_plan_is_explained_by_what_was_decided_then_whatever_is_true_now() {
    let world = World::with_two_organisations().await;
    world.save_plan("org_a").await;
    shows(
        &on(&world, "c-1", "2026-11-24").await,
        &[
            "So it is planned, and the plan waits for an admin&#39;s approval.",
            "<h3>AED</h3><p>A reminder, <time",
            "Hello Acme Trading, this is Harbour Lane.",
        ],
    );
    // It was not approved, and a week later something else is true.
    world.clock.advance(SignedDuration::from_hours(24 * 7));
    let later = on(&world, "c-1", "2026-11-24").await;
    shows(&later, &["the plan was not approved, so nothing went out.", "A reminder, <time"]);
    let unit = Unit { contact: contact_ref(CONNECTION_A, "c-1"), currency: "AED".parse().unwrap() };
    let reasons = vec![Reason::of(SkipCode::Settled)];
    let cancelled = Cancelled { unit, at: now(), reasons, evidence: None };
    world.store.cancel_planned(&org("org_a"), "2026-11-24".parse().unwrap(), &cancelled).await.unwrap();
    let taken_back = on(&world, "c-1", "2026-11-24").await;
    assert!(!taken_back.text.contains("A reminder,"), "{}", taken_back.text);
    shows(&taken_back, &[&format!("<li>{}</li>", SkipCode::Settled.sentence())]);
}

#[tokio::test]
async fn today_without_a_plan_and_the_days_to_come_are_looked_ahead_at() {
    let world = World::with_two_organisations().await;
    let ahead = "This is a look ahead: so it would be if nothing changes until then";
    world.table.take_counts();
    shows(&on(&world, "c-1", "2026-11-24").await, &[ahead, "A reminder, <time datetime=\"2026-11-24"]);
    // What goes out today has gone out by tomorrow.
    let tomorrow = on(&world, "c-1", "2026-11-25").await;
    shows(&tomorrow, &[ahead, "<h3>AED</h3><ul><li>"]);
    assert!(!tomorrow.text.contains("A reminder,"), "{}", tomorrow.text);
    // The next step, by whatever policy it is, comes within the month.
    let days = (25..=30).map(|day| format!("2026-11-{day}")).chain((1..=25).map(|day| format!("2026-12-{day:02}")));
    let mut reminded = 0;
    for day in days {
        reminded += usize::from(on(&world, "c-1", &day).await.text.contains("A reminder,"));
    }
    assert!(reminded >= 2, "{reminded}");
    assert_eq!(world.table.take_counts().items_written, 0);
    // A hold on a day to come holds on that day alone.
    let hold = [("edit", "snooze"), ("until", "2026-12-20")];
    world.form("member-a", &format!("/customers/{CONNECTION_A}/c-1/edit"), &hold).await;
    for (day, is_held) in [("2026-12-19", true), ("2026-12-22", false)] {
        assert_eq!(on(&world, "c-1", day).await.text.contains(SkipCode::Snoozed.sentence()), is_held, "{day}");
    }
}

#[tokio::test]
async fn a_plan_of_today_is_taken_as_sent_by_the_days_after_it() {
    let world = World::with_two_organisations().await;
    world.save_plan("org_a").await;
    world.claim(ATTEMPT_A, 2, "2026-11-24T05:00:00Z").await;
    let tomorrow = on(&world, "c-1", "2026-11-25").await;
    shows(&tomorrow, &["This is a look ahead", "<h3>AED</h3><ul><li>"]);
}

#[tokio::test]
async fn a_day_of_which_nothing_was_decided_says_why_that_is() {
    let world = World::with_two_organisations().await;
    let known =
        Contact { number: contact(CONNECTION_A, "c-1", "").number, ..contact(CONNECTION_A, "c-5", "Known Long") };
    world.store.upsert_contact(&org("org_a"), None, &known, at("2026-11-10T08:00:00Z")).await.unwrap();
    for (customer, day, words) in [
        ("c-5", "2026-11-12", "No plan was made on that day, so nothing was sent."),
        ("c-5", "2026-11-09", "The customer was read from the accounting system on 10 Nov 2026 for the first time."),
        ("c-1", "2026-11-20", "The customer was read from the accounting system on 24 Nov 2026 for the first time."),
        ("c-5", "2026-12-01", "Nothing of this customer was to be paid, so nobody had to decide."),
        ("c-1", "2026-12-26", "That is too far away: a look ahead goes until 25 Dec 2026."),
        ("c-1", "9999-12-31", "That is too far away: a look ahead goes until 25 Dec 2026."),
        ("c-1", "-009999-01-01", "The customer was read from the accounting system on 24 Nov 2026"),
    ] {
        shows(&on(&world, customer, day).await, &[words]);
    }
    world.save_plan("org_a").await;
    shows(&on(&world, "c-5", "2026-11-24").await, &["Nothing of this customer was to be paid"]);
    let wrong = world.page_at(&format!("/customers/{CONNECTION_A}/c-1?day=soon"), Some("member-a")).await;
    assert_eq!(wrong.status, 400);
}
