//! Old invoices of one customer on their page, and the decision how to start with them.

use numo_domain::customer_file::Start;

use crate::{
    backlog::old,
    page::shows,
    seed::{CONNECTION_A, CONNECTION_B, aed, contact_ref, org},
    undo::{offer, undo},
    world::World,
};

fn place() -> String {
    format!("/customers/{CONNECTION_A}/c-1")
}

async fn decided(world: &World) -> Vec<(String, Start)> {
    let file = world.store.customer_file(&org("org_a"), &contact_ref(CONNECTION_A, "c-1")).await.unwrap();
    file.backlog.into_iter().map(|(invoice, choice)| (invoice.as_str().to_owned(), choice.start)).collect()
}

#[tokio::test]
async fn old_invoices_stand_on_the_page_until_an_admin_says_how_to_start_and_that_is_taken_back() {
    let world = World::with_two_organisations().await;
    old(&world, "i-70", "2026-09-15", aed(50_000)).await;
    old(&world, "i-20", "2026-11-04", aed(60_000)).await;
    let member = world.page_at(&place(), Some("member-a")).await;
    shows(&member, &["2 old invoices wait for a decision", "INV-i-70: AED 500.00", "70 days overdue"]);
    assert!(!member.text.contains("Begin gently"));
    let backlog = format!("{}/backlog", place());
    let undone = offer(&world, &backlog, &[("invoice", "i-70"), ("start", "gently")]).await.unwrap();
    assert_eq!(decided(&world).await, [("i-70".to_owned(), Start::Gently)]);
    shows(&world.page_at(&place(), Some("admin-a")).await, &["An old invoice waits for a decision", "Begin gently"]);
    assert_eq!(undo(&world, "admin-a", &undone).await.status, 303);
    assert_eq!(decided(&world).await, []);
    let both = [("invoice", "i-70"), ("invoice", "i-20"), ("start", "leave_out")];
    let undone = offer(&world, &backlog, &both).await.unwrap();
    assert_eq!(decided(&world).await, ["i-20", "i-70"].map(|id| (id.to_owned(), Start::LeaveOut)));
    assert!(!world.page_at(&place(), Some("admin-a")).await.text.contains("for a decision"));
    // Somebody changed the customer since.
    offer(&world, &format!("{}/edit", place()), &[("edit", "hold"), ("on", "2026-11-24")]).await;
    assert_eq!(undo(&world, "admin-a", &undone).await.status, 412);
}

#[tokio::test]
async fn a_decision_that_is_about_nothing_old_is_refused_and_says_so() {
    let world = World::with_two_organisations().await;
    old(&world, "i-70", "2026-09-15", aed(50_000)).await;
    let backlog = format!("{}/backlog", place());
    for (fields, words) in [
        (vec![("start", "gently")], "tick at least one invoice"),
        (vec![("start", "gently"), ("invoice", "i-1")], "these are decided about already, or not old"),
        (vec![("start", "loudly"), ("invoice", "i-70")], "leave_out, gently or by_age is needed"),
        (vec![("start", "gently"), ("invoice", "\u{7}")], "choose from the list"),
    ] {
        let refused = world.form("admin-a", &backlog, &fields).await;
        assert_eq!(refused.status, 400, "{fields:?}");
        assert!(refused.text.contains(words), "{fields:?}: {}", refused.text);
    }
    let fields = [("start", "gently"), ("invoice", "i-70")];
    assert_eq!(world.form("member-a", &backlog, &fields).await.status, 403);
    let foreign = format!("/customers/{CONNECTION_B}/c-1/backlog");
    assert_eq!(world.form("admin-a", &foreign, &fields).await.status, 404);
    assert_eq!(decided(&world).await, []);
}
