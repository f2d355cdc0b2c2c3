//! Looking after a WhatsApp account: what Meta says of its numbers and texts.
//!
//! Webhooks tell most of it, but may never come; a number that Meta blocked is back as soon as Meta says so here.

mod account;
mod bill;
pub(crate) mod library;
pub(crate) mod number;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    credential::GrantRef,
    id::{OrgId, WabaId},
    language::Language,
    library::entry::LIBRARY_PREFIX,
    notice::{Notice, NoticeKind},
    reminder::TemplateRef,
    sender::{Sender, SenderStatus},
    template::{AccountTemplate, PackTemplate, TemplateStatus, WhyUnusable, texts_in},
};
use secrecy::SecretString;

use crate::{
    add_sender::SenderPorts,
    check_account::{
        account::{Settled, close_orphans, settle_account},
        bill::ask_for_bill,
        library::settle_choices,
        number::Standing,
    },
    error::AppError,
    job::Work,
    keep_text::keep_text,
    port::whatsapp::AccountError,
    store::{Store, due::dispatch_work, task::TaskAbout},
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

/// Between two looks while a number is blocked, a text is under review, or Meta does not answer.
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
    let all = store.senders(org).await?;
    let is_ended = all.iter().all(|sender| sender.waba != *waba) && store.whatsapp_account(org, waba).await?.is_none();
    if is_ended {
        close_orphans(store, org, (waba, is_ended), &all, now).await?;
        store.delete_library_choices(org, waba).await?;
        store.delete_templates(org, waba).await?;
        store.delete_account_bill(org, waba).await?;
        store.finish_due(org, &work, claim, None, now).await?;
        return Ok(Checked::Done);
    }
    let senders: Vec<Sender> = all.into_iter().filter(|sender| sender.waba == *waba).collect();
    let (checked, next) = match look(ports, org, (waba, &senders), now).await {
        Ok(true) => (Checked::Done, SOON),
        Ok(false) => (Checked::Done, DAILY),
        // An error of ours comes back: the queue tries again, and the claim runs out by itself.
        Err(error) => (Checked::Postponed, error.patience()?.unwrap_or(SOON)),
    };
    // Meta may have told something while it was asked, and the last look of the day leaves nothing behind.
    close_orphans(store, org, (waba, is_ended), &store.senders(org).await?, now).await?;
    store.finish_due(org, &work, claim, now.saturating_add(next).ok(), now).await?;
    Ok(checked)
}

/// Asks about everything, and notes it; whether something is to be decided soon.
async fn look(
    ports: &SenderPorts,
    org: &OrgId,
    (waba, senders): (&WabaId, &[Sender]),
    now: Timestamp,
) -> Result<bool, AppError> {
    let store = &ports.waker.store;
    let token = match ports.vault.fresh_access_token(org, &GrantRef::of_account(waba), now).await {
        Err(AppError::ReauthRequired) => None,
        token => Some(token?),
    };
    let (mut is_open, mut n_refused, mut troubles) = (false, 0, BTreeSet::new());
    for sender in senders {
        let standing = match &token {
            Some(token) => Standing::ask(&*ports.account, sender, token, now).await?,
            None => Standing::without_token(sender),
        };
        troubles.extend(standing.troubles.iter().copied());
        is_open |= standing.status != SenderStatus::Ready;
        n_refused += usize::from(standing.status == SenderStatus::ReauthRequired);
        standing.settle(store, org, sender, now).await?;
    }
    // A token that opens none of the numbers is as good as none.
    let token = token.filter(|_| senders.is_empty() || n_refused < senders.len());
    let Settled { token, is_open: is_account_open } =
        settle_account(ports, org, (waba, senders, &troubles), token, now).await?;
    is_open |= is_account_open;
    let Some(token) = token else { return Ok(is_open) };
    ask_for_bill(ports, org, (waba, &token), now).await?;
    let wanted = Wanted::of(store, org).await?;
    // The plain texts of all languages come first: they say everything, and Meta takes a hundred an hour.
    let mut texts: Vec<PackTemplate> = wanted.texts().collect();
    texts.sort_by_key(|text| text.variant);
    match register_texts(ports, org, (waba, &token), texts.into_iter(), now).await {
        Ok(Registered { is_pending, refused, has_library }) => {
            tell_refused(store, org, waba, &refused, now).await?;
            is_open |= has_library && settle_choices(ports, org, (waba, &token), now).await?;
            Ok(is_open || is_pending)
        }
        // Numbers may write whose texts the token may not see.
        Err(AppError::ReauthRequired) => {
            tracing::warn!(waba = %waba, "the token does not reach the texts of an account");
            Ok(is_open)
        }
        Err(error) => Err(error),
    }
}

/// Lets the day's dispatch go on that waits for a number which can send again.
pub(crate) async fn resume(store: &Store, org: &OrgId, now: Timestamp) -> Result<(), AppError> {
    let work = dispatch_work(store.organisation(org).await?.zone.date(now));
    match store.due_since(org, &work).await? {
        Some(_) => store.mark_due_after_claim(org, &work, now, now).await,
        None => Ok(()),
    }
}

/// What came of registering the texts of an account.
#[derive(Debug, Clone, Default)]
pub(crate) struct Registered {
    /// Whether Meta still looks at one, or lets one go out again by itself.
    pub is_pending: bool,
    /// Those that Meta did not take, with its codes.
    pub refused: Vec<(TemplateRef, u32)>,
    /// Whether the account is known to have a text of Meta's library.
    pub has_library: bool,
}

/// Keeps which texts Meta did not take, and tells the owner once for all with the same cause.
async fn tell_refused(
    store: &Store,
    org: &OrgId,
    waba: &WabaId,
    refused: &[(TemplateRef, u32)],
    now: Timestamp,
) -> Result<(), AppError> {
    if refused.is_empty() {
        return Ok(());
    }
    let known = store.templates_of(org, waba).await?;
    for (template, code) in refused {
        let before = known.iter().find(|known| known.template == *template);
        let text = AccountTemplate::not_taken(template.clone(), *code);
        if before != Some(&text) {
            tracing::warn!(waba = %waba, code, "Meta did not take a text of the pack");
            let notice = Notice::with(NoticeKind::TextNotTaken, Some(code.to_string()));
            store.open_task(org, TaskAbout::AccountNotice { waba: waba.clone(), notice }, now).await?;
            keep_text(store, org, waba, before, &text, now).await?;
        }
    }
    Ok(())
}

/// Registers those of some texts that the account lacks, in their order, and remembers the state of all.
pub(crate) async fn register_texts(
    ports: &SenderPorts,
    org: &OrgId,
    (waba, token): (&WabaId, &SecretString),
    texts: impl Iterator<Item = PackTemplate> + Send,
    now: Timestamp,
) -> Result<Registered, AppError> {
    let store = &ports.waker.store;
    // Read first: what a webhook tells meanwhile is newer than Meta's answer here.
    let known = store.templates_of(org, waba).await?;
    let at_meta = ports.account.templates(waba, token).await.map_err(class)?;
    let has_library = known.iter().any(|known| known.template.name.starts_with(LIBRARY_PREFIX));
    let (mut registered, mut archived) = (Registered { has_library, ..Registered::default() }, Vec::new());
    for text in texts {
        let template = text.reference();
        let before = known.iter().find(|known| known.template == template);
        let text = match at_meta.iter().find(|found| found.text.template == template) {
            Some(found) => {
                if found.text.why == Some(WhyUnusable::Archived) {
                    archived.push(found.id.clone());
                }
                before.filter(|before| before.rests(now) && found.text.is_approved()).unwrap_or(&found.text).clone()
            }
            None => match ports.account.create_template(waba, token, &text).await {
                Ok(text) => text,
                Err(AccountError::Rejected(code)) => {
                    registered.refused.push((template, code));
                    continue;
                }
                Err(error) => return Err(class(error)),
            },
        };
        registered.is_pending |= text.status == TemplateStatus::Pending || text.why.is_some_and(WhyUnusable::may_pass);
        keep_text(store, org, waba, before, &text, now).await?;
    }
    // A text for a rare occasion rests for a year, and Meta would delete it a month later.
    if !archived.is_empty() {
        ports.account.unarchive(waba, token, &archived).await.map_err(class)?;
    }
    Ok(registered)
}

/// What of the pack somebody wants: an account has room for 250 texts before its business is verified (Meta: limits).
struct Wanted {
    /// The languages in which somebody is written to.
    languages: BTreeSet<Language>,
    /// Whether a policy wants pay buttons.
    pay_buttons: bool,
    /// Whether a policy wants invoices attached.
    pdfs: bool,
}

impl Wanted {
    async fn of(store: &Store, org: &OrgId) -> Result<Self, AppError> {
        let organisation = store.organisation(org).await?.language;
        let policies = store.policies(org).await?;
        let files = store.customer_files(org).await?;
        let of_policies = policies.all().filter_map(|policy| policy.language);
        let of_customers = files.values().filter_map(|file| file.language);
        Ok(Self {
            languages: [organisation].into_iter().chain(of_policies).chain(of_customers).collect(),
            pay_buttons: policies.all().any(|policy| policy.pay_link),
            pdfs: policies.all().any(|policy| policy.pdf),
        })
    }

    fn texts(&self) -> impl Iterator<Item = PackTemplate> {
        let texts = self.languages.iter().copied().flat_map(texts_in);
        texts.filter(|text| {
            let variant = text.variant;
            (self.pay_buttons || !variant.has_pay_button()) && (self.pdfs || !variant.has_pdf())
        })
    }
}

/// Has every account looked at, since other texts of the pack are wanted.
pub(crate) async fn look_again(store: &Store, org: &OrgId, now: Timestamp) -> Result<(), AppError> {
    let accounts: BTreeSet<WabaId> = store.senders(org).await?.into_iter().map(|sender| sender.waba).collect();
    for waba in accounts {
        store.mark_due_after_claim(org, &Work::CheckAccount { waba }, now, now).await?;
    }
    Ok(())
}

/// Has every account looked at that nobody looks at: those that were connected before there was such a look.
pub(crate) async fn look_at_all(
    store: &Store,
    org: &OrgId,
    accounts: &BTreeSet<WabaId>,
    now: Timestamp,
) -> Result<(), AppError> {
    for waba in accounts {
        let work = Work::CheckAccount { waba: waba.clone() };
        if store.due_since(org, &work).await?.is_none() {
            store.mark_due(org, &work, soon(now), now).await?;
        }
    }
    Ok(())
}

/// When an account is looked at next that was just connected, or about which something is to be decided.
pub(crate) fn soon(now: Timestamp) -> Timestamp {
    now.saturating_add(SOON).unwrap_or(now)
}

pub(crate) fn class(error: AccountError) -> AppError {
    match error {
        AccountError::Refused => AppError::ReauthRequired,
        AccountError::Unknown => AppError::Rejected("Meta does not know the account".to_owned()),
        AccountError::Rejected(code) => AppError::Rejected(format!("Meta code {code}")),
        AccountError::Unavailable(_) => AppError::Unavailable(Box::new(error)),
    }
}
