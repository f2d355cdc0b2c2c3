//! What a person decides about a customer: each edit of the customer's file, checked and written down.

mod told;

use std::collections::BTreeSet;

use jiff::{Timestamp, ToSpan, civil::Date};
use numo_domain::{
    contact::{Contact, ContactRef},
    credit::CreditKind,
    customer_file::{CustomerFile, Dispute, Exclusion, Promise, PromisedBy, ReleasedCredit},
    id::{ActivityId, ExternalId, OrgId, PolicyId, UserId},
    invoice::Invoice,
    language::Language,
    policy::{
        PolicyState,
        audience::{Policies, balances},
    },
};
use serde::Deserialize;

use crate::{
    check_account::look_again,
    error::AppError,
    job::{Cause, Work},
    store::{
        activity::{Activity, Actor},
        task::TaskAbout,
    },
    wake::Waker,
};

/// One decision of a person.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "edit", deny_unknown_fields)]
pub enum CustomerEdit {
    /// No reminders until somebody lifts it.
    Exclude {
        /// Why.
        reason: String,
    },
    /// Reminders again; what is old by now is asked about first.
    Include {},
    /// No reminders before a date; nothing lifts it.
    Snooze {
        /// The first day on which one may go out.
        until: Option<Date>,
    },
    /// No reminder on one day; nothing lifts it.
    Hold {
        /// The plan's day.
        on: Option<Date>,
    },
    /// What is planned goes out on another day.
    Move {
        /// The day, or the next allowed one after it; nothing takes the move back.
        to: Option<Date>,
    },
    /// The language to write in.
    WriteIn {
        /// Which; nothing is the policy's, or the organisation's.
        language: Option<Language>,
    },
    /// The policy that applies to the customer, whatever groups the customer is in.
    ApplyPolicy {
        /// Which; nothing is the customer's own, the first group's, or the organisation's.
        policy: Option<PolicyId>,
    },
    /// Somebody read what the customer wrote, and looked at what was claimed.
    Handled {},
    /// The number is the customer's after all, whatever somebody wrote from it.
    ConfirmNumber {},
    /// The number is tried again, whatever did not arrive there; nothing goes out sooner for it.
    TryAgain {},
    /// The customer promised to pay, by another way than a message.
    Promise {
        /// On which day.
        date: Date,
        /// What it covers; nothing means everything that is open.
        #[serde(default)]
        invoices: BTreeSet<ExternalId>,
    },
    /// A promise does not count any more.
    WithdrawPromise {
        /// Its number in the file.
        number: u32,
    },
    /// The customer disputes an invoice.
    OpenDispute {
        /// Which.
        invoice: ExternalId,
        /// What it is about.
        reason: String,
    },
    /// A dispute is over.
    CloseDispute {
        /// About which invoice.
        invoice: ExternalId,
    },
    /// Money that nobody allocated is not for the open invoices.
    ReleaseCredit {
        /// What kind of money.
        kind: CreditKind,
        /// The ledger's id of it.
        id: ExternalId,
    },
}

/// Longest reason that is kept.
const MAX_REASON_CHARS: usize = 500;

/// A message is moved by at most so many days; a snooze holds for longer.
const MOVED_AT_MOST: i64 = 31;

/// Applies an edit, writes down who made it, and has the day planned anew.
pub async fn edit_customer(
    waker: &Waker,
    org: &OrgId,
    by: &UserId,
    contact: &ContactRef,
    edit: &CustomerEdit,
    now: Timestamp,
) -> Result<CustomerFile, AppError> {
    let store = &waker.store;
    let known = store.contact(org, contact).await?.ok_or(AppError::NotFound("customer"))?.value;
    let invoices = store.open_invoices_of(org, contact).await?;
    let open: BTreeSet<ExternalId> = invoices.iter().map(|invoice| invoice.id.clone()).collect();
    let today = store.organisation(org).await?.zone.date(now);
    check(edit, &store.customer_file(org, contact).await?, &open, today)?;
    let policies = if let CustomerEdit::ApplyPolicy { policy } = edit {
        Some(choice_among(store.policies(org).await?, policy.as_ref(), contact)?)
    } else {
        None
    };
    let change = |file: &mut CustomerFile| {
        let was_on = policies.as_ref().is_none_or(|policies| is_on(policies, &known, file, &invoices));
        apply(file, edit, &open, by, (now, today));
        // Whoever stayed silent by a policy that is off is begun with as after an exclusion.
        if !was_on && policies.as_ref().is_some_and(|policies| is_on(policies, &known, file, &invoices)) {
            file.included_since = Some(now);
        }
    };
    let file = store.change_customer_file(org, contact, now, change).await?;
    if edit.settles_replies() {
        // What was said of contacts whose invoices this one owes holds it as well.
        let payers = store.payers(org, contact.connection).await?;
        for other in payers.billed_to(&BTreeSet::from([contact.clone()])).iter().filter(|other| *other != contact) {
            store.change_customer_file(org, other, now, |file| apply(file, edit, &open, by, (now, today))).await?;
        }
    }
    if *edit == (CustomerEdit::Handled {}) {
        store.mark_read(org, contact, now, now).await?;
    }
    if *edit == (CustomerEdit::TryAgain {}) {
        store.close_task(org, &TaskAbout::UndeliveredTwice(contact.clone())).await?;
        store.close_task(org, &TaskAbout::NotOnWhatsapp(contact.clone())).await?;
    }
    let activity = Activity {
        at: now,
        actor: Actor::User(by.clone()),
        action: edit.action().to_owned(),
        detail: edit.told(contact),
    };
    store.record(org, ActivityId::new(waker.ids.uuid()), &activity).await?;
    if matches!(edit, CustomerEdit::WriteIn { .. } | CustomerEdit::ApplyPolicy { .. }) {
        look_again(store, org, now).await?;
    }
    waker.wake(org, &Work::PlanDay {}, Cause::Person, now).await?;
    Ok(file)
}

/// The policies, if the one that is chosen is among those that may be.
fn choice_among(policies: Policies, chosen: Option<&PolicyId>, contact: &ContactRef) -> Result<Policies, AppError> {
    match chosen.map(|id| policies.get(id)) {
        None => Ok(policies),
        Some(Some(policy)) if policy.may_be_chosen_for(contact) => Ok(policies),
        Some(Some(_)) => Err(AppError::invalid("policy", "it is a draft, or another customer's own".to_owned())),
        Some(None) => Err(AppError::invalid("policy", "there is no such policy".to_owned())),
    }
}

/// Whether the policy that applies to a customer is in force.
fn is_on(policies: &Policies, known: &Contact, file: &CustomerFile, open: &[Invoice]) -> bool {
    policies.for_contact(known, file.policy.as_ref(), || balances(open)).state == PolicyState::Active
}

/// What is wrong with an edit, by its field.
fn check(edit: &CustomerEdit, file: &CustomerFile, open: &BTreeSet<ExternalId>, today: Date) -> Result<(), AppError> {
    let wrong = |field: &'static str, what: &str| Err(AppError::invalid(field, what.to_owned()));
    match edit {
        CustomerEdit::Exclude { reason } | CustomerEdit::OpenDispute { reason, .. }
            if reason.trim().is_empty() || reason.chars().count() > MAX_REASON_CHARS =>
        {
            wrong("reason", "1 to 500 characters are needed")
        }
        CustomerEdit::Snooze { until: Some(date) } if *date <= today => wrong("until", "choose a later day than today"),
        CustomerEdit::Hold { on: Some(date) } if *date < today => wrong("on", "choose today or a later day"),
        CustomerEdit::Move { to: Some(date) }
            if *date <= today || *date > today.saturating_add(MOVED_AT_MOST.days()) =>
        {
            wrong("to", "choose one of the 31 days after today")
        }
        CustomerEdit::Promise { date, .. } if *date < today => wrong("date", "a promise is for today or a later day"),
        CustomerEdit::Promise { invoices, .. } if !invoices.is_subset(open) => {
            wrong("invoices", "a promise is about open invoices of this customer")
        }
        CustomerEdit::Promise { .. } if open.is_empty() => wrong("invoices", "the customer owes nothing"),
        CustomerEdit::WithdrawPromise { number } if !file.promises.iter().any(|p| p.number == *number) => {
            Err(AppError::NotFound("promise"))
        }
        CustomerEdit::OpenDispute { invoice, .. } if !open.contains(invoice) => {
            wrong("invoice", "a dispute is about an open invoice of this customer")
        }
        CustomerEdit::CloseDispute { invoice } if !file.disputes.contains_key(invoice) => {
            Err(AppError::NotFound("dispute"))
        }
        CustomerEdit::Exclude { .. }
        | CustomerEdit::Include {}
        | CustomerEdit::Snooze { .. }
        | CustomerEdit::Hold { .. }
        | CustomerEdit::Move { .. }
        | CustomerEdit::WriteIn { .. }
        | CustomerEdit::ApplyPolicy { .. }
        | CustomerEdit::Handled {}
        | CustomerEdit::ConfirmNumber {}
        | CustomerEdit::TryAgain {}
        | CustomerEdit::Promise { .. }
        | CustomerEdit::WithdrawPromise { .. }
        | CustomerEdit::OpenDispute { .. }
        | CustomerEdit::CloseDispute { .. }
        | CustomerEdit::ReleaseCredit { .. } => Ok(()),
    }
}

fn apply(
    file: &mut CustomerFile,
    edit: &CustomerEdit,
    open: &BTreeSet<ExternalId>,
    by: &UserId,
    (now, today): (Timestamp, Date),
) {
    match edit {
        CustomerEdit::Exclude { reason } => {
            let exclusion = || Exclusion { since: now, by: by.clone(), reason: reason.trim().to_owned() };
            file.exclusion.get_or_insert_with(exclusion);
        }
        CustomerEdit::Include {} => {
            if file.exclusion.take().is_some() {
                file.included_since = Some(now);
            }
        }
        CustomerEdit::Snooze { until } => file.snoozed_until = *until,
        CustomerEdit::Hold { on } => file.held_on = *on,
        CustomerEdit::Move { to } => file.moved_to = *to,
        CustomerEdit::WriteIn { language } => file.write_in(*language),
        CustomerEdit::ApplyPolicy { policy } => file.policy.clone_from(policy),
        CustomerEdit::Handled {} => {
            file.unread_since = None;
            file.last_unread_at = None;
            file.paid_claim = None;
            file.released_at = Some(now);
        }
        CustomerEdit::ConfirmNumber {} => file.unlinked.clear(),
        CustomerEdit::TryAgain {} => file.tried_again_on = Some(today),
        CustomerEdit::Promise { date, invoices } => {
            let invoices = if invoices.is_empty() { open.clone() } else { invoices.clone() };
            let (number, by) = (file.next_promise(), PromisedBy::Member(by.clone()));
            file.promises.push(Promise { number, date: *date, invoices, made_at: now, by, is_withdrawn: false });
        }
        CustomerEdit::WithdrawPromise { number } => {
            let promise = file.promises.iter_mut().find(|promise| promise.number == *number);
            promise.into_iter().for_each(|promise| promise.is_withdrawn = true);
        }
        CustomerEdit::OpenDispute { invoice, reason } => {
            let dispute = || Dispute { since: now, by: by.clone(), reason: reason.trim().to_owned() };
            file.disputes.entry(invoice.clone()).or_insert_with(dispute);
        }
        CustomerEdit::CloseDispute { invoice } => {
            file.disputes.remove(invoice);
            file.released_at = Some(now);
        }
        CustomerEdit::ReleaseCredit { kind, id } => {
            if !file.released.iter().any(|released| released.kind == *kind && released.id == *id) {
                file.released.push(ReleasedCredit { kind: *kind, id: id.clone(), by: by.clone(), at: now });
                file.released_at = Some(now);
            }
        }
    }
}

impl CustomerEdit {
    /// Whether every member may decide it; everything else is for admins.
    pub const fn is_for_members(&self) -> bool {
        match self {
            Self::Snooze { .. }
            | Self::Promise { .. }
            | Self::WithdrawPromise { .. }
            | Self::OpenDispute { .. }
            | Self::CloseDispute { .. } => true,
            Self::Exclude { .. }
            | Self::Include {}
            | Self::Hold { .. }
            | Self::Move { .. }
            | Self::WriteIn { .. }
            | Self::ApplyPolicy { .. }
            | Self::Handled {}
            | Self::ConfirmNumber {}
            | Self::TryAgain {}
            | Self::ReleaseCredit { .. } => false,
        }
    }

    /// Whether it ends what a customer's own words, or lost messages, began.
    const fn settles_replies(&self) -> bool {
        matches!(self, Self::Handled {} | Self::ConfirmNumber {} | Self::TryAgain {})
    }
}
