//! What Meta says that an account was billed, asked for once a day where it tells.

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    account_bill::{AccountBill, ToldBill},
    id::{OrgId, WabaId},
};
use secrecy::SecretString;

use crate::{add_sender::SenderPorts, error::AppError, port::whatsapp::AccountError};

/// Between two questions; a look an hour early on the next day asks again.
const ASKED_AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(22);

/// Asks for the month's bill of an account, unless that was done today.
///
/// An account of which Meta tells nothing is asked again a day later, and nobody is bothered: it may share a partner's
/// credit line, or its token may lack the right.
pub(super) async fn ask_for_bill(
    ports: &SenderPorts,
    org: &OrgId,
    (waba, token): (&WabaId, &SecretString),
    now: Timestamp,
) -> Result<(), AppError> {
    let store = &ports.waker.store;
    let zone = store.organisation(org).await?.zone;
    let month = zone.date(now).first_of_month();
    let known = store.account_bill(org, waba).await?.filter(|bill| bill.month == month);
    if known.as_ref().is_some_and(|bill| now.duration_since(bill.asked_at) < ASKED_AGAIN_AFTER) {
        return Ok(());
    }
    let began_at = month.yesterday().ok().and_then(|day_before| zone.end_of(day_before));
    let Some(began_at) = began_at.filter(|began_at| *began_at < now) else { return Ok(()) };
    let told = match ports.account.billed(waba, token, began_at, now).await {
        Ok(sums) => ToldBill::Known(sums),
        Err(AccountError::Rejected(code)) => ToldBill::Unavailable { code: Some(code) },
        Err(AccountError::Refused | AccountError::Unknown) => ToldBill::Unavailable { code: None },
        // Not an answer about this account: the next look asks again.
        Err(error @ AccountError::Unavailable(_)) => {
            tracing::info!(waba = %waba, error = %error, "what an account was billed is not known");
            return Ok(());
        }
    };
    // What was told earlier in the month stays, though it grows old.
    let told = match (told, known.map(|bill| bill.told)) {
        (ToldBill::Unavailable { .. }, Some(before @ ToldBill::Known(_))) => before,
        (told, _) => told,
    };
    store.save_account_bill(org, &AccountBill { waba: waba.clone(), month, asked_at: now, told }, now).await
}
