//! What concerns an account as a whole: its token, the end of its access, and whether it has a number.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    credential::GrantRef,
    id::{OrgId, PhoneNumberId, WabaId},
    sender::Sender,
    whatsapp_account::{AccountStatus, AccountTrouble},
};
use secrecy::SecretString;

use crate::{
    add_sender::SenderPorts,
    check_account::class,
    error::AppError,
    port::whatsapp::AccountError,
    store::{Store, task::TaskAbout},
};

/// The owner is told this long before the access ends.
const WARNED_BEFORE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How an account stands.
pub(super) struct Settled {
    /// Its token, if it works.
    pub(super) token: Option<SecretString>,
    /// Whether something is to be decided soon.
    pub(super) is_open: bool,
}

/// Notes how an account stands, with the owner's tasks.
pub(super) async fn settle_account(
    ports: &SenderPorts,
    org: &OrgId,
    (waba, senders, troubles): (&WabaId, &[Sender], &BTreeSet<AccountTrouble>),
    token: Option<SecretString>,
    now: Timestamp,
) -> Result<Settled, AppError> {
    let store = &ports.waker.store;
    let (token, has_number) = match token {
        Some(token) if senders.is_empty() => match ports.account.numbers_of(waba, &token).await {
            Ok(numbers) => (Some(token), Some(!numbers.is_empty())),
            Err(AccountError::Refused | AccountError::Unknown) => (None, None),
            Err(error @ (AccountError::Rejected(_) | AccountError::Unavailable(_))) => return Err(class(error)),
        },
        token => (token, None),
    };
    let status = if token.is_some() { AccountStatus::Connected } else { AccountStatus::ReauthRequired };
    store.set_account_status(org, waba, status, now).await?;
    let ends_at = ports.vault.consent_ends_at(org, &GrantRef::of_account(waba)).await?;
    let ends_soon = token.is_some() && ends_at.is_some_and(|end| end.duration_since(now) <= WARNED_BEFORE);
    let open: Vec<TaskAbout> = store.tasks(org).await?.into_iter().map(|task| task.about).collect();
    let of_account = [
        (TaskAbout::ReconnectWhatsapp(waba.clone()), token.is_none()),
        (TaskAbout::WhatsappAccessEnds(waba.clone()), ends_soon),
        (TaskAbout::WhatsappNumberMissing(waba.clone()), has_number == Some(false)),
        (TaskAbout::WhatsappSignupUnfinished(waba.clone()), has_number == Some(true)),
    ];
    let of_troubles = AccountTrouble::ALL.map(|trouble| {
        // Without a token nobody tells; what was told last stays.
        let about = TaskAbout::WhatsappTrouble { waba: waba.clone(), trouble };
        let is_wanted = if token.is_some() { troubles.contains(&trouble) } else { open.contains(&about) };
        (about, is_wanted)
    });
    for (about, is_wanted) in of_account.into_iter().chain(of_troubles) {
        match (is_wanted, open.contains(&about)) {
            (true, false) => store.open_task(org, about, now).await?,
            (false, true) => store.close_task(org, &about).await?,
            (true, true) | (false, false) => {}
        }
    }
    Ok(Settled { token, is_open: has_number == Some(false) })
}

/// Closes the tasks that a look left open while a number, or the whole account, was being ended, and those about texts
/// of which Meta was told two things in one moment.
pub(super) async fn close_orphans(
    store: &Store,
    org: &OrgId,
    (waba, is_ended): (&WabaId, bool),
    senders: &[Sender],
    now: Timestamp,
) -> Result<(), AppError> {
    let (tasks, mut texts) = (store.tasks(org).await?, None);
    for task in tasks {
        if let TaskAbout::TextUnusable { waba: of, template, why } = &task.about
            && of == waba
        {
            let known = match texts.take() {
                Some(known) => known,
                None => store.templates_of(org, waba).await?,
            };
            let stands = known.iter().find(|known| known.template == *template);
            if stands.is_some_and(|text| text.why != Some(*why)) {
                store.close_task(org, &task.about).await?;
                // Whoever keeps a text opens its task first: the text may have been saved since it was read.
                let now_known = store.templates_of(org, waba).await?;
                if now_known.iter().any(|known| known.template == *template && known.why == Some(*why)) {
                    store.open_task(org, task.about.clone(), now).await?;
                }
                texts = Some(now_known);
            } else {
                texts = Some(known);
            }
        }
        let is_gone = |phone: &PhoneNumberId| senders.iter().all(|sender| sender.phone_number_id != *phone);
        let is_orphan = matches!(&task.about, TaskAbout::SenderBlocked(phone) if is_gone(phone))
            || (is_ended && task.about.account() == Some(waba));
        if is_orphan {
            store.close_task(org, &task.about).await?;
        }
    }
    Ok(())
}
