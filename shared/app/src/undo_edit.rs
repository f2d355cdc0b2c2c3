//! Taking back a decision about a customer: what the file said before it says again.

use jiff::{Timestamp, civil::Date};
use numo_domain::{
    contact::ContactRef,
    customer_file::{CustomerFile, Dispute, Exclusion, HeardIn},
    id::{ActivityId, ExternalId, OrgId, PolicyId, UserId},
    language::Language,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    edit_customer::CustomerEdit,
    error::AppError,
    job::{Cause, Work},
    store::{
        activity::{Activity, Actor},
        expected::Subject,
    },
    wake::Waker,
};

/// What a decision found in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Before {
    /// Whether the customer was left out, and when that was lifted last.
    Exclusion {
        /// Left out then.
        exclusion: Option<Exclusion>,
        /// Lifted then.
        included_since: Option<Timestamp>,
    },
    /// The first day on which one might go out.
    Snooze(Option<Date>),
    /// The day on which nothing went out.
    Hold(Option<Date>),
    /// The day to which it was moved.
    Move(Option<Date>),
    /// The language that was chosen, and the one that had been heard.
    Language {
        /// Chosen then.
        language: Option<Language>,
        /// Heard then, as far as nobody had answered it by a choice.
        heard_in: Option<HeardIn>,
    },
    /// Old invoices about which nobody had decided.
    Backlog(Vec<ExternalId>),
    /// The policy that was chosen, and when the customer was begun with again last.
    Policy {
        /// Chosen then.
        policy: Option<PolicyId>,
        /// Begun with again then.
        included_since: Option<Timestamp>,
    },
    /// Whether a promise had been taken back; one that was not there yet is taken back by an undo.
    Promise {
        /// Its number in the file.
        number: u32,
        /// Whether it did not count.
        is_withdrawn: bool,
    },
    /// Whether an invoice was disputed.
    Dispute {
        /// Which.
        invoice: ExternalId,
        /// The dispute, if there was one.
        dispute: Option<Dispute>,
        /// When a person had ended a hold last.
        released_at: Option<Timestamp>,
    },
}

impl Before {
    /// What an edit will find; none for one that nothing takes back.
    pub fn of(edit: &CustomerEdit, file: &CustomerFile) -> Option<Self> {
        let dispute = |invoice: &ExternalId| Self::Dispute {
            invoice: invoice.clone(),
            dispute: file.disputes.get(invoice).cloned(),
            released_at: file.released_at,
        };
        match edit {
            CustomerEdit::Exclude { .. } | CustomerEdit::Include {} => {
                let CustomerFile { exclusion, included_since, .. } = file;
                Some(Self::Exclusion { exclusion: exclusion.clone(), included_since: *included_since })
            }
            CustomerEdit::Snooze { .. } => Some(Self::Snooze(file.snoozed_until)),
            CustomerEdit::Hold { .. } => Some(Self::Hold(file.held_on)),
            CustomerEdit::Move { .. } => Some(Self::Move(file.moved_to)),
            CustomerEdit::Promise { .. } => Some(Self::Promise { number: file.next_promise(), is_withdrawn: true }),
            CustomerEdit::WithdrawPromise { number } => Some(Self::Promise { number: *number, is_withdrawn: false }),
            CustomerEdit::OpenDispute { invoice, .. } | CustomerEdit::CloseDispute { invoice } => {
                Some(dispute(invoice))
            }
            CustomerEdit::WriteIn { .. } => Some(Self::Language { language: file.language, heard_in: file.heard_in }),
            CustomerEdit::ApplyPolicy { .. } => {
                Some(Self::Policy { policy: file.policy.clone(), included_since: file.included_since })
            }
            // What was read stays read, and what a number was cleared of may have gone out since.
            CustomerEdit::Handled {}
            | CustomerEdit::ConfirmNumber {}
            | CustomerEdit::TryAgain {}
            | CustomerEdit::ReleaseCredit { .. } => None,
        }
    }

    /// Whether every member may take it back, as every member may decide it.
    pub const fn is_for_members(&self) -> bool {
        match self {
            Self::Snooze(_) | Self::Promise { .. } | Self::Dispute { .. } => true,
            Self::Exclusion { .. }
            | Self::Hold(_)
            | Self::Move(_)
            | Self::Language { .. }
            | Self::Policy { .. }
            | Self::Backlog(_) => false,
        }
    }

    fn restore(&self, file: &mut CustomerFile) {
        match self.clone() {
            Self::Exclusion { exclusion, included_since } => {
                (file.exclusion, file.included_since) = (exclusion, included_since);
            }
            Self::Snooze(until) => file.snoozed_until = until,
            Self::Hold(on) => file.held_on = on,
            Self::Move(to) => file.moved_to = to,
            Self::Language { language, heard_in } => (file.language, file.heard_in) = (language, heard_in),
            Self::Backlog(invoices) => file.backlog.retain(|invoice, _| !invoices.contains(invoice)),
            Self::Policy { policy, included_since } => (file.policy, file.included_since) = (policy, included_since),
            Self::Promise { number, is_withdrawn } => {
                let promise = file.promises.iter_mut().find(|promise| promise.number == number);
                promise.into_iter().for_each(|promise| promise.is_withdrawn = is_withdrawn);
            }
            Self::Dispute { invoice, dispute, released_at } => {
                file.released_at = released_at;
                match dispute {
                    Some(dispute) => drop(file.disputes.insert(invoice, dispute)),
                    None => drop(file.disputes.remove(&invoice)),
                }
            }
        }
    }

    /// The name in the activity log of what is taken back.
    const fn name(&self) -> &'static str {
        match self {
            Self::Exclusion { .. } => "exclusion",
            Self::Snooze(_) => "snooze",
            Self::Hold(_) => "hold",
            Self::Move(_) => "move",
            Self::Language { .. } => "language",
            Self::Backlog(_) => "backlog",
            Self::Policy { .. } => "policy",
            Self::Promise { .. } => "promise",
            Self::Dispute { .. } => "dispute",
        }
    }
}

/// Restores what was there before a decision, over the revision that the decision left and over no other.
///
/// Whoever changed the file since is not undone: [`AppError::Stale`].
pub async fn undo_edit(
    waker: &Waker,
    (org, by): (&OrgId, &UserId),
    (contact, revision): (&ContactRef, u64),
    before: &Before,
    now: Timestamp,
) -> Result<(), AppError> {
    let store = waker.store.expecting(org, Subject::CustomerFile(contact), vec![revision]);
    store.change_customer_file(org, contact, now, |file| before.restore(file)).await?;
    let detail = json!({"connection": contact.connection, "contact": contact.contact, "what": before.name()});
    let activity = Activity { at: now, actor: Actor::User(by.clone()), action: "customer.undone".to_owned(), detail };
    store.record(org, ActivityId::new(waker.ids.uuid()), &activity).await?;
    waker.wake(org, &Work::PlanDay {}, Cause::Person, now).await
}
