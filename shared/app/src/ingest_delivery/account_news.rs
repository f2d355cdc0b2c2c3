//! News of an account: what stops is heeded at once, and whether it is over is asked.

use std::collections::BTreeSet;

use jiff::Timestamp;
use numo_domain::{
    id::{OrgId, WabaId},
    notice::{Notice, NoticeKind},
    restriction::{Restriction, RestrictionKind},
    sender::{Sender, SenderStatus},
    whatsapp_account::AccountStatus,
};

use crate::{
    check_account::soon,
    delivery::{AccountNews, News, NumberRef},
    error::AppError,
    ingest_delivery::IngestPorts,
    job::Work,
    port::whatsapp::SendAction,
    store::{Store, route::AccountOwner, task::TaskAbout},
};

/// Takes in what is new about an account of ours; false where nobody here has it, or nothing follows from it.
pub(super) async fn take_news(ports: &IngestPorts, told: &AccountNews) -> Result<bool, AppError> {
    let (store, now) = (&ports.store, ports.clock.now());
    let AccountNews { waba, number, news } = told;
    let Some(AccountOwner { org, .. }) = store.owner_of_waba(waba, BTreeSet::new()).await? else { return Ok(false) };
    let senders = senders_of(store, &org, (waba, number.as_ref())).await?;
    // The account may have numbers that nobody connected here.
    if number.is_some() && senders.is_empty() {
        return Ok(false);
    }
    let stop_for = async |status, code: Option<u32>, restriction: Option<Restriction>| {
        for sender in &senders {
            stop(store, &org, sender, (status, code, restriction), now).await?;
        }
        Ok::<bool, AppError>(!senders.is_empty())
    };
    let stop = async |status, restriction| stop_for(status, None, restriction).await;
    match news {
        News::Restricted(restriction) if !restriction.is_in_force(now) => Ok(false),
        News::Restricted(restriction) if restriction.kind.stops_reminders() => {
            stop(SenderStatus::Blocked, Some(*restriction)).await
        }
        News::Restricted(Restriction { kind, .. }) => match kind {
            RestrictionKind::CustomerInitiated => {
                notice(store, &org, waba, &Notice::of(NoticeKind::AnswersRestricted), now).await
            }
            RestrictionKind::AddingNumbers => {
                notice(store, &org, waba, &Notice::of(NoticeKind::NumbersRestricted), now).await
            }
            RestrictionKind::DirectSend
            | RestrictionKind::BusinessInitiated
            | RestrictionKind::UtilityTemplates
            | RestrictionKind::UtilityRate
            | RestrictionKind::Other => Ok(false),
        },
        News::Disabled => stop(SenderStatus::Blocked, None).await,
        // No token is deleted for either: the first may be about another partner's app.
        News::AccessEnded => {
            look_later(store, &org, waba, now).await?;
            store.set_account_status(&org, waba, AccountStatus::ReauthRequired, now).await?;
            store.open_task(&org, TaskAbout::ReconnectWhatsapp(waba.clone()), now).await?;
            stop(SenderStatus::ReauthRequired, None).await
        }
        News::Offboarded => {
            look_later(store, &org, waba, now).await?;
            stop(SenderStatus::Blocked, None).await
        }
        News::Trouble { code, asks_for } => match status_of(*asks_for) {
            Some(status) => stop_for(status, Some(*code), None).await,
            None => Ok(false),
        },
        News::Limit { per_day } => limit(store, &org, &senders, *per_day, now).await,
        News::Notice(told) => notice(store, &org, waba, told, now).await,
    }
}

/// The numbers of an account, or the one of them that is named.
pub(super) async fn senders_of(
    store: &Store,
    org: &OrgId,
    (waba, number): (&WabaId, Option<&NumberRef>),
) -> Result<Vec<Sender>, AppError> {
    let mut senders = store.senders(org).await?;
    senders.retain(|sender| sender.waba == *waba && number.is_none_or(|number| number.is(sender)));
    Ok(senders)
}

/// Has an account looked at in an hour: asked at once, Meta may not know yet what it just told.
async fn look_later(store: &Store, org: &OrgId, waba: &WabaId, now: Timestamp) -> Result<(), AppError> {
    store.reschedule(org, &Work::CheckAccount { waba: waba.clone() }, soon(now), now).await
}

/// How a number stands after what an error asks for; nothing where it says nothing about the number.
const fn status_of(asks_for: SendAction) -> Option<SenderStatus> {
    match asks_for {
        SendAction::StopSender => Some(SenderStatus::Blocked),
        SendAction::Reconnect => Some(SenderStatus::ReauthRequired),
        SendAction::SkipRecipient
        | SendAction::FixMessage
        | SendAction::StopTemplate(_)
        | SendAction::SlowDown { .. }
        | SendAction::WaitForRecipient
        | SendAction::Wait { .. }
        | SendAction::WaitForApp { .. } => None,
    }
}

/// Stops a number until the look at its account that follows, or until a restriction ends.
///
/// Unlike after a refused message, Meta's own word is enough to let it go on.
async fn stop(
    store: &Store,
    org: &OrgId,
    sender: &Sender,
    (status, code, restriction): (SenderStatus, Option<u32>, Option<Restriction>),
    now: Timestamp,
) -> Result<(), AppError> {
    // First what has to follow: a repeated delivery sees a number that is stopped already.
    store.open_task(org, TaskAbout::SenderBlocked(sender.phone_number_id.clone()), now).await?;
    store.mark_due(org, &Work::PlanDay {}, now, now).await?;
    let change = |sender: &mut Sender| {
        (sender.status, sender.stopped_for) = (status, code);
        sender.restriction = restriction.map_or(sender.restriction, |told| Some(told.or_longer(sender.restriction)));
    };
    store.change_sender(org, &sender.phone_number_id, now, change).await
}

async fn limit(
    store: &Store,
    org: &OrgId,
    senders: &[Sender],
    per_day: Option<u32>,
    now: Timestamp,
) -> Result<bool, AppError> {
    let mut changed = false;
    for sender in senders.iter().filter(|sender| sender.daily_limit != per_day) {
        store.mark_due(org, &Work::PlanDay {}, now, now).await?;
        let change = |sender: &mut Sender| sender.daily_limit = per_day;
        store.change_sender(org, &sender.phone_number_id, now, change).await?;
        changed = true;
    }
    Ok(changed)
}

async fn notice(store: &Store, org: &OrgId, waba: &WabaId, told: &Notice, now: Timestamp) -> Result<bool, AppError> {
    let about = TaskAbout::AccountNotice { waba: waba.clone(), notice: told.clone() };
    store.open_task(org, about, now).await?;
    Ok(true)
}
