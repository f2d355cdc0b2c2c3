//! Entering a WhatsApp number from which reminders go out.

use std::{fmt, sync::Arc};

use jiff::Timestamp;
use numo_domain::{
    credential::{GrantRef, TokenSet},
    id::{ActivityId, OrgId, PhoneNumberId, UserId, WabaId},
    sender::{Sender, SenderStatus},
    template::{Variant, texts_in},
};
use secrecy::SecretString;
use serde_json::json;

use crate::{
    check_account::{register_texts, resume},
    error::AppError,
    job::{Cause, Work},
    port::whatsapp::{AccountError, NumberInfo, SenderAccess, WhatsappAccount},
    store::{
        activity::{Activity, Actor},
        route::Route,
        task::TaskAbout,
    },
    vault::Vault,
    wake::Waker,
};

/// What entering a sender needs.
#[derive(Clone)]
pub struct SenderPorts {
    /// Table, queue and ids.
    pub waker: Waker,
    /// Where the token goes.
    pub vault: Vault,
    /// Meta.
    pub account: Arc<dyn WhatsappAccount>,
}

impl fmt::Debug for SenderPorts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SenderPorts")
    }
}

/// What a person enters.
#[derive(Debug)]
pub struct SenderEntry {
    /// The account.
    pub waba: WabaId,
    /// Meta's id of the number.
    pub phone_number_id: PhoneNumberId,
    /// A business token of that account.
    pub token: SecretString,
}

/// Proves that the token opens account and number, and makes the number a sender.
///
/// What was entered are claims: nothing is stored before Meta confirmed them.
pub async fn add_sender(
    ports: &SenderPorts,
    org: &OrgId,
    by: &UserId,
    entry: SenderEntry,
    now: Timestamp,
) -> Result<Sender, AppError> {
    let SenderEntry { waba, phone_number_id, token } = entry;
    let info = prove(ports, &waba, &phone_number_id, &token).await?;
    let store = &ports.waker.store;
    let route = Route { org: org.clone(), connection: None };
    let owners = [store.claim_waba(&waba, &route, now).await?, store.claim_phone(&phone_number_id, &route, now).await?];
    if owners.iter().any(|owner| owner.org != *org) {
        return Err(AppError::Conflict("this WhatsApp account is connected to another organisation"));
    }
    ports.account.subscribe(&waba, &token).await.map_err(account_error)?;
    ports.vault.keep(org, &GrantRef::of_account(&waba), &TokenSet::lasting(token.clone()), now).await?;
    // Variants with buttons and the other languages in use follow with the first look, which comes at once.
    let language = store.organisation(org).await?.language;
    let plain = texts_in(language).filter(|text| text.variant == Variant::Plain);
    let registered = register_texts(ports, org, (&waba, &token), plain, now).await?;
    if let Some((_, code)) = registered.refused.first() {
        return Err(AppError::Rejected(format!("Meta code {code}")));
    }
    let can_send = info.can_send;
    let sender = new_sender(waba, phone_number_id.clone(), info, now);
    store.save_sender(org, &sender, now).await?;
    let task = TaskAbout::SenderBlocked(phone_number_id.clone());
    if can_send {
        store.close_task(org, &task).await?;
        resume(store, org, now).await?;
    } else {
        store.open_task(org, task, now).await?;
    }
    let check = Work::CheckAccount { waba: sender.waba.clone() };
    store.mark_due_after_claim(org, &check, now, now).await?;
    let detail = json!({"phone_number_id": phone_number_id, "waba": sender.waba});
    let activity = Activity { at: now, actor: Actor::User(by.clone()), action: "sender.added".to_owned(), detail };
    store.record(org, ActivityId::new(ports.waker.ids.uuid()), &activity).await?;
    // It is due already; whoever has it in hand is left alone.
    let claimed = store.claim_work(org, &check, now).await?;
    ports.waker.send_claimed(org, claimed, Cause::Person, now).await?;
    Ok(sender)
}

/// A number as Meta tells it at first.
pub(crate) fn new_sender(waba: WabaId, phone_number_id: PhoneNumberId, info: NumberInfo, now: Timestamp) -> Sender {
    Sender {
        phone_number_id,
        waba,
        number: info.number,
        verified_name: info.verified_name,
        daily_limit: info.daily_limit,
        is_on_biz_app: info.is_on_biz_app,
        throughput: info.throughput,
        status: if info.can_send { SenderStatus::Ready } else { SenderStatus::Blocked },
        stopped_at: None,
        restriction: None,
        stopped_for: None,
        looked_at: Some(now),
        heard_up_to: None,
    }
}

async fn prove(
    ports: &SenderPorts,
    waba: &WabaId,
    phone: &PhoneNumberId,
    token: &SecretString,
) -> Result<NumberInfo, AppError> {
    let numbers = ports.account.numbers_of(waba, token).await.map_err(account_error)?;
    if !numbers.contains(phone) {
        return Err(AppError::invalid("phone_number_id", "this number does not belong to the WhatsApp account"));
    }
    let access = SenderAccess { phone_number_id: phone.clone(), token: token.clone() };
    ports.account.number(&access).await.map_err(account_error)
}

fn account_error(error: AccountError) -> AppError {
    match error {
        AccountError::Refused => {
            AppError::invalid("access_token", "Meta does not accept this token for the WhatsApp account")
        }
        AccountError::Unknown => AppError::invalid("waba_id", "Meta does not know this account or number"),
        AccountError::Rejected(code) => AppError::Rejected(format!("Meta code {code}")),
        AccountError::Unavailable(_) => AppError::Unavailable(Box::new(error)),
    }
}
