//! One list of everything that happened with a customer, and where their number comes from.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use numo_domain::{delivery_report::DeliveryReport, id::AttemptId, reminder::DeliveryStatus};
use serde_json::json;

use crate::{
    client::Answer,
    page::shows,
    seed::{ATTEMPT_A, CONNECTION_A, CONNECTION_B, at, contact_ref, org},
    world::World,
};

fn place() -> String {
    format!("/customers/{CONNECTION_A}/c-1")
}

/// The headlines of a list, in its order.
fn told(page: &Answer) -> Vec<String> {
    let list = page.text.split("<ol class=\"cards\">").nth(1).unwrap_or_default();
    let entries =
        list.split("<div class=\"row\"><strong>").skip(1).map(|entry| entry.split("</strong>").next().unwrap());
    entries.map(|entry| entry.split('>').next_back().map_or(entry, |_| strip(entry)).to_owned()).collect()
}

/// Text without its one link.
fn strip(entry: &str) -> &str {
    match entry.strip_prefix("<a ") {
        Some(link) => link.split('>').nth(1).unwrap().split('<').next().unwrap(),
        None => entry,
    }
}

fn older(page: &Answer) -> Option<String> {
    let rest = page.text.split("\" rel=\"next\">What happened before").next().filter(|r| r.len() < page.text.len())?;
    Some(rest.rsplit("href=\"").next()?.replace("&#38;", "&"))
}

#[tokio::test]
async fn the_timeline_has_what_was_owed_sent_said_and_decided_by_time() {
    let world = World::with_two_organisations().await;
    world.thank_and_pay(37_622, "2026-11-23").await;
    world.says("wamid.1", "2026-11-24T05:00:00Z", "I paid <b>half</b>").await;
    for (edit, minutes) in [
        (json!({"edit": "snooze", "until": "2026-12-01"}), 1),
        (json!({"edit": "promise", "date": "2026-11-30"}), 2),
        (json!({"edit": "open_dispute", "invoice": "i-1", "reason": "wrong goods"}), 3),
        (json!({"edit": "exclude", "reason": "a friend"}), 4),
    ] {
        let path = format!("/v1{}/file", place());
        assert_eq!(world.post("admin-a", &path, &edit).await.status, 200, "{minutes}");
        world.clock.advance(SignedDuration::from_mins(1));
    }
    let consent = [("state", "opted_out"), ("reason", "by phone")];
    world.form("admin-a", &format!("{}/consent", place()), &consent).await;
    let page = world.page_at(&place(), Some("member-a")).await;
    assert_eq!(
        told(&page),
        [
            "Wants no reminders",
            "Left out of reminders",
            "A dispute was noted",
            "A promise to pay was noted, for 30 Nov 2026",
            "No reminder before 1 Dec 2026",
            "The customer wrote",
            "AED 376.22 arrived",
            "Reminder over AED 1,376.22",
            "Invoice INV-1 over AED 1,376.22, due 21 Nov 2026",
        ]
    );
    shows(
        &page,
        &[
            "<blockquote>I paid &#60;b&#62;half&#60;/b&#62;</blockquote>",
            "<span class=\"tag\">read</span>",
            "<summary>Every state</summary>",
            "recorded by an admin",
            "by phone",
        ],
    );
    assert_eq!(older(&page), None);
    // The other organisation has a customer with the same ids, and nothing of this.
    let theirs = world.page_at(&format!("/customers/{CONNECTION_B}/c-1"), Some("admin-b")).await;
    assert_eq!(told(&theirs), ["Invoice INV-1 over AED 1,376.22, due 21 Nov 2026"]);
}

#[tokio::test]
async fn of_a_long_message_the_beginning_is_told() {
    let world = World::with_two_organisations().await;
    world.says("wamid.1", "2026-11-24T05:00:00Z", &"é".repeat(501)).await;
    world.says("wamid.2", "2026-11-24T05:01:00Z", &"ü".repeat(500)).await;
    let page = world.page_at(&place(), Some("member-a")).await;
    let (cut, whole) = (format!("<blockquote>{}…<", "é".repeat(500)), format!("<blockquote>{}<", "ü".repeat(500)));
    shows(&page, &[&cut, &whole]);
}

#[tokio::test]
async fn an_invoice_that_a_reminder_was_about_is_told_to_its_end() {
    let world = World::with_two_organisations().await;
    world.thank_and_pay(137_622, "2026-11-23").await;
    let known =
        world.store.invoices_by_id(&org("org_a"), CONNECTION_A.parse().unwrap(), &["i-1".parse().unwrap()]).await;
    assert!(!known.unwrap()[0].value.invoice.is_open());
    let page = world.page_at(&place(), Some("member-a")).await;
    let expected = ["Invoice INV-1 is settled", "AED 1,376.22 arrived", "Reminder over AED 1,376.22"];
    assert_eq!(told(&page)[..3], expected, "{}", page.text);
}

#[tokio::test]
async fn parts_have_everything_once_and_each_reads_no_more_than_it_shows() {
    let world = World::with_two_organisations().await;
    world.claim(ATTEMPT_A, 2, "2026-11-24T05:00:00Z").await;
    for number in 0..120 {
        let edit = json!({"edit": "hold", "on": format!("2026-12-{:02}", number % 28 + 1)});
        world.post("admin-a", &format!("/v1{}/file", place()), &edit).await;
        world
            .says(
                &format!("wamid.{number}"),
                &format!("2026-11-24T05:{:02}:{:02}Z", number / 60, number % 60),
                &format!("word {number}"),
            )
            .await;
        // Three in one instant, now and then.
        if number % 3 == 0 {
            world.clock.advance(SignedDuration::from_secs(1));
        }
    }
    world.table.take_counts();
    let ahead = world.page_at(&place(), Some("member-a")).await;
    let counts = world.table.take_counts();
    assert!(counts.calls() <= 38, "{} calls with a look ahead", counts.calls());
    world.save_plan("org_a").await;
    world.table.take_counts();
    let first = world.page_at(&place(), Some("member-a")).await;
    let counts = world.table.take_counts();
    assert!(counts.calls() <= 16, "{} calls", counts.calls());
    assert_eq!(told(&first), told(&ahead));
    let (mut pages, mut next) = (vec![first], None);
    while let Some(address) = older(pages.last().unwrap()) {
        assert!(
            address.starts_with(&format!("{}/timeline?cursor=", place())) && !address.contains("wamid"),
            "{address}"
        );
        world.table.take_counts();
        pages.push(world.page_at(&address, Some("member-a")).await);
        let counts = world.table.take_counts();
        assert!(
            counts.calls() <= 16 && counts.items_read <= 220,
            "{} calls, {} items",
            counts.calls(),
            counts.items_read
        );
        next = Some(address);
    }
    let parts: Vec<usize> = pages.iter().map(|page| told(page).len()).collect();
    assert_eq!(parts, [50, 50, 50, 50, 42]);
    let words: Vec<String> = pages
        .iter()
        .flat_map(|page| {
            let texts = page.text.split("<blockquote>word ").skip(1);
            texts.map(|text| text.split('<').next().unwrap().to_owned()).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!((words.len(), words.iter().collect::<BTreeSet<_>>().len()), (120, 120));
    // A cursor is good for its own list and organisation.
    let address = next.unwrap();
    assert_eq!(world.page_at(&address.replace("c-1", "c-2"), Some("admin-a")).await.status, 400);
    assert_eq!(world.page_at(&address, Some("admin-b")).await.status, 404);
}

#[tokio::test]
async fn the_page_of_a_number_says_where_it_comes_from_and_which_ones_there_were() {
    let world = World::with_two_organisations().await;
    let number = format!("{}/number", place());
    let page = world.page_at(&number, Some("member-a")).await;
    shows(
        &page,
        &[
            "<dd>+971•••••67</dd>",
            "<dd>the accounting system</dd>",
            "None was sent yet.",
            "Nobody changed the number here.",
        ],
    );
    let attempt: AttemptId = ATTEMPT_A.parse().unwrap();
    world.claim(ATTEMPT_A, 2, "2026-11-24T05:00:00Z").await;
    world.told(attempt, DeliveryStatus::Read, &DeliveryReport::default(), at("2026-11-24T05:01:00Z")).await;
    for typed in ["+971509876543", "+971509876544"] {
        world.clock.advance(SignedDuration::from_mins(1));
        assert_eq!(world.form("admin-a", &number, &[("number", typed)]).await.status, 303);
    }
    let page = world.page_at(&number, Some("member-a")).await;
    shows(
        &page,
        &[
            "a number was typed a moment ago",
            ", who typed it <time",
            "<dd>+971•••••67. Once it says something else, that counts.</dd>",
            "<dt>Typed before</dt><dd>•••••43, by <bdi>",
            "To another number: 1 reminder, <time datetime=\"2026-11-24\"",
            "Another number was typed",
        ],
    );
    assert_eq!(page.text.matches("Another number was typed").count(), 2);
    assert!(!page.text.contains("9876543") && !page.text.contains("9876544"), "whole numbers are on no page");
    assert_eq!(world.page_at(&number, Some("admin-b")).await.status, 404);
    let known = world.store.contact(&org("org_a"), &contact_ref(CONNECTION_A, "c-1")).await.unwrap();
    assert!(known.is_some());
}
