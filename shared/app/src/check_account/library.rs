//! How the texts of Meta's library stand that were chosen for an account.

use std::collections::BTreeMap;

use jiff::Timestamp;
use numo_domain::{
    id::{OrgId, WabaId},
    library::LibraryText,
    reminder::TemplateRef,
    template::{AccountTemplate, TIME_TO_LIVE, TemplateStatus, WhyUnusable},
};
use secrecy::SecretString;

use crate::{
    add_sender::SenderPorts, check_account::class, error::AppError, keep_text::keep_text,
    port::template_library::MadeTemplate,
};

/// Asks about every text that was chosen for an account; whether one of them may be used soon that cannot be now.
pub(super) async fn settle_choices(
    ports: &SenderPorts,
    org: &OrgId,
    (waba, token): (&WabaId, &SecretString),
    now: Timestamp,
) -> Result<bool, AppError> {
    let choices = ports.waker.store.library_choices(org).await?;
    let of_account = choices.into_iter().filter(|choice| choice.waba == *waba);
    let texts: BTreeMap<TemplateRef, LibraryText> =
        of_account.map(|choice| (choice.text.template.clone(), choice.text)).collect();
    let mut is_open = false;
    for text in texts.values() {
        let standing = settle_text(ports, org, (waba, token), text, now).await?;
        let may_pass = matches!(standing.why, Some(WhyUnusable::Paused | WhyUnusable::LowQuality));
        is_open |= standing.status == TemplateStatus::Pending || may_pass;
    }
    Ok(is_open)
}

/// Asks how a chosen text stands, and keeps it with what follows.
pub(crate) async fn settle_text(
    ports: &SenderPorts,
    org: &OrgId,
    (waba, token): (&WabaId, &SecretString),
    text: &LibraryText,
    now: Timestamp,
) -> Result<AccountTemplate, AppError> {
    let store = &ports.waker.store;
    // Read first: what a webhook tells meanwhile is newer than Meta's answer here.
    let known = store.templates_of(org, waba).await?;
    let before = known.iter().find(|known| known.template == text.template);
    let made = ports.account.library().made_template(waba, token, &text.template).await.map_err(class)?;
    let told = standing(made, text);
    let standing = before.filter(|before| before.rests(now) && told.is_approved()).unwrap_or(&told).clone();
    keep_text(store, org, waba, before, &standing, now).await?;
    Ok(standing)
}

/// How a text stands for us: only with the words that were chosen, and a life as short as that of the pack.
fn standing(made: Option<MadeTemplate>, text: &LibraryText) -> AccountTemplate {
    let unusable = |why| AccountTemplate::unusable(text.template.clone(), why);
    let Some(MadeTemplate { standing, body, time_to_live }) = made else { return unusable(WhyUnusable::Missing) };
    match standing.status {
        TemplateStatus::Approved if !body.split_whitespace().eq(text.body.split_whitespace()) => {
            unusable(WhyUnusable::Mismatch)
        }
        TemplateStatus::Approved if time_to_live.is_none_or(|lives| lives > TIME_TO_LIVE) => {
            unusable(WhyUnusable::LivesTooLong)
        }
        TemplateStatus::Approved | TemplateStatus::Pending | TemplateStatus::Unusable => standing,
    }
}
