//! A member has a text of the pack sent to their own number, to see what customers see.
//!
//! It stands outside the send ledger and every cap: it goes to nobody but the member.

use jiff::Timestamp;
use numo_domain::{
    consent::ConsentState,
    delivery_report::DeliveryReport,
    id::{ActivityId, AttemptId, OrgId, TestMessageId, UserId},
    language::Language,
    sender::{Sender, SenderStatus},
    template::{PackTemplate, Purpose, TemplateStatus},
    test_message::{TestMessage, TestState, WhyNoTest},
};
use serde_json::json;

use crate::{
    error::AppError,
    job::{Cause, Work},
    store::{
        RACES, Store,
        activity::{Activity, Actor},
        consent::ConsentOf,
        lost_races,
        test_message::TestRecipient,
    },
    wake::Waker,
};

/// What a member wants to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WantedTest {
    /// Names this wish, so that a form that is sent twice asks once.
    pub id: TestMessageId,
    /// Which text.
    pub purpose: Purpose,
    /// In which language.
    pub language: Language,
}

/// Has a test message sent, and writes down who asked; one that was asked for before changes nothing.
///
/// # Errors
/// `Conflict` with what speaks against it, and `NotNow` after too many on one day.
pub async fn test_on_yourself(
    waker: &Waker,
    org: &OrgId,
    by: &UserId,
    wanted: WantedTest,
    now: Timestamp,
) -> Result<(), AppError> {
    let (store, WantedTest { id, purpose, language }) = (&waker.store, wanted);
    let test = TestMessage {
        id,
        attempt: AttemptId::new(waker.ids.uuid()),
        by: by.clone(),
        purpose,
        language,
        asked_at: now,
        state: TestState::Waiting,
        message: None,
        report: DeliveryReport::default(),
    };
    for _ in 0..RACES {
        if let Some(before) = store.test_message(org, id).await? {
            let before = before.value;
            let is_same = (before.by, before.purpose, before.language) == (by.clone(), purpose, language);
            return if is_same { Ok(()) } else { Err(AppError::Conflict("this id was used for another test message")) };
        }
        let way = look(store, org, by, &test.template()).await?;
        let (to, _) = way.map_err(refused)?;
        let organisation = store.organisation(org).await?;
        if organisation.is_paused(now) {
            return Err(refused(WhyNoTest::Paused));
        }
        let (today, mut counted) = (organisation.zone.date(now), to.member.value.clone());
        if !counted.count_test(today) {
            return Err(AppError::NotNow { why: TOO_MANY, next_at: organisation.zone.end_of(today) });
        }
        if store.begin_test(org, &test, (&to.member, &counted), now).await? {
            let detail = json!({"id": id, "purpose": purpose, "language": language});
            let action = "test_message.sent".to_owned();
            let activity = Activity { at: now, actor: Actor::User(by.clone()), action, detail };
            store.record(org, ActivityId::new(waker.ids.uuid()), &activity).await?;
            // It is due already; whoever has it in hand is left alone.
            let claimed = store.claim_work(org, &Work::TestMessage { id }, now).await?;
            waker.send_claimed(org, claimed, Cause::Person, now).await?;
            return Ok(());
        }
    }
    Err(lost_races())
}

const TOO_MANY: &str = "There were enough test messages today.";

const fn refused(why: WhyNoTest) -> AppError {
    AppError::Conflict(why.sentence())
}

/// To whom a text goes and from which number, whatever ledgers there are; a pause is looked at later.
pub(crate) async fn look(
    store: &Store,
    org: &OrgId,
    by: &UserId,
    template: &PackTemplate,
) -> Result<Result<(TestRecipient, Sender), WhyNoTest>, AppError> {
    let Some(member) = store.seen_member(org, by).await? else { return Ok(Err(WhyNoTest::NoNumber)) };
    let Some(own) = member.value.number.clone() else { return Ok(Err(WhyNoTest::NoNumber)) };
    let sender = match sender_for(store, org, template).await? {
        Ok(sender) => sender,
        Err(why) => return Ok(Err(why)),
    };
    let said = store.consent(org, &ConsentOf::Number(own.key.clone())).await?;
    if said.as_ref().is_some_and(|said| said.value.consent.state == ConsentState::OptedOut) {
        return Ok(Err(WhyNoTest::OptedOut));
    }
    Ok(Ok((TestRecipient { member, own, consent: said.map(|said| said.rev) }, sender)))
}

/// The first number that can send, of an account where the text is approved.
async fn sender_for(
    store: &Store,
    org: &OrgId,
    template: &PackTemplate,
) -> Result<Result<Sender, WhyNoTest>, AppError> {
    let (senders, wanted) = (store.senders(org).await?, template.reference());
    let mut why = WhyNoTest::SenderBlocked;
    for sender in senders.into_iter().filter(|sender| sender.status == SenderStatus::Ready) {
        let texts = store.templates_of(org, &sender.waba).await?;
        if texts.iter().any(|text| text.template == wanted && text.status == TemplateStatus::Approved) {
            return Ok(Ok(sender));
        }
        why = WhyNoTest::TemplateUnusable;
    }
    Ok(Err(why))
}
