//! What people are mailed: it ends in the emulator's mailbox.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{Timestamp, tz::TimeZone};
use numo_e2e::error::JourneyError;
use numo_e2e::journey::HARBOUR_SENDER;
use numo_e2e::wait::{Look, until};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::world::World;
use crate::{logs, webhooks};

/// The sweep looks every minute, and waits for what may follow within one.
const NEXT_SWEEPS: Duration = Duration::from_secs(200);

const OWNER: &str = "owner@harbour.example";

/// What a digest has and nothing else.
const WAY_OUT: &str = "No more digests for me";

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Mail {
    source: String,
    to: Vec<String>,
    subject: String,
    body_text: String,
    body_html: Option<String>,
}

/// Meta tells that somebody wants to take the number over; the mail about it comes while other things are looked at.
pub(crate) async fn meta_tells_something_that_cannot_wait(world: &mut World) {
    let asked = json!("PIN_RESET_REQUEST");
    for _ in 0..2 {
        webhooks::tell(world, HARBOUR_SENDER, &[("security", "event", asked.clone())]).await;
    }
    world.queues.idle().await;
    let kinds: Vec<String> = world.owner().tasks().await.unwrap().into_iter().map(|task| task.kind).collect();
    assert!(kinds.iter().any(|kind| kind == "account_notice"), "{kinds:?}");
}

pub(crate) async fn the_owner_gets_one_alert_and_one_digest_and_no_customer_is_in_them(world: &mut World) {
    let alert = until("the alert", NEXT_SWEEPS, async || {
        let found = mails(world).await?.into_iter().find(|mail| mail.subject.contains("the PIN of your WhatsApp"));
        Ok(found.map_or_else(|| Look::NotYet("no such mail".to_owned()), Look::Done))
    })
    .await
    .unwrap();
    assert_eq!((alert.source.as_str(), alert.to.as_slice()), ("numo@local.example", &[OWNER.to_owned()][..]));

    // It is morning wherever it has to be, and the sweep is not waited for twice.
    let partition = "ORG#org_harbour#";
    world.table.set(partition, "PROFILE", "zone", &zone_of_morning()).await;
    world.table.set(partition, "DUE#MAIL#OWNER", "at", "2020-01-01T00:00:00Z").await;
    world.table.set(partition, "DUE#MAIL#OWNER", "gsi1sk", "001577836800000").await;
    let digest = until("the digest", NEXT_SWEEPS, async || {
        let found = mails(world).await?.into_iter().find(|mail| mail.to == [OWNER] && mail.body_text.contains(WAY_OUT));
        Ok(found.map_or_else(|| Look::NotYet("no digest".to_owned()), Look::Done))
    })
    .await
    .unwrap();
    assert!(digest.body_text.contains("Somebody asked to reset the PIN"), "{}", digest.body_text);
    world.queues.idle().await;

    let all = mails(world).await.unwrap();
    let to_owner = |what: &str| all.iter().filter(|mail| mail.to == [OWNER] && mail.body_text.contains(what)).count();
    assert_eq!((to_owner("Somebody asked to reset the PIN"), to_owner(WAY_OUT)), (2, 1), "told once, and listed once");
    let forbidden = logs::forbidden(world).await;
    for mail in &all {
        let text = format!("{} {} {}", mail.subject, mail.body_text, mail.body_html.as_deref().unwrap_or_default());
        let found = forbidden.iter().find(|(_, secret)| text.contains(secret.as_str()));
        assert_eq!(found, None, "{text}");
    }
    ends_with_one_click(world, &digest).await;
}

/// The link in the digest ends digests; looking at it does not.
async fn ends_with_one_click(world: &World, digest: &Mail) {
    let line = digest.body_text.lines().find(|line| line.contains("/unsubscribe/")).unwrap();
    let path = &line[line.find("/unsubscribe/").unwrap()..];
    let wants = async || {
        let shown: Value = world.owner().get("/v1/mails").await.unwrap().json().unwrap();
        assert_eq!((&shown["sends"], &shown["recipients"]), (&json!(true), &json!("admins")));
        shown["digest"].clone()
    };
    let page = world.owner().foreign_browser().open(path).await.unwrap();
    assert!(page.status == 200 && page.body.contains("No more digests?"), "{}", page.body);
    assert_eq!(wants().await, json!(true));
    let url = format!("{}{path}", world.stack.state.loopback_url);
    let click = world.http.post(url).header("content-type", "application/x-www-form-urlencoded");
    let answer = click.body("List-Unsubscribe=One-Click").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(wants().await, json!(false));
}

/// Everything that was mailed so far, oldest first.
async fn mails(world: &World) -> Result<Vec<Mail>, JourneyError> {
    #[derive(Deserialize)]
    struct Mailbox {
        messages: BTreeMap<String, Vec<Mail>>,
    }
    let answer = world.http.get(&world.stack.state.mailbox_url).send().await.unwrap();
    let mailbox: Mailbox = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    Ok(mailbox.messages.into_values().flatten().collect())
}

/// A zone without summer time in which it is about nine o'clock.
#[expect(clippy::disallowed_methods, reason = "the deployed product goes by the real clock")]
fn zone_of_morning() -> String {
    let hour = TimeZone::UTC.to_datetime(Timestamp::now()).hour();
    match 9 - i32::from(hour) {
        0 => "Etc/GMT".to_owned(),
        // POSIX counts zones the other way round, and there are 12 of them to the west.
        ahead @ 1.. => format!("Etc/GMT-{ahead}"),
        behind @ -12..0 => format!("Etc/GMT+{}", -behind),
        behind => format!("Etc/GMT-{}", 24 + behind),
    }
}
