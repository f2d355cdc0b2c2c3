//! What customers do afterwards: signs on our messages, and messages of theirs that they write anew or delete.

use std::collections::BTreeSet;

use numo_app::delivery::Revocation;
use numo_domain::conversation::{Conversation, Heard, Line, Said};
use numo_testkit::meddled_table::MeddledTable;

use super::*;

const CUSTOMER: &str = "+971501234567";

fn at(minutes: i64) -> Timestamp {
    now() + SignedDuration::from_mins(minutes)
}

fn written(id: &str, minutes: i64, edits: Option<&str>, text: &str) -> Update {
    let Update::Inbound(message) = inbound(Some(CUSTOMER), None, text) else { unreachable!() };
    let edits = edits.map(|id| id.parse().unwrap());
    Update::Inbound(InboundMessage { message: id.parse().unwrap(), at: at(minutes), edits, ..message })
}

fn revoked(id: &str, minutes: i64, original: &str) -> Update {
    Update::Revoked(Revocation {
        phone_number_id: "phone".parse().unwrap(),
        message: id.parse().unwrap(),
        from: Some(number(CUSTOMER)),
        user: None,
        original: original.parse().unwrap(),
        at: at(minutes),
    })
}

fn reaction(id: &str, sign: Option<&str>, on: &str) -> Update {
    let Update::Inbound(message) = inbound(Some(CUSTOMER), Some(on), "") else { unreachable!() };
    let (message, text) = (InboundMessage { message: id.parse().unwrap(), ..message }, sign.map(str::to_owned));
    Update::Inbound(InboundMessage { content: Content::Reaction, text, ..message })
}

impl Scene {
    async fn lines(&self) -> Vec<Line> {
        let phone = "phone".parse().unwrap();
        let mut lines = self.ports.store.lines(&org(), (&self.key(CUSTOMER), &phone), 50).await.unwrap();
        lines.reverse();
        lines
    }

    /// Lines of the customer: id, words, in whose place, and when they were deleted.
    async fn heard(&self) -> Vec<(String, Option<String>, Option<String>, Option<Timestamp>)> {
        let heard = self.lines().await.into_iter().filter_map(|line| match line.said {
            Said::Customer(Heard { message, text, edits, revoked_at, .. }) => {
                Some((message.to_string(), text, edits.map(|id| id.to_string()), revoked_at))
            }
            Said::Business(_) => None,
        });
        heard.collect()
    }

    async fn talk(&self) -> Option<Conversation> {
        self.ports.store.conversation(&org(), (&self.key(CUSTOMER), &"phone".parse().unwrap())).await.unwrap()
    }

    /// All that can be told apart afterwards, but how often it was written.
    async fn end(&self) -> String {
        let items = self.table.items().into_iter().map(|item| format!("{:?} {:?}", item.key, item.body));
        items.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join("\n")
    }
}

/// Every order of some updates.
fn orders(updates: &[Update]) -> Vec<Vec<Update>> {
    let [] = updates else {
        return (0..updates.len())
            .flat_map(|first| {
                let mut rest = updates.to_vec();
                let chosen = rest.remove(first);
                orders(&rest).into_iter().map(move |order| [vec![chosen.clone()], order].concat())
            })
            .collect();
    };
    vec![vec![]]
}

#[tokio::test]
async fn a_sign_on_a_reminder_says_that_it_was_seen_is_shown_and_holds_nobody() {
    let scene = scene().await;
    scene.remind(CUSTOMER).await;
    let state = async || scene.ports.store.reminders(&org()).await.unwrap()[0].state.clone();
    assert_eq!(state().await, ReminderState::Accepted);
    for (id, sign) in [("wamid.r1", Some("\u{1f44d}")), ("wamid.r2", None)] {
        for is_new in [1, 0] {
            assert_eq!(scene.ingest(reaction(id, sign, "wamid.1")).await.inbound, is_new, "{id}");
        }
    }
    assert_eq!(state().await, ReminderState::Read);
    assert_eq!(scene.ports.store.customer_file(&org(), &customer()).await.unwrap(), CustomerFile::default());
    let (thumb, gone) = (("wamid.r1".to_owned(), Some("\u{1f44d}".to_owned())), ("wamid.r2".to_owned(), None));
    assert_eq!(scene.heard().await.into_iter().map(|line| (line.0, line.1)).collect::<Vec<_>>(), [thumb, gone]);
    assert_eq!(scene.talk().await.map(|talk| talk.unread), Some(0));
}

#[tokio::test]
async fn a_sign_on_another_message_or_of_a_stranger_moves_no_reminder() {
    let scene = scene().await;
    scene.remind(CUSTOMER).await;
    scene.ingest(reaction("wamid.r1", Some("\u{1f44d}"), "wamid.of-another-day")).await;
    let before = scene.table.items();
    let Update::Inbound(message) = reaction("wamid.r2", Some("\u{1f44d}"), "wamid.unknown") else { unreachable!() };
    let stranger = InboundMessage { from: Some(number("+971509999999")), ..message };
    assert_eq!(scene.ingest(Update::Inbound(stranger)).await.ignored, 1);
    assert_eq!(scene.table.items(), before);
    assert_eq!(scene.ports.store.reminders(&org()).await.unwrap()[0].state, ReminderState::Accepted);
}

#[tokio::test]
async fn a_message_that_waits_to_be_read_still_waits_after_a_sign() {
    let scene = scene().await;
    scene.ingest(written("wamid.a", 0, None, "where is your office?")).await;
    let file = scene.ports.store.customer_file(&org(), &customer()).await.unwrap();
    scene.ingest(reaction("wamid.r", Some("\u{1f44d}"), "wamid.1")).await;
    assert_eq!(scene.ports.store.customer_file(&org(), &customer()).await.unwrap(), file);
    assert_eq!((file.unread_since, scene.talk().await.unwrap().unread), (Some(now()), 1));
}

#[tokio::test]
async fn an_edit_takes_the_place_of_the_words_and_is_understood_anew() {
    let scene = scene().await;
    scene.ingest(written("wamid.a", 0, None, "a planted word")).await;
    scene.ingest(written("wamid.b", 5, Some("wamid.a"), "STOP")).await;
    let edited = ("wamid.b".to_owned(), Some("STOP".to_owned()), Some("wamid.a".to_owned()), None);
    assert_eq!(scene.heard().await, [edited]);
    assert!(!scene.end().await.contains("planted"));
    assert_eq!(scene.ports.store.consents(&org()).await.unwrap().opted_out_numbers, [scene.key(CUSTOMER)].into());
}

#[tokio::test]
async fn a_deleted_message_loses_its_words_and_a_stop_among_them_stays() {
    let scene = scene().await;
    scene.ingest(written("wamid.a", 0, None, "stop")).await;
    assert_eq!(scene.ingest(revoked("wamid.x", 1, "wamid.a")).await.inbound, 1);
    assert_eq!(scene.heard().await, [("wamid.a".to_owned(), None, None, Some(at(1)))]);
    let consents = scene.ports.store.consents(&org()).await.unwrap();
    assert_eq!(consents.opted_out_numbers, [scene.key(CUSTOMER)].into());
    // It says nothing that has to be read, and what waited goes on waiting.
    assert_eq!(scene.talk().await.unwrap().unread, 1);
}

#[tokio::test]
async fn whatever_the_order_and_however_often_the_same_words_stay_and_the_same_follows() {
    let edits = [
        written("wamid.a", 0, None, "first words"),
        written("wamid.b", 5, Some("wamid.a"), "second words"),
        written("wamid.c", 9, Some("wamid.a"), "STOP"),
    ];
    let deleted = [edits.as_slice(), &[revoked("wamid.x", 12, "wamid.a")]].concat();
    for (updates, words) in [(edits.to_vec(), Some("STOP".to_owned())), (deleted, None)] {
        let mut ends = BTreeSet::new();
        for order in orders(&updates) {
            let scene = scene().await;
            for update in order.iter().flat_map(|update| [update, update]) {
                scene.ingest(update.clone()).await;
            }
            for update in &order {
                assert_eq!(scene.ingest(update.clone()).await.inbound, 0, "{update:?} was new again");
            }
            let revoked_at = words.is_none().then(|| at(12));
            let last = ("wamid.c".to_owned(), words.clone(), Some("wamid.a".to_owned()), revoked_at);
            assert_eq!(scene.heard().await, [last], "{order:?}");
            assert!(!scene.end().await.contains(" words"), "{order:?}");
            ends.insert(scene.end().await);
        }
        assert_eq!(ends.len(), 1);
    }
}

#[tokio::test]
async fn a_deletion_that_comes_in_the_middle_of_the_message_leaves_no_word_of_it() {
    for call in 1.. {
        let memory = Arc::new(MemoryTable::new());
        let way = Arc::new(MeddledTable::new(memory.clone()));
        let scene = scene_over(memory.clone(), way.clone()).await;
        let other = IngestPorts { store: Store::new(memory.clone()), ..scene.ports.clone() };
        way.meddle(call, async move {
            let updates = vec![revoked("wamid.x", 1, "wamid.a")];
            ingest_delivery(&other, &Delivery { waba: waba(), updates, skipped: Vec::new() }).await.unwrap();
        });
        scene.ingest(written("wamid.a", 0, None, "a planted word")).await;
        if !way.is_meddled() {
            assert!(call > 5, "met at {call} calls");
            return;
        }
        assert_eq!(scene.heard().await, [("wamid.a".to_owned(), None, None, Some(at(1)))], "met at call {call}");
        assert!(!scene.end().await.contains("planted"), "met at call {call}");
    }
}

#[tokio::test]
async fn whoever_hides_the_number_deletes_what_they_answered_with() {
    let scene = scene().await;
    scene.remind(CUSTOMER).await;
    let Update::Inbound(message) = inbound(None, Some("wamid.1"), "a planted word") else { unreachable!() };
    scene.ingest(Update::Inbound(InboundMessage { user: "AE.1".parse().ok(), ..message })).await;
    assert!(scene.end().await.contains("planted"));
    let Update::Revoked(revoked) = revoked("wamid.x", 1, "wamid.in") else { unreachable!() };
    scene.ingest(Update::Revoked(Revocation { from: None, user: "AE.1".parse().ok(), ..revoked })).await;
    assert!(!scene.end().await.contains("planted"));
}

#[tokio::test]
async fn nobody_deletes_the_words_of_somebody_else() {
    let scene = scene().await;
    scene.ingest(written("wamid.a", 0, None, "my words")).await;
    let before = scene.table.items();
    let Update::Revoked(theirs) = revoked("wamid.x", 1, "wamid.a") else { unreachable!() };
    let theirs = Update::Revoked(Revocation { from: Some(number("+971509999999")), ..theirs });
    assert_eq!(scene.ingest(theirs).await.ignored, 1);
    assert_eq!(scene.table.items(), before);
}
