//! Long lists on pages: what is older is behind a link, and what was done is found and taken along.

use jiff::{SignedDuration, Timestamp};
use numo_app::store::activity::{Activity, Actor};
use numo_domain::{attempt::Attempt, id::ActivityId, invoice::Invoice};
use serde_json::json;
use uuid::Uuid;

use crate::{
    activity::four_lines,
    client::Answer,
    seed::{ATTEMPT_A, CONNECTION_A, at, contact, invoice, org, said},
    world::{World, now},
};

fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x018f_0000_0000_7000_8000_0000_0000_0000 + n)
}

fn minutes_ago(n: i64) -> Timestamp {
    now().checked_sub(SignedDuration::from_mins(n)).unwrap()
}

/// Where the link to what is older leads, if there is one.
fn older(page: &Answer) -> Option<String> {
    let link = page.text.split("\" rel=\"next\"").next().filter(|before| before.len() < page.text.len())?;
    Some(link.rsplit("href=\"").next().unwrap().replace("&amp;", "&").replace("&#38;", "&"))
}

/// A page, or what it loads once it is there.
async fn read(world: &World, path: &str) -> Answer {
    match path.starts_with("/plan/ahead") {
        true => world.part_at(path, "member-a").await,
        false => world.page_at(path, Some("member-a")).await,
    }
}

/// What stands between two texts, as often as they stand on all parts of a list.
async fn on_all_parts(world: &World, path: &str, (before, behind): (&str, &str)) -> Vec<Vec<String>> {
    let (mut parts, mut next) = (Vec::new(), Some(path.to_owned()));
    while let Some(path) = next {
        let page = read(world, &path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        let found = page.text.split(before).skip(1).map(|rest| rest.split(behind).next().unwrap().to_owned());
        parts.push(found.collect());
        next = older(&page);
    }
    parts
}

#[tokio::test]
async fn activity_is_found_by_day_person_and_kind_and_the_file_has_the_same_lines() {
    let world = four_lines().await;
    let whole = ["policy draft made", "policy deleted", "everything paused", "policy changed"];
    for (query, expected) in [
        ("", &whole[..]),
        ("?from=&to=&actor=&action=", &whole[..]),
        ("?from=2026-11-21&to=2026-11-22&actor=&action=", &whole[1..3]),
        ("?actor=user_ann&action=", &[whole[0], whole[3]]),
        ("?action=policy&done=seen", &[whole[1], whole[3]]),
        ("?actor=user_bea", &[]),
    ] {
        let page = world.page_at(&format!("/activity{query}"), Some("member-a")).await;
        let shown: Vec<&str> =
            whole.iter().copied().filter(|action| page.text.contains(&format!("<td>{action}</td>"))).collect();
        assert_eq!(shown, expected, "{query}");
        let file = page.text.split("href=\"/activity.csv").nth(1).unwrap().split('"').next().unwrap();
        let file = world.page_at(&format!("/activity.csv{}", file.replace("&#38;", "&")), Some("member-a")).await;
        assert_eq!(
            (file.status.as_u16(), file.text.lines().count()),
            (200, expected.len() + 1),
            "{query}: {}",
            file.text
        );
    }
    let page = world.page_at("/activity", Some("member-a")).await;
    assert!(page.text.contains("<td class=\"small soft\">version: 2</td>"), "{}", page.text);
    let theirs = world.page_at("/activity.csv", Some("admin-b")).await;
    assert_eq!(theirs.text.lines().count(), 1, "{}", theirs.text);
}

#[tokio::test]
async fn a_filter_that_cannot_be_read_is_named_and_a_cursor_of_elsewhere_is_none() {
    let world = four_lines().await;
    for (query, words) in [
        ("from=yesterday", "a date like 2026-11-23"),
        ("colour=red", "this query takes from, to, actor and action"),
        ("cursor=x", "it is no cursor of this list; begin again without one"),
    ] {
        for path in ["/activity", "/activity.csv"] {
            let page = world.page_at(&format!("{path}?{query}"), Some("member-a")).await;
            let is_refused = page.status == 400 && page.text.contains(words);
            assert!(is_refused || (query == "cursor=x" && path == "/activity.csv"), "{path}?{query}: {}", page.text);
        }
    }
    let nobody = world.page_at("/activity.csv", None).await;
    assert!(!nobody.text.contains("policy"), "{}", nobody.text);
}

#[tokio::test]
async fn what_was_done_before_is_behind_a_link_that_keeps_the_filter() {
    let world = World::with_two_organisations().await;
    for n in 0..250_i64 {
        let actor = if n % 2 == 0 { Actor::Numo } else { Actor::Customer };
        let activity = Activity { at: minutes_ago(n), actor, action: format!("thing.n{n}"), detail: json!({}) };
        let place = ActivityId::new(id(u128::try_from(1_000 - n).unwrap()));
        world.store.record(&org("org_a"), place, &activity).await.unwrap();
    }
    let parts = on_all_parts(&world, "/activity", ("<td>thing n", "</td>")).await;
    assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), [100, 100, 50]);
    let all: Vec<String> = (0..250).map(|n| n.to_string()).collect();
    assert_eq!(parts.concat(), all);
    let parts = on_all_parts(&world, "/activity?actor=numo", ("<td>thing n", "</td>")).await;
    let even: Vec<String> = (0..250).step_by(2).map(|n| n.to_string()).collect();
    assert_eq!(parts.concat(), even);
}

#[tokio::test]
async fn a_reminder_whose_words_were_lost_with_a_table_says_so_and_still_tells_the_amount() {
    let world = World::with_two_organisations().await;
    let claimed_at = "2026-11-24T05:00:00Z";
    let lost = Attempt { text: String::new(), lines: Vec::new(), ..said(at(claimed_at)) };
    world.claim_saying(ATTEMPT_A, 2, claimed_at, lost).await;
    let page = world.page_at("/reminders", Some("member-a")).await.text;
    assert!(page.contains("Its words are not kept.") && !page.contains("<blockquote>"), "{page}");
    assert!(page.contains(&said(at(claimed_at)).total.to_string()), "{page}");
}

#[tokio::test]
async fn reminders_and_what_a_customer_wrote_are_shown_part_by_part() {
    let world = World::with_two_organisations().await;
    for n in 0..60_i64 {
        let claimed_at = at("2026-09-01T08:00:00Z").checked_add(SignedDuration::from_hours(24 * n)).unwrap();
        let (attempt, step) = (id(u128::try_from(n).unwrap()).to_string(), u16::try_from(n).unwrap());
        world.claim(&attempt, step, &claimed_at.to_string()).await;
    }
    let parts = on_all_parts(&world, "/reminders", ("<li>sending <span class=\"soft\"><time datetime=\"", "T")).await;
    let count: Vec<usize> = parts.iter().map(Vec::len).collect();
    let mut days = parts.concat();
    assert_eq!(count, [50, 10]);
    assert!(days.is_sorted_by(|one, next| one > next), "{days:?}");
    days.dedup();
    assert_eq!(days.len(), 60);

    for n in (0..130_i64).rev() {
        world.says(&format!("wamid.{n}"), &minutes_ago(n).to_string(), &format!("word {n}.")).await;
    }
    let parts = on_all_parts(&world, "/messages/key-c-1/200", ("<blockquote>word ", ".")).await;
    let older_first = |from: i64, to: i64| (from..to).rev().map(|n| n.to_string()).collect::<Vec<_>>();
    assert_eq!(parts, [older_first(0, 100), older_first(100, 130)]);
}

#[tokio::test]
async fn long_messages_are_shown_in_shorter_parts_and_none_is_left_out() {
    let world = World::with_two_organisations().await;
    for n in (0..130_i64).rev() {
        let words = if n < 60 { "word ".repeat(800) } else { String::new() };
        world.says(&format!("wamid.{n}"), &minutes_ago(n).to_string(), &format!("word {n}. {words}")).await;
    }
    let parts = on_all_parts(&world, "/messages/key-c-1/200", ("<blockquote>word ", ".")).await;
    let counts: Vec<usize> = parts.iter().map(Vec::len).collect();
    assert_eq!(counts, [9, 9, 9, 9, 9, 9, 76]);
    let all: Vec<i64> = parts.concat().iter().map(|n| n.parse().unwrap()).collect();
    let mut sorted = all.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, (0..130).collect::<Vec<i64>>());
}

#[tokio::test]
async fn a_plan_is_shown_part_by_part_those_who_get_something_first() {
    let world = World::with_two_organisations().await;
    for n in 0..120 {
        let id = format!("c-{}", 1_000 + n);
        let customer = contact(CONNECTION_A, &id, &format!("Customer {n:03}"));
        world.store.upsert_contact(&org("org_a"), None, &customer, now()).await.unwrap();
        let owed = Invoice { id: format!("i-{id}").parse().unwrap(), ..invoice(&customer) };
        world.store.upsert_invoice(&org("org_a"), None, &owed, now(), now()).await.unwrap();
    }
    world.save_plan("org_a").await;
    for path in ["/plan", "/plan/ahead"] {
        let parts = on_all_parts(&world, path, ("<h3><a href=\"/customers/", "\"")).await;
        let count: Vec<usize> = parts.iter().map(Vec::len).collect();
        let mut all = parts.concat();
        let shown = all.len();
        all.sort();
        all.dedup();
        assert_eq!((&count[..2], all.len()), (&[50, 50][..], shown), "{count:?}");
        assert!(shown >= 121, "{shown}");
        let page = read(&world, path).await.text;
        let told: usize = page.split(" to send, ").next().unwrap().rsplit("<p>").next().unwrap().parse().unwrap();
        let sends: Vec<String> = on_all_parts(&world, path, ("<p class=\"soft\"><time", ">")).await.concat();
        assert_eq!(sends.len(), told, "{path}");
    }
}
