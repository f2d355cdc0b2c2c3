//! What pages read of an organisation with ten thousand open invoices: no more than they show.

use jiff::ToSpan as _;
use numo_app::count_receivables::count_receivables;
use numo_domain::{
    contact::{Contact, ContactNumber},
    invoice::Invoice,
    organisation::{Pause, PausedBy},
};

use crate::{
    client::Answer,
    seed::{CONNECTION_A, contact, invoice, org},
    world::{World, now},
};

/// So many customers, each with so many invoices that are one day longer overdue each; every tenth has no number.
async fn owing(customers: usize, invoices: usize) -> World {
    let (world, org) = (World::with_two_organisations().await, org("org_a"));
    for number in 0..customers {
        let of = contact(CONNECTION_A, &format!("m-{number:05}"), &format!("Many {number:05}"));
        let of = if number % 10 == 0 { Contact { number: ContactNumber::Missing, ..of } } else { of };
        world.store.upsert_contact(&org, None, &of, now()).await.unwrap();
        for nth in 0..invoices {
            let first = invoice(&of);
            let id = format!("m-{number:05}-{nth}").parse().unwrap();
            let due = first.due.map(|due| due.saturating_sub(i64::try_from(nth).unwrap().days()));
            let owed = Invoice { id, due, ..first };
            world.store.upsert_invoice(&org, None, &owed, now(), now()).await.unwrap();
        }
    }
    world.count_owed("org_a").await;
    world
}

/// The address behind a word of the page.
fn link(page: &Answer, word: &str) -> Option<String> {
    let before = page.text.split(&format!("\">{word}</a>")).next().filter(|before| before.len() < page.text.len())?;
    let tag = &before[before.rfind("<a href=\"")? + 9..];
    Some(tag.split('"').next()?.replace("&#38;", "&"))
}

fn rows(page: &Answer) -> Vec<&str> {
    page.text.split("<tr><td><a href=\"").skip(1).map(|row| row.split('"').next().unwrap()).collect()
}

#[tokio::test]
async fn a_page_reads_what_it_shows_however_much_is_owed() {
    let world = owing(2_000, 5).await;
    let pause = Pause { since: now(), by: PausedBy::Operator, until: None };
    world.store.change_organisation(&org("org_a"), now(), |profile| profile.pause = Some(pause.clone())).await.unwrap();
    world.save_plan("org_a").await;
    for (path, calls, kilobytes) in [
        ("/", 16, 16),
        ("/customers", 6, 48),
        ("/customers?number=none&page=2", 6, 48),
        ("/invoices", 7, 80),
        ("/invoices?state=overdue", 7, 80),
        ("/plan", 6, 48),
        // With the policy, old invoices and the timeline.
        (&format!("/customers/{CONNECTION_A}/m-00005"), 18, 48),
    ] {
        world.table.take_counts();
        let page = world.page_at(path, Some("member-a")).await;
        let counts = world.table.take_counts();
        assert_eq!(page.status, 200, "{path}");
        let read = counts.bytes_read / 1_024;
        assert!(counts.calls() <= calls && read <= kilobytes, "{path}: {} calls, {read} KB", counts.calls());
    }
    let home = world.page_at("/", Some("member-a")).await;
    assert!(home.text.contains("in 10001 open invoices"), "{}", home.text);
    assert!(home.text.contains("Numo has stopped sending for a while. <span class=\"soft\">(2001)</span>"));
}

#[tokio::test]
async fn customers_and_invoices_are_walked_page_by_page_and_back() {
    let world = owing(60, 2).await;
    for (start, pages) in
        [("/customers", 2), ("/customers?number=none", 1), ("/invoices", 3), ("/invoices?state=overdue", 3)]
    {
        let (mut there, mut address) = (Vec::new(), Some(start.to_owned()));
        let mut seen = Vec::new();
        while let Some(path) = address {
            let page = world.page_at(&path, Some("member-a")).await;
            let found = rows(&page).into_iter().map(str::to_owned).collect::<Vec<_>>();
            seen.extend(found.clone());
            there.push((path, found));
            address = link(&page, "Next");
        }
        assert_eq!(there.len(), pages, "{start}");
        let all: std::collections::BTreeSet<&String> = seen.iter().collect();
        assert_eq!(all.len(), seen.len(), "{start}: nothing comes twice");
        let owed = if start.contains("none") {
            6
        } else if start.contains("customers") {
            61
        } else {
            121
        };
        assert_eq!(seen.len(), owed, "{start}");
        // And back: each page is the one that was seen on the way there.
        let (last, _) = there.last().unwrap().clone();
        let mut page = world.page_at(&last, Some("member-a")).await;
        for (_, expected) in there.iter().rev().skip(1) {
            page = world.page_at(&link(&page, "Previous").unwrap(), Some("member-a")).await;
            assert_eq!(&rows(&page), expected, "{start}");
        }
        assert_eq!(link(&page, "Previous"), None, "{start}");
    }
}

#[tokio::test]
async fn what_is_owed_is_compared_with_a_month_ago() {
    let world = World::with_two_organisations().await;
    let page = world.page_at("/", Some("member-a")).await;
    assert!(!page.text.contains("<p>That is "), "nothing was counted a month ago");
    let then = "2026-12-24T06:00:00Z".parse().unwrap();
    world.clock.set(then);
    for (remaining, words) in [
        (137_622, "<p>That is as much as on 24 Nov 2026.</p>"),
        (137_722, "<p>That is AED 1.00 more than on 24 Nov 2026.</p>"),
        (100_000, "<p>That is AED 376.22 less than on 24 Nov 2026.</p>"),
    ] {
        let mut owed = invoice(&contact(CONNECTION_A, "c-1", "Acme Trading"));
        owed.remaining.minor = remaining;
        let ids = [owed.id.clone()];
        let before = world.store.invoices_by_id(&org("org_a"), owed.contact.connection, &ids).await.unwrap();
        world.store.upsert_invoice(&org("org_a"), before.first(), &owed, then, then).await.unwrap();
        count_receivables(&world.store, &org("org_a"), then).await.unwrap();
        let page = world.page_at("/", Some("member-a")).await;
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
}
