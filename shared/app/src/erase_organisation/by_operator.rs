//! The erasure of an organisation on an operator's word.

use jiff::Timestamp;
use numo_domain::{
    id::{ActivityId, OperatorId, OrgId},
    organisation::{Pause, PausedBy},
};
use serde_json::json;

use crate::{
    erase_organisation::{GRACE, begin, journalled, new_erasure, note},
    error::AppError,
    operator::{OperatorPorts, activity, checked},
    store::erasure::organisation::{ErasureBy, OrganisationErasure},
};

/// Asks for the erasure of an organisation on an operator's word, who typed its id; again it changes nothing.
///
/// One that Clerk was found not to know has nobody left who could withdraw it, and begins with the next sweep.
/// Every other one is closed and waits as if an admin had asked: its admins are told and can withdraw it.
/// The order is in the log of all organisations without the organisation, which is not to be named there for longer
/// than anywhere else: the time at which it was asked for is the certificate's.
pub async fn order_erasure(
    ports: &OperatorPorts,
    org: &OrgId,
    (by, reason): (&OperatorId, &str),
    typed: &str,
    now: Timestamp,
) -> Result<OrganisationErasure, AppError> {
    let (store, reason) = (&ports.store, checked(reason)?);
    if typed.trim() != org.as_str() {
        return Err(AppError::invalid("organisation", "the id that was typed is another one; nothing was changed"));
    }
    let is_missing = store.missing_since(org).await?.is_some();
    if let Some(before) = store.organisation_erasure(org).await?
        && (before.value.has_begun() || !is_missing)
    {
        return Ok(before.value);
    }
    if !store.is_known(org).await? {
        return Err(AppError::NotFound("organisation"));
    }
    let detail = json!({"reason": reason, "asked_at": now});
    let told = activity(by, "organisation.erasure_ordered", detail, now);
    store.record_operation(ActivityId::new(ports.ids.uuid()), &told).await?;
    if is_missing {
        begin(store, org, now).await?;
        let begun = store.organisation_erasure(org).await?;
        return begun.map(|begun| begun.value).ok_or(AppError::NotFound("organisation"));
    }
    let begins_at = now.saturating_add(GRACE).unwrap_or(now);
    let erasure = new_erasure(org, ErasureBy::Operator(by.clone()), (now, begins_at));
    journalled(store, &erasure, now).await?;
    let detail = json!({"begins_at": begins_at, "reason": reason});
    let line = activity(by, "organisation.erasure_asked", detail, now);
    let line = store.activity_item(org, ActivityId::new(ports.ids.uuid()), &line)?;
    note(store, &erasure, (&Pause { since: now, by: PausedBy::Operator, until: None }, Some(line)), now).await
}
