//! Pages below a customer's: consent, a reminder outside the plan, erasing.

use crate::{
    page::shows,
    seed::{CONNECTION_A, org},
    world::World,
};

#[tokio::test]
async fn a_stop_is_shown_with_its_proof_and_lifted_over_what_was_read_alone() {
    let world = World::with_two_organisations().await;
    let place = format!("/customers/{CONNECTION_A}/c-1/consent");
    let told = [("state", "opted_out"), ("reason", "by <phone>")];
    assert_eq!(world.form("admin-a", &place, &told).await.status, 303);
    let page = world.page_at(&place, Some("admin-a")).await;
    shows(
        &page,
        &[
            "Nothing is sent: this customer wants no reminders.",
            "recorded by an admin. by &#60;phone&#62;",
            "Lift the STOP",
        ],
    );
    let seen = page.text.split("name=\"revision\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let lift = |revision: &'static str| [("state", "opted_in"), ("reason", "asked again"), ("revision", revision)];
    assert_eq!(world.form("admin-a", &place, &lift("99")).await.status, 412);
    world.clock.advance(jiff::SignedDuration::from_secs(1));
    let lift = [("state", "opted_in"), ("reason", "asked again"), ("revision", seen)];
    assert_eq!(world.form("admin-a", &place, &lift).await.status, 303);
    shows(&world.page_at(&place, Some("member-a")).await, &["Agreed to be written to.", "asked again"]);
}

#[tokio::test]
async fn a_reminder_outside_the_plan_is_shown_before_it_is_asked_for() {
    let world = World::with_two_organisations().await;
    let place = format!("/customers/{CONNECTION_A}/c-1/send-now");
    let shown = world.page_at(&format!("{place}?currency=AED"), Some("admin-a")).await;
    shows(
        &shown,
        &[&format!("hx-get=\"{place}?currency=AED\" hx-trigger=\"load\""), "Working out what would go out now"],
    );
    let alone = world.page_at(&format!("{place}?currency=AED&show=alone"), Some("admin-a")).await;
    shows(&alone, &["<h1>Send a reminder now</h1>", "Send it now", "INV-1"]);
    let page = world.part_at(&format!("{place}?currency=AED"), "admin-a").await;
    assert_eq!(page.status, 200, "{}", page.text);
    let field = |name: &str| {
        let rest = page.text.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    shows(&page, &["What would go out", "Send it now", "INV-1"]);
    let (id, seen) = (field("id"), field("seen"));
    let wrong = [("id", id.as_str()), ("currency", "AED"), ("seen", "another")];
    assert_eq!(world.form("admin-a", &place, &wrong).await.status, 409);
    let wanted = [("id", id.as_str()), ("currency", "AED"), ("seen", seen.as_str())];
    assert_eq!(world.form("member-a", &place, &wanted).await.status, 403);
    assert!(world.queue.jobs().is_empty());
    let asked = world.form("admin-a", &place, &wanted).await;
    assert_eq!((asked.status.as_u16(), world.queue.jobs().len()), (303, 1), "{}", asked.text);
    for query in ["", "?currency=", "?currency=aed!"] {
        assert_eq!(world.page_at(&format!("{place}{query}"), Some("admin-a")).await.status, 400, "{query}");
    }
    let nothing = world.part_at(&format!("{place}?currency=USD"), "admin-a").await;
    shows(&nothing, &["It may not be sent now.", "Nothing is open in this currency."]);
}

#[tokio::test]
async fn a_customer_is_erased_once_the_name_is_typed_by_somebody_who_is_an_admin_now() {
    let world = World::with_two_organisations().await;
    let place = format!("/customers/{CONNECTION_A}/c-1");
    let erasure = format!("{place}/erasure");
    shows(
        &world.page_at(&erasure, Some("admin-a")).await,
        &["This cannot be undone.", "What is kept", "Erase for good", "a keyed hash of the number, opted out"],
    );
    assert!(!world.page_at(&erasure, Some("member-a")).await.text.contains("Erase for good"));
    assert_eq!(world.form("admin-a", &erasure, &[("confirm", "yes")]).await.status, 400);
    world.people.join(&org("org_a"), &"user_ann".parse().unwrap(), numo_app::port::session::Role::Member);
    assert_eq!(world.form("admin-a", &erasure, &[("confirm", "Acme Trading")]).await.status, 403);
    world.people.join(&org("org_a"), &"user_ann".parse().unwrap(), numo_app::port::session::Role::Admin);
    let erased = world.form("admin-a", &erasure, &[("confirm", "Acme Trading")]).await;
    assert_eq!((erased.status.as_u16(), erased.header("location")), (303, "/customers?done=erased"), "{}", erased.text);
}
