//! Looking after a WhatsApp account: what Meta says of its numbers and texts.
//!
//! Webhooks tell most of it, but may never come; a number that Meta blocked is back as soon as Meta says so here.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    connection::Provider,
    credential::GrantRef,
    id::{OrgId, WabaId},
    language::Language,
    sender::{Sender, SenderStatus},
    template::{AccountTemplate, TemplateStatus, texts_in},
};
use secrecy::SecretString;

use crate::{
    add_sender::SenderPorts,
    error::AppError,
    job::Work,
    port::whatsapp::{AccountError, NumberInfo, SenderAccess},
    store::{Store, task::TaskAbout},
};

/// How a look at an account ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    /// All of it is known; the next time stands in the table.
    Done,
    /// Meta could not be asked, or not about everything; the next time stands in the table.
    Postponed,
    /// The job was stale: somebody else has the work.
    Stale,
}

/// Between two looks at an account about which nothing is to be decided.
const DAILY: SignedDuration = SignedDuration::from_hours(24);

/// Between two looks while a number is blocked, a text may not be sent, or Meta does not answer.
const SOON: SignedDuration = SignedDuration::from_hours(1);

/// Asks Meta about the numbers and texts of an account, and registers the texts that are missing.
pub async fn check_account(
    ports: &SenderPorts,
    org: &OrgId,
    waba: &WabaId,
    claim: Timestamp,
    now: Timestamp,
) -> Result<Checked, AppError> {
    let (store, work) = (&ports.waker.store, Work::CheckAccount { waba: waba.clone() });
    if !store.holds_claim(org, &work, claim).await? {
        return Ok(Checked::Stale);
    }
    let senders: Vec<Sender> = store.senders(org).await?.into_iter().filter(|sender| sender.waba == *waba).collect();
    if senders.is_empty() {
        store.finish_due(org, &work, claim, None, now).await?;
        return Ok(Checked::Done);
    }
    let (checked, next) = match look(ports, org, (waba, &senders), now).await {
        Ok(Standing::Settled) => (Checked::Done, DAILY),
        Ok(Standing::Open) => (Checked::Done, SOON),
        Err(AppError::ReauthRequired) => {
            for sender in &senders {
                settle(store, org, sender, SenderStatus::ReauthRequired, now).await?;
            }
            (Checked::Done, DAILY)
        }
        // An error of ours comes back: the queue tries again, and the claim runs out by itself.
        Err(error) => (Checked::Postponed, error.patience()?.unwrap_or(SOON)),
    };
    store.finish_due(org, &work, claim, now.saturating_add(next).ok(), now).await?;
    Ok(checked)
}

/// Whether anything of an account is to be decided soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Every number can send, and every text is decided about.
    Settled,
    /// A number is blocked, or a text may not be sent, or not yet.
    Open,
}

async fn look(
    ports: &SenderPorts,
    org: &OrgId,
    (waba, senders): (&WabaId, &[Sender]),
    now: Timestamp,
) -> Result<Standing, AppError> {
    let store = &ports.waker.store;
    let holder = waba.as_str().parse().or(Err(AppError::Internal("a WABA id is no holder".to_owned())))?;
    let token = ports.vault.fresh_access_token(org, &GrantRef { provider: Provider::Whatsapp, holder }, now).await?;
    let mut is_open = false;
    for sender in senders {
        let access = SenderAccess { phone_number_id: sender.phone_number_id.clone(), token: token.clone() };
        let status = match ports.account.number(&access).await {
            Ok(info) => {
                learn(store, org, sender, &info, now).await?;
                let is_ready = info.can_send && !is_refused(sender, now);
                if is_ready { SenderStatus::Ready } else { SenderStatus::Blocked }
            }
            // It left the account, or the token does not reach it any more.
            Err(AccountError::Unknown) => SenderStatus::Blocked,
            Err(error) => return Err(class(error)),
        };
        settle(store, org, sender, status, now).await?;
        is_open |= status != SenderStatus::Ready;
    }
    let registered = register_texts(ports, org, (waba, &token), now).await?;
    if registered.has_changed {
        store.mark_due(org, &Work::PlanDay {}, now, now).await?;
    }
    if let Some(code) = registered.refused {
        tracing::warn!(waba = %waba, code, "Meta did not take a text of the pack");
    }
    is_open |= registered.is_waiting || registered.refused.is_some();
    Ok(if is_open { Standing::Open } else { Standing::Settled })
}

/// Whether messages were refused lately though Meta says that the number can send: it does not count everything, and
/// every try costs a customer one of the few that a message has.
fn is_refused(sender: &Sender, now: Timestamp) -> bool {
    sender.stopped_at.is_some_and(|at| now.duration_since(at) < DAILY)
}

/// Notes what may have changed of a number at Meta.
async fn learn(store: &Store, org: &OrgId, sender: &Sender, info: &NumberInfo, now: Timestamp) -> Result<(), AppError> {
    let change = |sender: &mut Sender| {
        sender.verified_name.clone_from(&info.verified_name);
        sender.daily_limit = info.daily_limit;
        // From here on its own word counts.
        sender.stopped_at = sender.stopped_at.filter(|_| info.can_send);
    };
    store.change_sender(org, &sender.phone_number_id, now, change).await?;
    if sender.daily_limit != info.daily_limit {
        store.mark_due(org, &Work::PlanDay {}, now, now).await?;
    }
    Ok(())
}

/// Puts a number into the state that it has at Meta, with the owner's task.
async fn settle(
    store: &Store,
    org: &OrgId,
    sender: &Sender,
    status: SenderStatus,
    now: Timestamp,
) -> Result<(), AppError> {
    let (id, task) = (&sender.phone_number_id, TaskAbout::SenderBlocked(sender.phone_number_id.clone()));
    if sender.status == status {
        return Ok(());
    }
    let change = |sender: &mut Sender| {
        sender.status = status;
        sender.stopped_at = sender.stopped_at.filter(|_| status != SenderStatus::Ready);
    };
    store.change_sender(org, id, now, change).await?;
    match status {
        SenderStatus::Ready => store.close_task(org, &task).await?,
        SenderStatus::Blocked | SenderStatus::ReauthRequired => store.open_task(org, task, now).await?,
    }
    store.mark_due(org, &Work::PlanDay {}, now, now).await
}

/// What came of registering the texts of an account.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Registered {
    /// Whether Meta says anything else of a text than before.
    pub has_changed: bool,
    /// Whether one may not be sent, or not yet.
    pub is_waiting: bool,
    /// Meta's code where it did not take one.
    pub refused: Option<u32>,
}

/// Registers the texts that the account lacks in the languages in use, and remembers the state of all.
pub(crate) async fn register_texts(
    ports: &SenderPorts,
    org: &OrgId,
    (waba, token): (&WabaId, &SecretString),
    now: Timestamp,
) -> Result<Registered, AppError> {
    let store = &ports.waker.store;
    let (at_meta, known) =
        (ports.account.templates(waba, token).await.map_err(class)?, store.templates_of(org, waba).await?);
    let mut registered = Registered::default();
    for text in languages_in_use(store, org).await?.into_iter().flat_map(texts_in) {
        let template = text.reference();
        let status = match at_meta.iter().find(|found| found.template == template) {
            Some(found) => found.status,
            None => match ports.account.create_template(waba, token, text).await {
                Ok(status) => status,
                Err(AccountError::Rejected(code)) => {
                    registered.refused = Some(code);
                    continue;
                }
                Err(error) => return Err(class(error)),
            },
        };
        registered.is_waiting |= status != TemplateStatus::Approved;
        let text = AccountTemplate { template, status };
        if !known.contains(&text) {
            registered.has_changed = true;
            store.save_template(org, waba, &text, now).await?;
        }
    }
    Ok(registered)
}

/// The languages in which somebody is written to.
async fn languages_in_use(store: &Store, org: &OrgId) -> Result<BTreeSet<Language>, AppError> {
    let organisation = store.organisation(org).await?.language;
    let policies = store.policies(org).await?;
    let files = store.customer_files(org).await?;
    let of_policies = policies.all().filter_map(|policy| policy.language);
    let of_customers = files.values().filter_map(|file| file.language);
    Ok([organisation].into_iter().chain(of_policies).chain(of_customers).collect())
}

/// Has every account looked at, since somebody is to be written to in another language.
pub(crate) async fn look_again(store: &Store, org: &OrgId, now: Timestamp) -> Result<(), AppError> {
    let accounts: BTreeSet<WabaId> = store.senders(org).await?.into_iter().map(|sender| sender.waba).collect();
    for waba in accounts {
        store.mark_due_after_claim(org, &Work::CheckAccount { waba }, now, now).await?;
    }
    Ok(())
}

/// When an account is looked at next that was just connected, or about which something is to be decided.
pub(crate) fn soon(now: Timestamp) -> Timestamp {
    now.saturating_add(SOON).unwrap_or(now)
}

fn class(error: AccountError) -> AppError {
    match error {
        AccountError::Refused => AppError::ReauthRequired,
        AccountError::Unknown => AppError::Rejected("Meta does not know the account".to_owned()),
        AccountError::Rejected(code) => AppError::Rejected(format!("Meta code {code}")),
        AccountError::Unavailable(_) => AppError::Unavailable(Box::new(error)),
    }
}
