//! Who is mailed, and how: set by an admin, and by each person for themselves.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use jiff::Timestamp;
use numo_domain::id::{ActivityId, OrgId, UnsubscribeToken, UserId};
use serde_json::json;

use crate::{
    error::AppError,
    number_key::NumberKeys,
    store::{
        activity::{Activity, Actor},
        mail::{MailSettings, Recipients},
    },
    wake::Waker,
};

/// Chosen people at most.
const MOST_CHOSEN: usize = 20;

/// Sets who gets mails, and whether they name customers.
///
/// Whoever is chosen and no member gets nothing: members are asked for at Clerk before every mail.
pub async fn set_mails(
    waker: &Waker,
    org: &OrgId,
    by: &UserId,
    (recipients, names): (Recipients, bool),
    now: Timestamp,
) -> Result<MailSettings, AppError> {
    if let Recipients::Chosen(chosen) = &recipients
        && (chosen.is_empty() || chosen.len() > MOST_CHOSEN)
    {
        return Err(AppError::invalid("recipients", format!("between 1 and {MOST_CHOSEN} members, or `admins`")));
    }
    waker.store.is_still_expected().await?;
    if let Recipients::Chosen(chosen) = &recipients {
        for user in chosen {
            waker.store.take_seat(org, user, now).await?;
        }
    }
    let set = |settings: &mut MailSettings| (settings.recipients, settings.names) = (recipients.clone(), names);
    let (before, after) = waker.store.change_mail_settings(org, now, set).await?;
    if before != after {
        let shown = |settings: &MailSettings| json!({"recipients": settings.recipients, "names": settings.names});
        let detail = json!({"before": shown(&before), "after": shown(&after)});
        record(waker, org, (by, "mails.changed"), detail, now).await?;
    }
    Ok(after)
}

/// Sets whether a member gets digests.
pub async fn set_digest(
    waker: &Waker,
    org: &OrgId,
    user: &UserId,
    is_wanted: bool,
    now: Timestamp,
) -> Result<MailSettings, AppError> {
    waker.store.is_still_expected().await?;
    if !is_wanted {
        waker.store.take_seat(org, user, now).await?;
    }
    let set = |settings: &mut MailSettings| {
        if is_wanted {
            settings.without_digest.remove(user);
        } else {
            settings.without_digest.insert(user.clone());
        }
    };
    let (before, after) = waker.store.change_mail_settings(org, now, set).await?;
    if before != after {
        record(waker, org, (user, "digest.changed"), json!({"wanted": is_wanted}), now).await?;
    }
    Ok(after)
}

/// Ends the digests of whoever has the link of one; nobody has to sign in.
pub async fn unsubscribe(
    waker: &Waker,
    keys: &NumberKeys,
    (org, user, token): (&OrgId, &UserId, &UnsubscribeToken),
    now: Timestamp,
) -> Result<(), AppError> {
    let right = keys.unsubscribe_token(org, user)?;
    verify_slices_are_equal(right.as_str().as_bytes(), token.as_str().as_bytes())
        .map_err(|_differ| AppError::NotFound("page"))?;
    // A mail may be opened long after its organisation was erased.
    if waker.store.known_organisation(org).await?.is_none() {
        return Ok(());
    }
    set_digest(waker, org, user, false, now).await.map(|_| ())
}

async fn record(
    waker: &Waker,
    org: &OrgId,
    (by, action): (&UserId, &str),
    detail: serde_json::Value,
    now: Timestamp,
) -> Result<(), AppError> {
    let activity = Activity { at: now, actor: Actor::User(by.clone()), action: action.to_owned(), detail };
    waker.store.record(org, ActivityId::new(waker.ids.uuid()), &activity).await
}
