//! Texts that members have sent to their own numbers.

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    delivery_report::DeliveryReport,
    id::{AttemptId, MessageId, OrgId, TestMessageId},
    member::{Member, OwnNumber},
    reminder::DeliveryStatus,
    test_message::TestMessage,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    error::AppError,
    job::Work,
    port::table::{Item, Write, Written},
    store::{
        Entity, RACES, Replaced, Store, Stored, consent::ConsentOf, due::new_due_item, keys, lost_races,
        member::member_write, new_item, next_item,
    },
};

impl Entity for TestMessage {
    const ENTITY: &'static str = "test_message";
}

/// From an attempt to the test message that it is made for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct TestLink {
    id: TestMessageId,
}

impl Entity for TestLink {
    const ENTITY: &'static str = "test_link";
}

/// They are kept as reminders that were asked for are: 13 months.
pub(super) const KEPT: SignedDuration = SignedDuration::from_hours(24 * 396);

/// To whom a test message goes, as it was looked at.
#[derive(Debug, Clone)]
pub(crate) struct TestRecipient {
    /// The member, as it was seen.
    pub member: Stored<Member>,
    /// The number.
    pub own: OwnNumber,
    /// The state of what the number said about being written to.
    pub consent: Option<u64>,
}

impl Store {
    /// A test message by its id.
    pub async fn test_message(&self, org: &OrgId, id: TestMessageId) -> Result<Option<Stored<TestMessage>>, AppError> {
        self.read(&keys::test_message(org, id)).await
    }

    /// The test message that an attempt is made for.
    pub async fn test_of_attempt(
        &self,
        org: &OrgId,
        attempt: AttemptId,
    ) -> Result<Option<Stored<TestMessage>>, AppError> {
        let Some(link) = self.read::<TestLink>(&keys::test_link(org, attempt)).await? else { return Ok(None) };
        self.test_message(org, link.value.id).await
    }

    /// Stores a test message with the work that sends it, and counts it for its member.
    ///
    /// False if its id was used before, or somebody else wrote the member meanwhile.
    pub(crate) async fn begin_test(
        &self,
        org: &OrgId,
        test: &TestMessage,
        (seen, counted): (&Stored<Member>, &Member),
        now: Timestamp,
    ) -> Result<bool, AppError> {
        let link = TestLink { id: test.id };
        let writes = vec![
            Write::Create(kept(new_item(keys::test_message(org, test.id), test, now)?, now)),
            Write::Create(kept(new_item(keys::test_link(org, test.attempt), &link, now)?, now)),
            Write::Create(new_due_item(org, Work::TestMessage { id: test.id }, now, now)?),
            member_write(org, Some(seen), counted, now)?,
        ];
        Ok(self.write_all(writes).await? == Written::Done)
    }

    /// Moves a test message that nobody touched since it was seen.
    pub(crate) async fn move_test(
        &self,
        org: &OrgId,
        seen: &Stored<TestMessage>,
        next: &TestMessage,
        now: Timestamp,
    ) -> Result<Replaced, AppError> {
        self.replace_item(kept(next_item(keys::test_message(org, next.id), seen, next, now)?, now)).await
    }

    /// Moves a test message that is about to be sent, while nobody touched it, the member has the number still, and
    /// the number said nothing about being written to.
    ///
    /// `claim` is new for every caller: two of them write the same at the same time, and one alone may go on.
    pub(crate) async fn claim_test(
        &self,
        org: &OrgId,
        (seen, next): (&Stored<TestMessage>, &TestMessage),
        to: &TestRecipient,
        claim: Uuid,
        now: Timestamp,
    ) -> Result<bool, AppError> {
        let writes = vec![
            Write::Replace(kept(next_item(keys::test_message(org, next.id), seen, next, now)?, now)),
            Write::Check { key: keys::clerk::member(org, &to.member.value.user), rev: Some(to.member.rev) },
            Write::Check { key: ConsentOf::Number(to.own.key.clone()).key(org), rev: to.consent },
        ];
        Ok(self.transact(&claim.to_string(), writes).await? == Written::Done)
    }

    /// Applies a status of Meta to a test message; none if the attempt is none of a test.
    pub(crate) async fn apply_test_status(
        &self,
        org: &OrgId,
        attempt: AttemptId,
        (message, status, report): (&MessageId, DeliveryStatus, &DeliveryReport),
        now: Timestamp,
    ) -> Result<Option<TestMessage>, AppError> {
        for _ in 0..RACES {
            let Some(seen) = self.test_of_attempt(org, attempt).await? else { return Ok(None) };
            let mut next = TestMessage {
                state: seen.value.state.after(status),
                message: seen.value.message.clone().or_else(|| Some(message.clone())),
                ..seen.value.clone()
            };
            next.report.join(report);
            if next == seen.value || self.move_test(org, &seen, &next, now).await? == Replaced::Replaced {
                return Ok(Some(next));
            }
        }
        Err(lost_races())
    }
}

fn kept(item: Item, now: Timestamp) -> Item {
    Item { expires_at: now.saturating_add(KEPT).ok(), ..item }
}
