//! Tasks: what only a person can settle.

use std::collections::BTreeSet;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use jiff::{SignedDuration, Timestamp, civil::Date};
use numo_domain::{
    contact::ContactRef,
    id::{AttemptId, ConnectionId, OrgId, PhoneNumberId, WabaId},
    notice::{Notice, NoticeKind},
    plan::owner::{OwnerTask, OwnerTasks},
    reminder::TemplateRef,
    template::WhyUnusable,
    whatsapp_account::AccountTrouble,
};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    job::Work,
    port::table::{Order, Source, Write, Written},
    store::{
        Entity, RACES, Replaced, Store, Stored, decode, keys, lost_races, new_item, next_item,
        part::{Part, Parted},
    },
};

/// Something a person has to look at; one per kind and subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Task {
    /// What about.
    #[serde(flatten)]
    pub about: TaskAbout,
    /// Since when.
    pub since: Timestamp,
    /// When somebody was mailed about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mailed_at: Option<Timestamp>,
}

/// What a task is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "kind", content = "subject")]
pub enum TaskAbout {
    /// Nobody knows whether a message went out.
    OutcomeUnknown(AttemptId),
    /// A ledger has to be connected again.
    ReconnectLedger(ConnectionId),
    /// The provider does not serve a ledger now, because its subscription ended, say.
    LedgerSuspended(ConnectionId),
    /// The consent behind a ledger ends soon, whatever is done but a new consent.
    ConsentEnds(ConnectionId),
    /// A WhatsApp number cannot send.
    SenderBlocked(PhoneNumberId),
    /// A text of an account is not used any more.
    TextUnusable {
        /// The account.
        waba: WabaId,
        /// The text.
        template: TemplateRef,
        /// Why.
        why: WhyUnusable,
    },
    /// Meta told something about an account that a person should know, until somebody has seen it.
    AccountNotice {
        /// The account.
        waba: WabaId,
        /// What.
        notice: Notice,
    },
    /// A WhatsApp account has to be connected again.
    ReconnectWhatsapp(WabaId),
    /// The access to a WhatsApp account ends soon, and only a new sign-up renews it.
    WhatsappAccessEnds(WabaId),
    /// A WhatsApp account has no number yet.
    WhatsappNumberMissing(WabaId),
    /// A WhatsApp account has a number, and none is connected: the sign-up is to be finished.
    WhatsappSignupUnfinished(WabaId),
    /// Something at Meta keeps a WhatsApp account from sending, or from sending much.
    WhatsappTrouble {
        /// Which account.
        waba: WabaId,
        /// What.
        trouble: AccountTrouble,
    },
    /// A ledger was not read for hours, and reminders of its customers rest.
    LedgerUnreadable(ConnectionId),
    /// No step is left for what a customer owes.
    SequenceFinished(ContactRef),
    /// Two messages in a row did not arrive at a customer's number; the sequence stands still.
    UndeliveredTwice(ContactRef),
    /// A customer's number is not on WhatsApp.
    NotOnWhatsapp(ContactRef),
    /// Whoever has a customer's number wrote that it is the wrong one.
    WrongNumber(ContactRef),
    /// What a customer wrote holds the reminders, and nobody looked at it for days.
    ReplyUnanswered {
        /// Whose.
        customer: ContactRef,
        /// For how many business days at least.
        business_days: u8,
    },
    /// The cost cap of the month that begins on a day leaves no room for some messages.
    CostCapReached(Date),
    /// The messages of a day do not add up: one was lost, or one went out that was not planned.
    DayNotAccounted(Date),
}

impl From<OwnerTask> for TaskAbout {
    fn from(task: OwnerTask) -> Self {
        match task {
            OwnerTask::SequenceFinished(customer) => Self::SequenceFinished(customer),
            OwnerTask::UndeliveredTwice(customer) => Self::UndeliveredTwice(customer),
            OwnerTask::NotOnWhatsapp(customer) => Self::NotOnWhatsapp(customer),
            OwnerTask::WrongNumber(customer) => Self::WrongNumber(customer),
            OwnerTask::ReplyUnanswered { customer, business_days } => Self::ReplyUnanswered { customer, business_days },
            OwnerTask::CostCapReached { month } => Self::CostCapReached(month),
        }
    }
}

impl TaskAbout {
    fn parts(&self) -> (&'static str, String) {
        match self {
            Self::OutcomeUnknown(attempt) => ("OUTCOME_UNKNOWN", attempt.to_string()),
            Self::ReconnectLedger(connection) => ("RECONNECT_LEDGER", connection.to_string()),
            Self::LedgerSuspended(connection) => ("LEDGER_SUSPENDED", connection.to_string()),
            Self::ConsentEnds(connection) => ("CONSENT_ENDS", connection.to_string()),
            Self::SenderBlocked(sender) => ("SENDER_BLOCKED", sender.to_string()),
            Self::AccountNotice { waba, notice } => ("ACCOUNT_NOTICE", format!("{waba}#{notice}")),
            // One at a time for each text, whatever the cause.
            Self::TextUnusable { waba, template, .. } => {
                ("TEXT_UNUSABLE", format!("{waba}#{}#{}", template.name, template.language))
            }
            Self::ReconnectWhatsapp(waba) => ("RECONNECT_WHATSAPP", waba.to_string()),
            Self::WhatsappAccessEnds(waba) => ("WHATSAPP_ACCESS_ENDS", waba.to_string()),
            Self::WhatsappNumberMissing(waba) => ("WHATSAPP_NUMBER_MISSING", waba.to_string()),
            Self::WhatsappSignupUnfinished(waba) => ("WHATSAPP_SIGNUP_UNFINISHED", waba.to_string()),
            Self::WhatsappTrouble { waba, trouble } => ("WHATSAPP_TROUBLE", format!("{waba}#{}", trouble.as_str())),
            Self::LedgerUnreadable(connection) => ("LEDGER_UNREADABLE", connection.to_string()),
            Self::SequenceFinished(customer) => ("SEQUENCE_FINISHED", keys::of_contact(customer)),
            Self::UndeliveredTwice(customer) => ("UNDELIVERED_TWICE", keys::of_contact(customer)),
            Self::NotOnWhatsapp(customer) => ("NOT_ON_WHATSAPP", keys::of_contact(customer)),
            Self::WrongNumber(customer) => ("WRONG_NUMBER", keys::of_contact(customer)),
            Self::ReplyUnanswered { customer, business_days } => {
                ("REPLY_UNANSWERED", format!("{}#{business_days}", keys::of_contact(customer)))
            }
            Self::CostCapReached(month) => ("COST_CAP_REACHED", month.to_string()),
            Self::DayNotAccounted(date) => ("DAY_NOT_ACCOUNTED", date.to_string()),
        }
    }

    /// Whether it is told at once: something stops, or somebody else may be at work, and waiting makes it worse.
    pub const fn is_told_at_once(&self) -> bool {
        match self {
            Self::ReconnectLedger(_)
            | Self::LedgerSuspended(_)
            | Self::LedgerUnreadable(_)
            | Self::SenderBlocked(_)
            | Self::TextUnusable { .. }
            | Self::ReconnectWhatsapp(_) => true,
            Self::WhatsappTrouble { trouble, .. } => match trouble {
                AccountTrouble::Payment | AccountTrouble::Banned => true,
                AccountTrouble::Verification => false,
            },
            Self::AccountNotice { notice, .. } => match notice.what {
                NoticeKind::Violation
                | NoticeKind::DisableScheduled
                | NoticeKind::ReviewRejected
                | NoticeKind::PinChanged
                | NoticeKind::PinReset => true,
                NoticeKind::AnswersRestricted
                | NoticeKind::NumbersRestricted
                | NoticeKind::NameDeclined
                | NoticeKind::QualityLow
                | NoticeKind::TextBecomesMarketing
                | NoticeKind::BilledInOtherCategory
                | NoticeKind::LimitNotRaised
                | NoticeKind::OfficialStatus
                | NoticeKind::PictureLost
                | NoticeKind::TextNotTaken
                | NoticeKind::OtherAlert => false,
            },
            Self::OutcomeUnknown(_)
            | Self::UndeliveredTwice(_)
            | Self::NotOnWhatsapp(_)
            | Self::ConsentEnds(_)
            | Self::WhatsappAccessEnds(_)
            | Self::WhatsappNumberMissing(_)
            | Self::WhatsappSignupUnfinished(_)
            | Self::SequenceFinished(_)
            | Self::WrongNumber(_)
            | Self::ReplyUnanswered { .. }
            | Self::CostCapReached(_)
            | Self::DayNotAccounted(_) => false,
        }
    }

    /// The customer that it is about, if it is about one.
    pub const fn customer(&self) -> Option<&ContactRef> {
        match self {
            Self::SequenceFinished(customer)
            | Self::UndeliveredTwice(customer)
            | Self::NotOnWhatsapp(customer)
            | Self::WrongNumber(customer)
            | Self::ReplyUnanswered { customer, .. } => Some(customer),
            Self::OutcomeUnknown(_)
            | Self::ReconnectLedger(_)
            | Self::LedgerSuspended(_)
            | Self::ConsentEnds(_)
            | Self::SenderBlocked(_)
            | Self::TextUnusable { .. }
            | Self::AccountNotice { .. }
            | Self::ReconnectWhatsapp(_)
            | Self::WhatsappAccessEnds(_)
            | Self::WhatsappNumberMissing(_)
            | Self::WhatsappSignupUnfinished(_)
            | Self::WhatsappTrouble { .. }
            | Self::LedgerUnreadable(_)
            | Self::CostCapReached(_)
            | Self::DayNotAccounted(_) => None,
        }
    }

    /// The WhatsApp account that it is about, if it is about one.
    pub const fn account(&self) -> Option<&WabaId> {
        match self {
            Self::TextUnusable { waba, .. }
            | Self::AccountNotice { waba, .. }
            | Self::ReconnectWhatsapp(waba)
            | Self::WhatsappAccessEnds(waba)
            | Self::WhatsappNumberMissing(waba)
            | Self::WhatsappSignupUnfinished(waba)
            | Self::WhatsappTrouble { waba, .. } => Some(waba),
            Self::OutcomeUnknown(_)
            | Self::ReconnectLedger(_)
            | Self::LedgerSuspended(_)
            | Self::ConsentEnds(_)
            | Self::SenderBlocked(_)
            | Self::LedgerUnreadable(_)
            | Self::SequenceFinished(_)
            | Self::UndeliveredTwice(_)
            | Self::NotOnWhatsapp(_)
            | Self::WrongNumber(_)
            | Self::ReplyUnanswered { .. }
            | Self::CostCapReached(_)
            | Self::DayNotAccounted(_) => None,
        }
    }

    /// What it is to the planner, if it follows from a plan and is closed by one.
    fn of_plans(self) -> Option<OwnerTask> {
        match self {
            Self::SequenceFinished(customer) => Some(OwnerTask::SequenceFinished(customer)),
            Self::UndeliveredTwice(customer) => Some(OwnerTask::UndeliveredTwice(customer)),
            Self::NotOnWhatsapp(customer) => Some(OwnerTask::NotOnWhatsapp(customer)),
            Self::WrongNumber(customer) => Some(OwnerTask::WrongNumber(customer)),
            Self::ReplyUnanswered { customer, business_days } => {
                Some(OwnerTask::ReplyUnanswered { customer, business_days })
            }
            Self::CostCapReached(month) => Some(OwnerTask::CostCapReached { month }),
            Self::OutcomeUnknown(_)
            | Self::ReconnectLedger(_)
            | Self::LedgerSuspended(_)
            | Self::ConsentEnds(_)
            | Self::SenderBlocked(_)
            | Self::TextUnusable { .. }
            | Self::AccountNotice { .. }
            | Self::ReconnectWhatsapp(_)
            | Self::WhatsappAccessEnds(_)
            | Self::WhatsappNumberMissing(_)
            | Self::WhatsappSignupUnfinished(_)
            | Self::WhatsappTrouble { .. }
            | Self::LedgerUnreadable(_)
            | Self::DayNotAccounted(_) => None,
        }
    }
}

/// What opens within so long is told together.
pub(crate) const TOLD_AFTER: SignedDuration = SignedDuration::from_mins(1);

/// The write that notes that somebody is mailed about a task, for use inside a transaction.
pub(crate) fn mailed_write(org: &OrgId, task: &Stored<Task>, now: Timestamp) -> Result<Write, AppError> {
    let (kind, subject) = task.value.about.parts();
    let mailed = Task { mailed_at: Some(now), ..task.value.clone() };
    Ok(Write::Replace(next_item(keys::task(org, kind, &subject), task, &mailed, now)?))
}

/// Tasks opened or closed at once.
const TASKS_AT_ONCE: usize = 8;

impl Entity for Task {
    const ENTITY: &'static str = "task";
}

impl Store {
    /// Opens a task, unless it is open already, and has it told at once if it is such a one.
    pub async fn open_task(&self, org: &OrgId, about: TaskAbout, now: Timestamp) -> Result<(), AppError> {
        let (kind, subject) = about.parts();
        let (key, is_urgent) = (keys::task(org, kind, &subject), about.is_told_at_once());
        let task = Task { about, since: now, mailed_at: None };
        let is_told = match self.table.write(Write::Create(new_item(key, &task, now)?)).await? {
            Written::Done => {
                // Operators see what stands still, whoever it is about.
                tracing::info!(metric = "task_opened", outcome = kind.to_ascii_lowercase(), "a task is open");
                false
            }
            // Whoever opened it may have died before it could be told.
            Written::Refused(refusals) => match refusals.into_iter().find_map(|refusal| refusal.existing) {
                Some(open) => decode::<Task>(open)?.value.mailed_at.is_some(),
                None => true,
            },
        };
        if is_urgent && !is_told {
            let at = now.saturating_add(TOLD_AFTER).unwrap_or(now);
            self.mark_due_after_claim(org, &Work::MailOwner {}, at, now).await?;
        }
        Ok(())
    }

    /// Has an open task told once more, unless it was settled or told since it was seen; whether it is.
    pub(crate) async fn tell_again(&self, org: &OrgId, task: &Stored<Task>, now: Timestamp) -> Result<bool, AppError> {
        let (kind, subject) = task.value.about.parts();
        let untold = Task { mailed_at: None, ..task.value.clone() };
        if self.replace(keys::task(org, kind, &subject), task, &untold, now).await? == Replaced::Raced {
            return Ok(false);
        }
        self.mark_due_after_claim(org, &Work::MailOwner {}, now, now).await?;
        Ok(true)
    }

    /// All open tasks, as they were seen.
    pub(crate) async fn seen_tasks(&self, org: &OrgId) -> Result<Vec<Stored<Task>>, AppError> {
        self.list(Source::Table(keys::org_partition(org)), keys::TASKS.to_owned()).await
    }

    /// Closes a task that the world settled by itself, even if somebody notes meanwhile that it was told of.
    pub async fn close_task(&self, org: &OrgId, about: &TaskAbout) -> Result<(), AppError> {
        let (kind, subject) = about.parts();
        let key = keys::task(org, kind, &subject);
        let mut opened_at = None;
        for _ in 0..RACES {
            let Some(task) = self.read::<Task>(&key).await? else { return Ok(()) };
            // Whoever opened it anew knows more.
            let is_another = opened_at.replace(task.created_at).is_some_and(|before| before != task.created_at);
            if is_another || self.remove(key.clone(), &task).await? == Replaced::Replaced {
                return Ok(());
            }
        }
        Err(lost_races())
    }

    /// Opens what a plan leaves to the owner, and closes what an earlier one left and is settled now.
    pub async fn settle_plan_tasks(&self, org: &OrgId, tasks: &OwnerTasks, now: Timestamp) -> Result<(), AppError> {
        let open: BTreeSet<OwnerTask> =
            self.tasks(org).await?.into_iter().filter_map(|task| task.about.of_plans()).collect();
        // Built one by one: a closure over borrowed tasks would not be general enough for a spawned caller.
        let is_settled = |task: &OwnerTask| !tasks.told.contains(task) && !tasks.kept.contains(task);
        let settled: Vec<TaskAbout> = open.iter().filter(|task| is_settled(task)).cloned().map(Into::into).collect();
        let (mut closes, mut opens) = (Vec::new(), Vec::new());
        for about in &settled {
            closes.push(self.close_task(org, about));
        }
        for told in tasks.told.difference(&open) {
            opens.push(self.open_task(org, told.clone().into(), now));
        }
        stream::iter(closes).buffer_unordered(TASKS_AT_ONCE).try_collect::<()>().await?;
        stream::iter(opens).buffer_unordered(TASKS_AT_ONCE).try_collect::<()>().await
    }

    /// Open tasks, part by part, in the order of their kinds.
    pub async fn tasks_part(&self, org: &OrgId, part: &Part) -> Result<Parted<Task>, AppError> {
        self.list_part(keys::org_partition(org), keys::TASKS.to_owned(), Order::Ascending, part).await
    }

    /// All open tasks.
    pub async fn tasks(&self, org: &OrgId) -> Result<Vec<Task>, AppError> {
        Ok(self.seen_tasks(org).await?.into_iter().map(|stored| stored.value).collect())
    }
}
