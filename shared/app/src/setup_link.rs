//! A link by which a client connects WhatsApp and states that customers may be written to, without signing in.
//!
//! It works in the name of the admin who made it, for as long as they are one by Clerk's word, until WhatsApp is
//! connected through it, and for a week at most.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use numo_domain::{
    id::{ActivityId, OrgId, UserId},
    organisation::Organisation,
};
use serde_json::json;

use crate::{
    connect_ledger::sha256_hex,
    connect_whatsapp::{NumberOutcome, SignedUp, SignupEntry, SignupPorts, connect_whatsapp},
    error::AppError,
    port::{people::People, session::Role},
    store::{
        activity::{Activity, Actor},
        setup_link::SetupLink,
    },
    wake::Waker,
};

/// What the address of a new link ends with; it is shown once and not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLink {
    /// 256 unpredictable bits.
    pub token: String,
    /// The rest of it.
    pub link: SetupLink,
}

/// Makes a link.
pub async fn make_link(waker: &Waker, org: &OrgId, by: &UserId, now: Timestamp) -> Result<NewLink, AppError> {
    let token = BASE64_URL_SAFE_NO_PAD.encode(waker.ids.secret());
    let link = waker.store.keep_setup_link(org, (sha256_hex(&token), by.clone()), now).await?;
    record(waker, org, by, ("setup_link.made", &link), now).await?;
    Ok(NewLink { token, link })
}

/// Takes a link back; one that is gone stays gone.
pub async fn take_link_back(
    waker: &Waker,
    org: &OrgId,
    by: &UserId,
    hash: &str,
    now: Timestamp,
) -> Result<(), AppError> {
    let link = waker.store.setup_link(org, hash, now).await?.ok_or(AppError::NotFound("set-up link"))?;
    waker.store.delete_setup_link(org, hash).await?;
    record(waker, org, by, ("setup_link.taken_back", &link), now).await
}

/// A link that works, with the organisation that it is for; anything else is not found, whatever the reason.
pub async fn open_link(
    (waker, people): (&Waker, &dyn People),
    org: &OrgId,
    token: &str,
    now: Timestamp,
) -> Result<(SetupLink, Organisation), AppError> {
    let gone = AppError::NotFound("set-up link");
    let Some(link) = waker.store.setup_link(org, &sha256_hex(token), now).await? else { return Err(gone) };
    // Whoever left takes what was done in their name along.
    let members = people.members(org).await.map_err(|error| AppError::Unavailable(Box::new(error)))?;
    match members.get(&link.by) {
        Some(Role::Admin) => Ok((link, waker.store.organisation(org).await?)),
        Some(Role::Member) | None => Err(gone),
    }
}

/// Connects WhatsApp as the link allows; once it is connected, the link is gone.
pub async fn connect_by_link(
    (ports, people): (&SignupPorts, &dyn People),
    org: &OrgId,
    token: &str,
    entry: SignupEntry,
    now: Timestamp,
) -> Result<SignedUp, AppError> {
    let waker = &ports.senders.waker;
    let (link, organisation) = open_link((waker, people), org, token, now).await?;
    let is_named = entry.attestation.as_ref().is_some_and(|given| !given.authorised_by.trim().is_empty());
    if !organisation.is_attested() && !is_named {
        return Err(AppError::invalid(
            "attestation.authorised_by",
            "your name and what you are to the business are needed",
        ));
    }
    let signed_up = Box::pin(connect_whatsapp(ports, org, &link.by, entry, now)).await?;
    // What is not finished is gone on with through the same link.
    if !signed_up.numbers.is_empty() && signed_up.numbers.iter().all(|number| is_settled(number.outcome)) {
        waker.store.delete_setup_link(org, &link.hash).await?;
        record(waker, org, &link.by, ("setup_link.used", &link), now).await?;
    }
    Ok(signed_up)
}

const fn is_settled(outcome: NumberOutcome) -> bool {
    match outcome {
        NumberOutcome::Connected | NumberOutcome::Blocked | NumberOutcome::NotChosen => true,
        NumberOutcome::Refused { .. } | NumberOutcome::Underway { .. } => false,
    }
}

async fn record(
    waker: &Waker,
    org: &OrgId,
    by: &UserId,
    (action, link): (&str, &SetupLink),
    now: Timestamp,
) -> Result<(), AppError> {
    let detail = json!({"link": link.hash.get(..8), "made_at": link.made_at, "ends_at": link.ends_at});
    let activity = Activity { at: now, actor: Actor::User(by.clone()), action: action.to_owned(), detail };
    waker.store.record(org, ActivityId::new(waker.ids.uuid()), &activity).await
}
