//! Sending a test message: claimed before the call, and never sent twice.

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    id::{MessageId, OrgId, TestMessageId},
    message::example::example,
    reminder::ReminderState,
    sender::Sender,
    test_message::{TestMessage, TestState, WhyNoTest},
};

use crate::{
    dispatch_run::{DispatchPorts, ready::access},
    error::AppError,
    job::Work,
    messaging_gate::{closed_until, may_have_gone_out},
    meta_trouble::act,
    port::whatsapp::{SendError, Taken},
    store::{RACES, Replaced, Stored, lost_races, reminder::claim::SETTLE_AFTER},
    test_on_yourself::look,
};

/// How a look at a test message ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tested {
    /// It has an outcome.
    Done,
    /// Meta, or the way to it, asked for patience; the next time stands in the table.
    Postponed,
    /// The job was stale: somebody else has the work.
    Stale,
}

/// Whoever tests looks at the phone now.
const LAPSES_AFTER: SignedDuration = SignedDuration::from_mins(30);

/// After a provider failed without saying for how long.
const PATIENCE: SignedDuration = SignedDuration::from_mins(1);

/// Sends a test message, if nothing speaks against it any more.
pub async fn test_message(
    ports: &DispatchPorts,
    org: &OrgId,
    id: TestMessageId,
    claim: Timestamp,
) -> Result<Tested, AppError> {
    let (store, work) = (&ports.waker.store, Work::TestMessage { id });
    if !store.holds_claim(org, &work, claim).await? {
        return Ok(Tested::Stale);
    }
    let next = match store.test_message(org, id).await? {
        Some(seen) => go_on(ports, org, &seen).await?,
        None => None,
    };
    let now = ports.clock.now();
    store.finish_due(org, &work, claim, next, now).await?;
    Ok(if next.is_some() { Tested::Postponed } else { Tested::Done })
}

/// Sends it if it waits; when to look again, if at all.
async fn go_on(ports: &DispatchPorts, org: &OrgId, seen: &Stored<TestMessage>) -> Result<Option<Timestamp>, AppError> {
    let (store, now, test) = (&ports.waker.store, ports.clock.now(), &seen.value);
    match &test.state {
        TestState::Waiting => {}
        // Whoever claimed it may be waiting for Meta still, or died: it is never sent again.
        TestState::Called(ReminderState::Sending) => {
            let settle_at = seen.updated_at.saturating_add(SETTLE_AFTER).unwrap_or(now);
            if now < settle_at {
                return Ok(Some(settle_at));
            }
            record(ports, org, test.id, (&TestState::Called(ReminderState::Unknown), None)).await?;
            return Ok(None);
        }
        TestState::Dropped(_) | TestState::Called(_) => return Ok(None),
    }
    if now.duration_since(test.asked_at) >= LAPSES_AFTER {
        return drop_it(ports, org, seen, WhyNoTest::Lapsed).await;
    }
    let template = test.template();
    let (to, sender) = match look(store, org, &test.by, &template).await? {
        Ok(found) => found,
        Err(why) => return drop_it(ports, org, seen, why).await,
    };
    let access = match access(ports, org, &sender).await {
        Ok(Some(access)) => access,
        Ok(None) => return drop_it(ports, org, seen, WhyNoTest::SenderBlocked).await,
        Err(error) => return Ok(ports.clock.now().checked_add(error.patience()?.unwrap_or(PATIENCE)).ok()),
    };
    if let Some(again) = closed_until(store, ports.clock.now()).await? {
        return Ok(Some(again));
    }
    if may_have_gone_out(store, test.asked_at).await? {
        return end(ports, org, seen, TestState::Called(ReminderState::Unknown)).await;
    }
    // Read last, so that a pause holds within seconds.
    let organisation = store.organisation(org).await?;
    if organisation.is_paused(ports.clock.now()) {
        return drop_it(ports, org, seen, WhyNoTest::Paused).await;
    }
    let claimed = TestMessage { state: TestState::Called(ReminderState::Sending), ..test.clone() };
    let claim = ports.waker.ids.uuid();
    if !store.claim_test(org, (seen, &claimed), &to, claim, ports.clock.now()).await? {
        return Ok(Some(ports.clock.now()));
    }
    let outcome = ports.messaging.send(&access, &to.own.number, test.attempt, &example(&organisation, template)).await;
    settle(ports, org, (test, &sender), outcome).await
}

/// Stores what came of a call; when to try again, if at all.
async fn settle(
    ports: &DispatchPorts,
    org: &OrgId,
    (test, sender): (&TestMessage, &Sender),
    outcome: Result<Taken, SendError>,
) -> Result<Option<Timestamp>, AppError> {
    let (now, attempt) = (ports.clock.now(), test.attempt);
    let (state, message, again) = match outcome {
        Ok(Taken { message, held }) => {
            let state = if held { ReminderState::Held } else { ReminderState::Accepted };
            (TestState::Called(state), Some(message), None)
        }
        Err(SendError::Ambiguous(error)) => {
            tracing::warn!(%attempt, error = %error, "the outcome of a test message is unknown");
            (TestState::Called(ReminderState::Unknown), None, None)
        }
        Err(SendError::NotSent { code, action }) => {
            tracing::info!(%attempt, code, ?action, "Meta did not take a test message");
            let template = test.template().reference();
            match act(&ports.waker.store, org, sender, Some(&template), (code, action), now).await? {
                Some(wait) => (TestState::Waiting, None, now.checked_add(wait).ok()),
                None => (TestState::Called(ReminderState::NotSent { code }), None, None),
            }
        }
    };
    record(ports, org, test.id, (&state, message.as_ref())).await?;
    Ok(again)
}

async fn drop_it(
    ports: &DispatchPorts,
    org: &OrgId,
    seen: &Stored<TestMessage>,
    why: WhyNoTest,
) -> Result<Option<Timestamp>, AppError> {
    end(ports, org, seen, TestState::Dropped(why)).await
}

/// A test that waits is over; when to look again, if somebody else was faster.
async fn end(
    ports: &DispatchPorts,
    org: &OrgId,
    seen: &Stored<TestMessage>,
    state: TestState,
) -> Result<Option<Timestamp>, AppError> {
    let (now, ended) = (ports.clock.now(), TestMessage { state, ..seen.value.clone() });
    let moved = ports.waker.store.move_test(org, seen, &ended, now).await?;
    Ok((moved == Replaced::Raced).then_some(now))
}

/// Stores a state in the place of "under way"; a status that came faster is not lowered.
async fn record(
    ports: &DispatchPorts,
    org: &OrgId,
    id: TestMessageId,
    (state, message): (&TestState, Option<&MessageId>),
) -> Result<(), AppError> {
    let (store, now) = (&ports.waker.store, ports.clock.now());
    for _ in 0..RACES {
        let Some(seen) = store.test_message(org, id).await? else { return Ok(()) };
        let next = TestMessage {
            state: seen.value.state.settled(state),
            message: message.or(seen.value.message.as_ref()).cloned(),
            ..seen.value.clone()
        };
        if next == seen.value || store.move_test(org, &seen, &next, now).await? == Replaced::Replaced {
            return Ok(());
        }
    }
    Err(lost_races())
}
