//! What needs somebody, on the first page.

use jiff::ToSpan as _;
use numo_app::store::task::TaskAbout;
use numo_domain::contact::ContactRef;

use crate::{
    seed::{CONNECTION_A, contact, org},
    world::{World, now},
};

fn customer(id: &str) -> ContactRef {
    ContactRef { connection: CONNECTION_A.parse().unwrap(), contact: id.parse().unwrap() }
}

async fn open(world: &World, about: TaskAbout) {
    world.store.open_task(&org("org_a"), about, now()).await.unwrap();
}

/// The part of the first page that says what needs somebody.
async fn needs(world: &World, who: &str) -> String {
    let page = world.page(Some(who)).await.text;
    page.split("<h2 id=\"tasks\">").nth(1).unwrap().split("</section>").next().unwrap().to_owned()
}

#[tokio::test]
async fn each_task_names_what_it_is_about_and_leads_to_where_it_is_seen_to() {
    let world = World::with_two_organisations().await;
    open(&world, TaskAbout::ReconnectLedger(CONNECTION_A.parse().unwrap())).await;
    open(&world, TaskAbout::SenderBlocked("200".parse().unwrap())).await;
    open(&world, TaskAbout::NotOnWhatsapp(customer("c-1"))).await;
    open(&world, TaskAbout::WrongNumber(customer("gone"))).await;
    open(&world, TaskAbout::CostCapReached(jiff::civil::date(2026, 11, 1))).await;
    open(&world, TaskAbout::DayNotAccounted(jiff::civil::date(2026, 11, 3))).await;
    let shown = needs(&world, "member-a").await;
    let customers = format!("/customers/{CONNECTION_A}");
    for link in [
        "<a href=\"/connections#accounting\">Harbour Lane Books</a>".to_owned(),
        "<a href=\"/connections#whatsapp\">Harbour Lane</a>".to_owned(),
        format!("<a href=\"{customers}/c-1\">Acme Trading</a>"),
        format!("<a href=\"{customers}/gone\">Unknown customer</a>"),
        "<a href=\"/settings\">November 2026</a>".to_owned(),
        "<a href=\"/plan?day=2026-11-03\">3 Nov 2026</a>".to_owned(),
    ] {
        assert!(shown.contains(&link), "{link}: {shown}");
    }
}

#[tokio::test]
async fn tasks_that_are_alike_stand_together_and_what_stops_reminders_stands_first() {
    let world = World::with_two_organisations().await;
    for n in 0..7_i32 {
        let id = format!("c-{}", 20 + n);
        let named = contact(CONNECTION_A, &id, &format!("Customer {n}"));
        world.store.upsert_contact(&org("org_a"), None, &named, now()).await.unwrap();
        let since = now().saturating_add(n.hours()).unwrap();
        world.store.open_task(&org("org_a"), TaskAbout::SequenceFinished(customer(&id)), since).await.unwrap();
    }
    open(&world, TaskAbout::SenderBlocked("200".parse().unwrap())).await;
    let shown = needs(&world, "admin-a").await;
    assert_eq!(shown.matches("<p class=\"warn\">").count(), 2, "{shown}");
    assert_eq!(shown.matches("No reminder of the policy is left").count(), 1, "{shown}");
    assert!(shown.find("does not let a number send") < shown.find("Customer 0"), "{shown}");
    let (first, more) = shown.split_once("<summary>2 more</summary>").unwrap();
    assert_eq!((first.matches(">Customer ").count(), more.matches(">Customer ").count()), (5, 2), "{shown}");
}

#[tokio::test]
async fn what_meta_told_is_off_the_list_once_an_admin_has_seen_it() {
    let world = World::with_two_organisations().await;
    world.tell("org_a").await;
    assert!(!needs(&world, "member-a").await.contains("/seen"), "a member closes nothing");
    let shown = needs(&world, "admin-a").await;
    let notice = shown.split("name=\"notice\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let notice = notice.replace("&quot;", "\"").replace("&#34;", "\"");
    let answer = world.form("admin-a", "/seen", &[("notice", &notice)]).await;
    assert_eq!(answer.header("location"), "/?done=seen");
    assert_eq!(world.store.tasks(&org("org_a")).await.unwrap().len(), 0);
    assert!(needs(&world, "admin-a").await.contains("Nothing at the moment."));
    let again = world.form("admin-a", "/seen", &[("notice", &notice)]).await;
    assert_eq!(again.status, 404);
}

#[tokio::test]
async fn what_is_no_notice_is_refused_and_stays() {
    let world = World::with_two_organisations().await;
    open(&world, TaskAbout::SenderBlocked("200".parse().unwrap())).await;
    for (notice, words) in [
        ("{\"kind\":\"sender_blocked\",\"subject\":\"200\"}", "only a notice is closed by having seen it"),
        ("{", "open the page again"),
    ] {
        let answer = world.form("admin-a", "/seen", &[("notice", notice)]).await;
        assert!(answer.status == 400 && answer.text.contains(words), "{notice}: {} {}", answer.status, answer.text);
    }
    assert_eq!(world.store.tasks(&org("org_a")).await.unwrap().len(), 1);
}
