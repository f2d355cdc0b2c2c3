//! Conversations are found by name and number, and by how they stand; no address has what was looked for.

use jiff::SignedDuration;
use numo_app::store::{
    conversation::{Talk, When},
    inbound::{Inbound, InboundEffect, Ingested},
};
use numo_domain::{
    conversation::{Answer, AnswerState, AnsweredBy, Line, Recipient, Said},
    delivery_report::DeliveryReport,
};

use crate::{
    client,
    conversations::heard,
    seed::{ATTEMPT_A, CONNECTION_A, CONNECTION_B, contact, contact_ref, org},
    world::{World, now},
};

/// Somebody writes from a number, so many minutes ago; who it is by the ledger's id.
async fn writes(world: &World, of: (&str, &str), id: &str, number: &str, minutes: i64) {
    writes_and_is_answered(world, of, (id, number), minutes, None).await;
}

async fn writes_and_is_answered(
    world: &World,
    (name, connection): (&str, &str),
    (id, number): (&str, &str),
    minutes: i64,
    answer: Option<Answer>,
) {
    let org = org(name);
    let at = now().checked_sub(SignedDuration::from_mins(minutes)).unwrap();
    let talk = Talk {
        sender: "200".parse().unwrap(),
        to: Recipient::Number(number.parse().unwrap()),
        line: Line { at, said: Said::Customer(heard(&format!("wamid.{id}"), "hello")) },
        automatic: answer.map(|answer| (answer, When::Always)),
    };
    let contacts = [contact_ref(connection, id)];
    let effect = InboundEffect { contacts: &contacts, change: None, replies: &[], talk: Some(&talk) };
    let inbound = Inbound { message: format!("wamid.{id}").parse().unwrap(), at, intent: "unread".to_owned() };
    let key = format!("key-{id}").parse().unwrap();
    assert_eq!(world.store.ingest_inbound(&org, &key, &inbound, effect, at).await.unwrap(), Ingested::New);
}

/// Three conversations of one organisation and one of another: two of the last hour, one of them answered.
async fn talks() -> World {
    let world = World::with_two_organisations().await;
    writes(&world, ("org_a", CONNECTION_A), "c-1", "+971501234567", 10).await;
    let answer = Answer {
        attempt: ATTEMPT_A.parse().unwrap(),
        by: AnsweredBy::Numo,
        text: "Noted.".to_owned(),
        choice: None,
        state: AnswerState::Waiting,
        message: None,
        report: DeliveryReport::default(),
    };
    let whose = ("c-2", "+971507654321");
    writes_and_is_answered(&world, ("org_a", CONNECTION_A), whose, 20, Some(answer)).await;
    writes(&world, ("org_a", CONNECTION_A), "c-3", "+447700900123", 60 * 30).await;
    writes(&world, ("org_b", CONNECTION_B), "c-1", "+971501234567", 5).await;
    world
}

/// The customers of a page, in order.
fn names(page: &client::Answer) -> Vec<&str> {
    let links = page.text.split("<a href=\"/messages/").skip(1);
    links.map(|link| link.split_once('>').unwrap().1.split('<').next().unwrap()).collect()
}

async fn find(world: &World, wanted: &str, show: &str) -> client::Answer {
    let page = world.form("member-a", "/messages", &[("find", wanted), ("show", show)]).await;
    assert_eq!(page.status, 200, "{}", page.text);
    page
}

#[tokio::test]
async fn conversations_are_found_by_a_part_of_a_name_and_by_a_number_as_people_type_it() {
    let world = talks().await;
    for (wanted, expected) in [
        ("TRAD", &["Acme Trading"][..]),
        ("l", &["No Number Ltd", "Landline LLC"]),
        ("050 123 4567", &["Acme Trading"]),
        ("+971 50-123 4567", &["Acme Trading"]),
        ("00971501234567", &["Acme Trading"]),
        ("07700 900123", &["Landline LLC"]),
        ("+1 501234567", &[]),
        ("4567", &[]),
        ("Borealis", &[]),
        ("<b>", &[]),
    ] {
        let page = find(&world, wanted, "").await;
        let mut found = names(&page);
        found.sort_unstable();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(found, expected, "{wanted}");
    }
    let none = find(&world, "<b>", "").await;
    assert!(none.text.contains("No conversation is with “&#60;b&#62;”."), "{}", none.text);
}

#[tokio::test]
async fn conversations_are_shown_by_how_they_stand_with_a_search_or_without() {
    let world = talks().await;
    for (show, expected) in [
        ("", &["Acme Trading", "No Number Ltd", "Landline LLC"][..]),
        ("?show=", &["Acme Trading", "No Number Ltd", "Landline LLC"]),
        ("?show=unread", &["Acme Trading", "No Number Ltd", "Landline LLC"]),
        ("?show=waiting", &["Acme Trading", "Landline LLC"]),
        ("?show=open", &["Acme Trading", "No Number Ltd"]),
    ] {
        let mut expected = expected.to_vec();
        let page = world.page_at(&format!("/messages{show}"), Some("member-a")).await;
        let mut found = names(&page);
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{show}");
    }
    assert_eq!(names(&find(&world, "l", "waiting").await), ["Landline LLC"]);
    let wrong = world.page_at("/messages?show=late", Some("member-a")).await;
    assert!(wrong.status == 400 && wrong.text.contains("unread, waiting or open is needed"), "{}", wrong.text);
    let nothing = world.form("member-a", "/messages", &[("find", " "), ("show", "open")]).await;
    assert_eq!((nothing.status.as_u16(), nothing.header("location")), (303, "/messages?show=open"));
}

#[tokio::test]
async fn a_search_goes_on_where_it_ended_and_reads_no_more_than_the_names_it_looks_through() {
    let world = World::with_two_organisations().await;
    for n in 0..130 {
        let (id, number) = (format!("m-{n:03}"), format!("+9715{:08}", 10_000_000 + n));
        let many = contact(CONNECTION_A, &id, &format!("Many {n:03}"));
        world.store.upsert_contact(&org("org_a"), None, &many, now()).await.unwrap();
        writes(&world, ("org_a", CONNECTION_A), &id, &number, 10 + n).await;
    }
    let (mut all, mut cursor) = (Vec::new(), String::new());
    for expected in [50, 50, 30] {
        let fields = [("find", "many"), ("show", "unread"), ("cursor", cursor.as_str())];
        let page = world.form("member-a", "/messages", &fields).await;
        let found: Vec<String> = names(&page).into_iter().map(str::to_owned).collect();
        assert_eq!(found.len(), expected, "{}", page.text);
        all.extend(found);
        cursor = page
            .text
            .split("name=\"cursor\" value=\"")
            .nth(1)
            .map_or("", |rest| rest.split('"').next().unwrap())
            .to_owned();
    }
    assert_eq!(cursor, "");
    let expected: Vec<String> = (0..130).map(|n| format!("Many {n:03}")).collect();
    assert_eq!(all, expected);
    let foreign = world.form("member-a", "/messages", &[("find", "many"), ("cursor", "x.y")]).await;
    assert_eq!(foreign.status, 400);
    for (fields, calls) in [(&[("find", "many")][..], 5), (&[("find", "0510000001")], 4)] {
        let page = world.page_at("/settings", Some("member-a")).await;
        let token = page.text.split("name=\"form_token\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        world.table.take_counts();
        let page = world.form_with("member-a", "/messages", ("https://numo.example", token), fields).await;
        assert!(!names(&page).is_empty(), "{}", page.text);
        assert_eq!(world.table.take_counts().calls(), calls, "{fields:?}");
    }
}
