//! Several organisations of one person at a glance: how each of them stands, in numbers alone.

use std::collections::BTreeMap;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use jiff::{Timestamp, ToSpan};
use numo_domain::{id::OrgId, plan::reason::SkipCode};

use crate::{
    error::AppError,
    port::session::Role,
    store::{
        Store,
        plan::PlanHeader,
        task::{Task, TaskAbout},
    },
};

/// An organisation that somebody looks after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Which.
    pub org: OrgId,
    /// What it calls itself; empty until it has said so.
    pub name: String,
    /// What the person may do there.
    pub role: Role,
    /// Whether nothing goes out, since somebody paused everything.
    pub is_paused: bool,
    /// What waits for a person.
    pub open: Open,
    /// Messages of today's and tomorrow's plans that wait for an approval.
    pub approvals: usize,
    /// Messages of customers that nobody has read.
    pub unread: u32,
    /// The plan of the organisation's present day; none until it is made.
    pub today: Option<Today>,
}

/// Open tasks by what they are about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Open {
    /// Ledgers that cannot be read, or will not be soon.
    pub ledgers: usize,
    /// WhatsApp: accounts, numbers and texts.
    pub whatsapp: usize,
    /// Customers whom somebody has to look after.
    pub customers: usize,
    /// Everything else: outcomes that nobody knows, cost, days that do not add up.
    pub other: usize,
}

/// What goes out on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Today {
    /// Messages.
    pub sends: usize,
    /// Customers who get none.
    pub skips: usize,
    /// Where nothing goes out at all: for how many customers a reason is the most important one, most customers first.
    pub nothing_because: Vec<(SkipCode, usize)>,
}

/// Organisations that are looked at side by side; each is some reads of the table.
const AT_ONCE: usize = 8;

/// How organisations stand, without those that nobody ever opened.
///
/// Whether the person belongs to them is the caller's to know: Clerk says so at the moment.
pub async fn clients(store: &Store, orgs: &[(OrgId, Role)], now: Timestamp) -> Result<Vec<Client>, AppError> {
    let looks: Vec<_> = orgs.iter().map(|(org, role)| client(store, org, *role, now)).collect();
    let found: Vec<Option<Client>> = stream::iter(looks).buffered(AT_ONCE).try_collect().await?;
    Ok(found.into_iter().flatten().collect())
}

async fn client(store: &Store, org: &OrgId, role: Role, now: Timestamp) -> Result<Option<Client>, AppError> {
    let Some(organisation) = store.known_organisation(org).await? else { return Ok(None) };
    let today = organisation.zone.date(now);
    let plans = store.plan_headers(org, (today, today.saturating_add(1.day()))).await?;
    let plans: BTreeMap<_, PlanHeader> = plans.into_iter().map(|(date, seen)| (date, seen.value)).collect();
    let waits = plans.values().filter(|plan| !plan.approval.is_given());
    let unread = store.conversations(org).await?.iter().fold(0_u32, |sum, talk| sum.saturating_add(talk.unread));
    Ok(Some(Client {
        org: org.clone(),
        is_paused: organisation.is_paused(now),
        name: organisation.name,
        role,
        open: Open::of(&store.tasks(org).await?),
        approvals: waits.map(|plan| plan.sends).sum(),
        unread,
        today: plans.get(&today).map(Today::of),
    }))
}

impl Open {
    fn of(tasks: &[Task]) -> Self {
        tasks.iter().fold(Self::default(), |mut open, task| {
            *match task.about {
                TaskAbout::ReconnectLedger(_)
                | TaskAbout::LedgerSuspended(_)
                | TaskAbout::ConsentEnds(_)
                | TaskAbout::LedgerUnreadable(_) => &mut open.ledgers,
                TaskAbout::SenderBlocked(_)
                | TaskAbout::TextUnusable { .. }
                | TaskAbout::AccountNotice { .. }
                | TaskAbout::ReconnectWhatsapp(_)
                | TaskAbout::WhatsappAccessEnds(_)
                | TaskAbout::WhatsappNumberMissing(_)
                | TaskAbout::WhatsappSignupUnfinished(_)
                | TaskAbout::WhatsappTrouble { .. } => &mut open.whatsapp,
                TaskAbout::SequenceFinished(_)
                | TaskAbout::UndeliveredTwice(_)
                | TaskAbout::NotOnWhatsapp(_)
                | TaskAbout::WrongNumber(_)
                | TaskAbout::ReplyUnanswered { .. } => &mut open.customers,
                TaskAbout::OutcomeUnknown(_) | TaskAbout::CostCapReached(_) | TaskAbout::DayNotAccounted(_) => {
                    &mut open.other
                }
            } += 1;
            open
        })
    }
}

impl Today {
    /// Of the plan of a day; the reasons are told where nothing goes out.
    pub fn of(plan: &PlanHeader) -> Self {
        let because = if plan.sends == 0 { plan.silent_because.clone() } else { BTreeMap::new() };
        let mut nothing_because: Vec<(SkipCode, usize)> = because.into_iter().collect();
        // Codes stand in the order of their importance, which decides between equals.
        nothing_because.sort_by_key(|(_, customers)| std::cmp::Reverse(*customers));
        Self { sends: plan.sends, skips: plan.skips, nothing_because }
    }
}
