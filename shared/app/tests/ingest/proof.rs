//! Members who prove a number by writing a code from it.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use numo_app::{
    clerk_news::{ClerkNews, ClerkPorts, Taken, take_clerk_news},
    delivery::{InboundMessage, Update},
    ingest_delivery::{IngestPorts, IngestReport, ingest_delivery},
    own_number::{GivenCode, forget_number, give_code},
    port::table::Item,
    store::{Store, activity::Actor},
    wake::Waker,
};
use numo_domain::{
    contact::ContactRef,
    conversation::Content,
    customer_file::CustomerFile,
    id::UserId,
    member::{Member, OwnNumber},
};
use numo_testkit::{
    counting_ids::CountingIds, fixed_clock::FixedClock, meddled_table::MeddledTable, memory_table::MemoryTable,
    recording_queue::RecordingQueue,
};

use crate::{Scene, customer, inbound, now, number, org, scene, scene_over, waba};

/// The customer's number, and that of a stranger to the ledger.
const CUSTOMER: &str = "+971501234567";
const STRANGER: &str = "+971509999999";

fn max() -> UserId {
    "user_max".parse().unwrap()
}

impl Scene {
    fn waker(&self) -> Waker {
        // As the table grows, chance goes on.
        let (store, seed) = (Store::new(self.table.clone()), self.table.items().len());
        let ids = Arc::new(CountingIds::new(seed.try_into().unwrap()));
        Waker { store, queue: Arc::new(RecordingQueue::new()), ids }
    }

    async fn code_for(&self, user: &UserId) -> GivenCode {
        give_code(&self.waker(), &org(), user, now()).await.unwrap()
    }

    async fn member(&self, user: &UserId) -> Member {
        self.ports.store.member(&org(), user).await.unwrap()
    }

    /// Takes a message in that comes at another time than the code.
    async fn ingest_at(&self, at: Timestamp, update: Update) -> IngestReport {
        let ports = IngestPorts { clock: Arc::new(FixedClock::at(at)), ..self.ports.clone() };
        let delivery = numo_app::delivery::Delivery { waba: waba(), updates: vec![update], skipped: Vec::new() };
        ingest_delivery(&ports, &delivery).await.unwrap()
    }

    /// The items that a message made or changed, and the keys of those that it took away.
    async fn changes_of(&self, update: Update) -> (IngestReport, Vec<Item>, Vec<String>) {
        let before = self.table.items();
        let report = self.ingest(update).await;
        let after = self.table.items();
        let new = after.iter().filter(|item| !before.contains(item)).cloned().collect();
        let is_gone = |old: &&Item| !after.iter().any(|item| item.key == old.key);
        (report, new, before.iter().filter(is_gone).map(|item| item.key.sk.clone()).collect())
    }
}

/// A message from a number.
fn says(from: &str, text: &str) -> Update {
    inbound(Some(from), None, text)
}

/// The same with another id or another way of saying it.
fn changed(update: &Update, change: impl FnOnce(&mut InboundMessage)) -> Update {
    let Update::Inbound(message) = update else { unreachable!("a message") };
    let mut message = message.clone();
    change(&mut message);
    Update::Inbound(message)
}

/// Nobody proved anything, and the customer's words wait to be read.
async fn is_any_other_message(scene: &Scene, update: Update) {
    let report = scene.ingest(update).await;
    assert_eq!(report, IngestReport { inbound: 1, ..IngestReport::default() });
    let file = scene.ports.store.customer_file(&org(), &customer()).await.unwrap();
    let (since, replied_at) = (Some(now()), [now()].into());
    let expected = CustomerFile { unread_since: since, last_unread_at: since, replied_at, ..CustomerFile::default() };
    assert_eq!(file, expected);
    assert_eq!(scene.ports.store.conversations(&org()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_code_proves_the_number_it_comes_from_and_leaves_nothing_else() {
    for from in [STRANGER, CUSTOMER] {
        let scene = scene().await;
        let given = scene.code_for(&max()).await;
        assert_eq!(
            given.link(),
            format!("https://wa.me/97145550100?text={}", given.code.to_string().replace(' ', "%20"))
        );
        let (report, new, gone) = scene.changes_of(says(from, &given.code.to_string())).await;
        assert_eq!(report, IngestReport { inbound: 1, ..IngestReport::default() });
        let own = OwnNumber { number: number(from), key: scene.key(from), verified_at: now() };
        let member = Member { number: Some(own), codes_given: vec![now()], ..Member::new(max()) };
        assert_eq!(scene.member(&max()).await, member);
        let mut entities: Vec<&str> = new.iter().map(|item| item.entity.as_str()).collect();
        entities.sort_unstable();
        assert_eq!(entities, ["activity", "inbound", "member"], "{from}");
        assert!(gone.len() == 1 && gone[0].starts_with("CODE#"), "{gone:?}");
        let log = scene.ports.store.activity(&org(), 9).await.unwrap().remove(0);
        assert_eq!((log.activity.action.as_str(), log.activity.actor), ("member.number_verified", Actor::User(max())));
        // No key has the number or the code.
        let signs = given.code.signs();
        let keys = scene.table.items().into_iter().map(|item| format!("{:?}", item.key));
        assert!(keys.into_iter().all(|key| !key.contains(&from[1..]) && !key.contains(signs)));
        assert!(!format!("{:?}", scene.table.items()).contains(signs));
    }
}

#[tokio::test]
async fn case_spaces_and_the_dash_of_a_code_do_not_matter() {
    let scene = scene().await;
    let code = scene.code_for(&max()).await.code;
    scene.ingest(says(STRANGER, &format!("  numo{} ", code.signs().to_lowercase()))).await;
    assert!(scene.member(&max()).await.number.is_some());
}

#[tokio::test]
async fn a_code_of_nobody_or_of_another_organisation_is_a_message_as_any_other() {
    let scene = scene().await;
    let foreign = give_code(&scene.waker(), &"org_b".parse().unwrap(), &max(), now()).await;
    // That organisation has no number to write to.
    assert!(foreign.is_err());
    let senders = scene.ports.store.senders(&org()).await.unwrap();
    scene.ports.store.save_sender(&"org_b".parse().unwrap(), &senders[0], now()).await.unwrap();
    let foreign = give_code(&scene.waker(), &"org_b".parse().unwrap(), &max(), now()).await.unwrap();
    let before = scene.table.items();
    for text in [foreign.code.to_string(), "NUMO AAAA-AAAA".to_owned()] {
        assert_eq!(scene.ingest(says(STRANGER, &text)).await.ignored, 1);
    }
    assert!(scene.table.items() == before, "something was kept of a stranger");
    is_any_other_message(&scene, says(CUSTOMER, &foreign.code.to_string())).await;
    let theirs = scene.ports.store.member(&"org_b".parse().unwrap(), &max()).await.unwrap();
    assert_eq!((theirs.number, scene.member(&max()).await.number), (None, None));
}

#[tokio::test]
async fn a_code_that_ended_was_used_or_made_way_for_another_one_is_a_message_as_any_other() {
    let scene = scene().await;
    let ended = scene.code_for(&max()).await;
    assert_eq!(ended.ends_at, now().checked_add(SignedDuration::from_mins(15)).unwrap());
    let before = scene.table.items();
    assert_eq!(scene.ingest_at(ended.ends_at, says(STRANGER, &ended.code.to_string())).await.ignored, 1);
    let latest = scene.code_for(&max()).await;
    let after = scene.table.items();
    assert_eq!(scene.ingest(says(STRANGER, &ended.code.to_string())).await.ignored, 1);
    assert!(scene.table.items() == after && before != after);
    scene.ingest(says(STRANGER, &latest.code.to_string())).await;
    let proved = scene.member(&max()).await;
    assert_eq!(proved.number.as_ref().map(|own| &own.number), Some(&number(STRANGER)));
    let other_id = |message: &mut InboundMessage| message.message = "wamid.other".parse().unwrap();
    is_any_other_message(&scene, changed(&says(CUSTOMER, &latest.code.to_string()), other_id)).await;
    assert_eq!(scene.member(&max()).await, proved);
    let forgotten = scene.code_for(&max()).await;
    forget_number(&scene.waker(), &org(), &max(), now()).await.unwrap();
    assert_eq!(scene.ingest(says(STRANGER, &forgotten.code.to_string())).await.ignored, 1);
    assert_eq!(scene.member(&max()).await.number, None);
}

#[tokio::test]
async fn whoever_hides_the_number_and_whatever_is_no_plain_text_proves_nothing() {
    let scene = scene().await;
    let code = scene.code_for(&max()).await.code.to_string();
    let before = scene.table.items();
    let hidden = |message: &mut InboundMessage| (message.from, message.user) = (None, "AE.1".parse().ok());
    assert_eq!(scene.ingest(changed(&says(STRANGER, &code), hidden)).await.ignored, 1);
    for content in [Content::Image, Content::Choice, Content::Document] {
        let update = changed(&says(STRANGER, &code), |message| message.content = content);
        assert_eq!(scene.ingest(update).await.ignored, 1, "{content:?}");
    }
    let elsewhere = |message: &mut InboundMessage| message.phone_number_id = "of-somebody-else".parse().unwrap();
    assert_eq!(scene.ingest(changed(&says(STRANGER, &code), elsewhere)).await.ignored, 1);
    for text in [format!("{code} please"), format!("my code is {code}")] {
        assert_eq!(scene.ingest(says(STRANGER, &text)).await.ignored, 1, "{text}");
    }
    assert!(scene.table.items() == before);
}

#[tokio::test]
async fn case_48_the_same_proof_twice_is_one_effect_though_a_customer_wrote_it() {
    let scene = scene().await;
    let update = says(CUSTOMER, &scene.code_for(&max()).await.code.to_string());
    scene.ingest(update.clone()).await;
    let before = scene.table.items();
    assert_eq!(scene.ingest(update).await.ignored, 1);
    assert!(scene.table.items() == before);
}

#[tokio::test]
async fn two_members_may_prove_one_number() {
    let scene = scene().await;
    let ann = "user_ann".parse().unwrap();
    for (user, id) in [(&max(), "wamid.1"), (&ann, "wamid.2")] {
        let given = scene.code_for(user).await;
        let own_id = |message: &mut InboundMessage| message.message = id.parse().unwrap();
        scene.ingest(changed(&says(STRANGER, &given.code.to_string()), own_id)).await;
    }
    let [first, second] = [scene.member(&max()).await, scene.member(&ann).await].map(|member| member.number);
    assert!(first.is_some());
    assert_eq!(first, second);
}

#[tokio::test]
async fn a_stop_of_a_member_who_hides_the_number_later_counts_for_the_number() {
    let scene = scene().await;
    let code = scene.code_for(&max()).await.code.to_string();
    let shown = |message: &mut InboundMessage| message.user = "AE.1".parse().ok();
    scene.ingest(changed(&says(STRANGER, &code), shown)).await;
    let hidden = |message: &mut InboundMessage| {
        (message.from, message.user, message.message) = (None, "AE.1".parse().ok(), "wamid.stop".parse().unwrap());
    };
    scene.ingest(changed(&says(STRANGER, "STOP"), hidden)).await;
    let consents = scene.ports.store.consents(&org()).await.unwrap();
    assert_eq!(consents.opted_out_numbers, [scene.key(STRANGER)].into());
}

/// What stands at the end when another delivery is taken in right before a call of the first one, for every call.
async fn met_by(other_from: &str, other_id: &str) -> u64 {
    let mut call = 1;
    loop {
        let memory = Arc::new(MemoryTable::new());
        let way = Arc::new(MeddledTable::new(memory.clone()));
        let scene = scene_over(memory.clone(), way.clone()).await;
        let code = scene.code_for(&max()).await.code.to_string();
        let theirs = changed(&says(other_from, &code), |message| message.message = other_id.parse().unwrap());
        let mut other = scene.ports.clone();
        other.store = Store::new(memory.clone());
        way.meddle(call, async move {
            let delivery = numo_app::delivery::Delivery { waba: waba(), updates: vec![theirs], skipped: Vec::new() };
            ingest_delivery(&other, &delivery).await.unwrap();
        });
        scene.ingest(says(CUSTOMER, &code)).await;
        let is_over = !way.is_meddled();
        let store = Store::new(memory);
        let proved = store.member(&org(), &max()).await.unwrap();
        assert!(proved.number.is_some() && proved.code.is_none(), "met at call {call}");
        let log = store.activity(&org(), 9).await.unwrap();
        let lines = log.iter().filter(|line| line.activity.action == "member.number_verified").count();
        assert_eq!(lines, 1, "met at call {call}");
        let contact: ContactRef = customer();
        let is_held = store.customer_file(&org(), &contact).await.unwrap() != CustomerFile::default();
        // A code that somebody else used before is a customer's message as any other.
        let is_customers = proved.number.is_some_and(|own| own.number == number(CUSTOMER));
        assert_eq!(is_held, !is_customers, "met at call {call}");
        if is_over {
            return call;
        }
        call += 1;
    }
}

#[tokio::test]
async fn one_delivery_that_comes_twice_at_once_proves_once() {
    assert!(met_by(CUSTOMER, "wamid.in").await > 5);
}

#[tokio::test]
async fn a_code_that_two_phones_write_at_once_proves_one_number() {
    assert!(met_by(STRANGER, "wamid.other").await > 5);
}

#[tokio::test]
async fn a_person_who_is_gone_at_clerk_leaves_no_number_behind() {
    let scene = scene().await;
    let code = scene.code_for(&max()).await;
    scene.ingest(says(STRANGER, &code.code.to_string())).await;
    let waker = scene.waker();
    let ports = ClerkPorts { store: waker.store, ids: waker.ids };
    let gone = ClerkNews::UserDeleted { user: max() };
    assert_eq!(take_clerk_news(&ports, "msg_1", &gone, now()).await.unwrap(), Taken::Done);
    assert_eq!(scene.member(&max()).await.number, None);
    assert_eq!(take_clerk_news(&ports, "msg_2", &gone, now()).await.unwrap(), Taken::Nothing);
}
