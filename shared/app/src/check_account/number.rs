//! How a number stands at Meta: asked by one call, and settled with what follows from it.

use std::collections::BTreeSet;

use jiff::Timestamp;
use numo_domain::{
    id::OrgId,
    restriction::Restriction,
    sender::{Sender, SenderStatus, Throughput},
    whatsapp_account::AccountTrouble,
};
use secrecy::SecretString;

use crate::{
    check_account::{DAILY, class, resume},
    error::AppError,
    job::Work,
    port::whatsapp::{AccountError, NumberInfo, SenderAccess, WhatsappAccount},
    store::{Store, task::TaskAbout},
};

/// How a number stands at Meta.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) status: SenderStatus,
    /// What keeps its account or business from sending, or from sending much.
    pub(super) troubles: BTreeSet<AccountTrouble>,
    verified_name: String,
    daily_limit: Option<u32>,
    is_on_biz_app: bool,
    throughput: Throughput,
    /// Since when messages are refused although Meta says that it can send.
    stopped_at: Option<Timestamp>,
    /// Meta's code for why they were.
    refused_for: Option<u32>,
    /// When Meta was asked.
    looked_at: Option<Timestamp>,
}

impl Standing {
    /// Asks Meta about a number, by one call.
    pub(crate) async fn ask(
        account: &dyn WhatsappAccount,
        sender: &Sender,
        token: &SecretString,
        now: Timestamp,
    ) -> Result<Self, AppError> {
        let access = SenderAccess { phone_number_id: sender.phone_number_id.clone(), token: token.clone() };
        let known = Self { looked_at: Some(now), ..Self::of(sender) };
        match account.number(&access).await {
            Ok(NumberInfo { can_send, verified_name, daily_limit, is_on_biz_app, throughput, troubles, .. }) => {
                let told = Self { verified_name, daily_limit, is_on_biz_app, throughput, troubles, ..known };
                // What the account may not do for a while is told once, and not known to be told when it is asked.
                let is_blocked = !can_send || restriction_of(sender, now).is_some();
                Ok(match is_blocked {
                    true => Self { status: SenderStatus::Blocked, refused_for: sender.stopped_for, ..told },
                    false if is_refused(sender, now) => {
                        Self { stopped_at: sender.stopped_at, refused_for: sender.stopped_for, ..told }
                    }
                    false => Self { status: SenderStatus::Ready, ..told },
                })
            }
            // It left the account.
            Err(AccountError::Unknown) => Ok(Self { status: SenderStatus::Blocked, ..known }),
            Err(AccountError::Refused) => Ok(Self { status: SenderStatus::ReauthRequired, ..known }),
            Err(error @ (AccountError::Rejected(_) | AccountError::Unavailable(_))) => Err(class(error)),
        }
    }

    /// How it stands if nothing opens its account.
    pub(super) fn without_token(sender: &Sender) -> Self {
        Self { status: SenderStatus::ReauthRequired, ..Self::of(sender) }
    }

    /// How it was known to stand, with Meta's own word for it.
    fn of(sender: &Sender) -> Self {
        Self {
            status: sender.status,
            troubles: BTreeSet::new(),
            verified_name: sender.verified_name.clone(),
            daily_limit: sender.daily_limit,
            is_on_biz_app: sender.is_on_biz_app,
            throughput: sender.throughput,
            stopped_at: None,
            refused_for: None,
            looked_at: sender.looked_at,
        }
    }

    /// Puts a number into the state that it has at Meta, with the owner's task.
    ///
    /// What follows from it is made due first, so that a look that dies in between is repeated in full.
    pub(crate) async fn settle(
        self,
        store: &Store,
        org: &OrgId,
        seen: &Sender,
        now: Timestamp,
    ) -> Result<(), AppError> {
        let task = TaskAbout::SenderBlocked(seen.phone_number_id.clone());
        if (seen.status, seen.daily_limit) != (self.status, self.daily_limit) {
            store.mark_due(org, &Work::PlanDay {}, now, now).await?;
        }
        match self.status {
            SenderStatus::Ready if seen.status == SenderStatus::Ready => {}
            SenderStatus::Ready => resume(store, org, now).await?,
            SenderStatus::Blocked | SenderStatus::ReauthRequired => store.open_task(org, task.clone(), now).await?,
        }
        let change = |sender: &mut Sender| {
            // Whoever stopped it meanwhile knows more than what was asked before.
            if (sender.status, sender.stopped_at) == (seen.status, seen.stopped_at) {
                (sender.status, sender.stopped_at) = (self.status, self.stopped_at);
                sender.stopped_for = self.stopped_for();
            }
            sender.daily_limit = self.daily_limit;
            (sender.is_on_biz_app, sender.throughput) = (self.is_on_biz_app, self.throughput);
            sender.restriction = restriction_of(sender, now);
            sender.verified_name.clone_from(&self.verified_name);
            sender.looked_at = self.looked_at;
        };
        store.change_sender(org, &seen.phone_number_id, now, change).await?;
        // Closed by how the number stands in the end, and by every look: one that was opened meanwhile would stay.
        let stands = store.senders(org).await?.into_iter().find(|known| known.phone_number_id == seen.phone_number_id);
        match stands {
            Some(Sender { status: SenderStatus::Ready, .. }) => store.close_task(org, &task).await,
            Some(_) | None => Ok(()),
        }
    }
}

impl Standing {
    /// Why it cannot send, where that is known: what a message was refused for, or what Meta complains of.
    fn stopped_for(&self) -> Option<u32> {
        match self.status {
            SenderStatus::Ready => None,
            SenderStatus::Blocked | SenderStatus::ReauthRequired => {
                self.refused_for.or_else(|| self.troubles.iter().map(|trouble| trouble.code()).next())
            }
        }
    }
}

/// Whether messages were refused lately though Meta says that the number can send: it does not count everything, and
/// every try costs a customer one of the few that a message has.
fn is_refused(sender: &Sender, now: Timestamp) -> bool {
    sender.stopped_at.is_some_and(|at| now.duration_since(at) < DAILY)
}

/// What the account may not do at a time.
fn restriction_of(sender: &Sender, now: Timestamp) -> Option<Restriction> {
    sender.restriction.filter(|restriction| restriction.is_in_force(now))
}
