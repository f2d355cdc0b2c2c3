//! What is told at once: something that stops, and replies that a person should see today.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp, civil::Date};
use numo_domain::contact::ContactRef;

use crate::{
    error::AppError,
    mail_owner::{
        Round,
        readers::{Everybody, recipients},
        words,
    },
    store::{
        RACES, Stored, lost_races,
        mail::{
            AlertsOfDay, Claim, Delivery, MailBook, MailKind, OwnerMail, REPLIES_TOLD_AFTER, ReplySays, ReplyToTell,
        },
        task::{TOLD_AFTER, Task},
    },
};

/// Between two mails about replies.
const REPLIES_APART: SignedDuration = SignedDuration::from_hours(1);

/// Alerts of a day about something that is wrong, and about replies; what is left is in the digest.
const FAULTS_PER_DAY: u32 = 8;
const REPLIES_PER_DAY: u32 = 6;

/// What one mail tells at most: its claim is one transaction.
const MOST_TASKS: usize = 40;
const MOST_REPLIES: usize = 50;

/// What was not told yet.
#[derive(Debug)]
struct News {
    tasks: Vec<Stored<Task>>,
    replies: Vec<Stored<ReplyToTell>>,
}

/// Claims the alert that is to be sent by now, if there is one; when to look again.
pub(super) async fn claim(round: &Round<'_>, everybody: &mut Everybody<'_>) -> Result<Option<Timestamp>, AppError> {
    let (store, org, now) = (round.store, round.org(), round.now);
    let today = round.organisation.zone.date(now);
    for _ in 0..RACES {
        let seen = store.mail_book(org).await?;
        let book = seen.as_ref().map(|seen| seen.value.clone()).unwrap_or_default();
        let mut tasks = store.seen_tasks(org).await?;
        tasks.retain(|task| task.value.about.is_told_at_once() && task.value.mailed_at.is_none());
        let news = News { tasks, replies: store.replies_to_tell(org).await? };
        let news = match ready(&book, news, today, now) {
            Ok(news) => news,
            Err(next) => return Ok(next),
        };
        let customers = customers(round, &news.replies).await?;
        let has_news = !news.tasks.is_empty() || !customers.is_empty();
        let (mail, book) = if has_news {
            let Some(readers) = everybody.ask().await else { return Ok(Some(round.again_at())) };
            let to = recipients(readers, round.settings, MailKind::Alert);
            if to.is_empty() {
                tracing::warn!(org = %org, "nobody can be written to");
                return Ok(None);
            }
            let text = words::alert(round, &news.tasks, &customers).await?;
            let to = to.into_iter().map(|user| (user, Delivery::Waiting(0))).collect();
            let counted = counted(book, (!news.tasks.is_empty(), !customers.is_empty()), today, now);
            (Some(OwnerMail { kind: MailKind::Alert, text: Some(text), to }), counted)
        } else {
            (None, book)
        };
        let claim = Claim {
            id: round.ports.waker.ids.uuid(),
            book: (seen.as_ref(), book),
            mail: mail.as_ref(),
            tasks: &news.tasks,
            replies: &news.replies,
        };
        // Claimed or lost: what there is now decides, which may be more than one mail holds.
        store.claim_mail(org, claim, now).await?;
    }
    Err(lost_races())
}

/// What is told now, or when something will be to be told.
fn ready(book: &MailBook, mut news: News, today: Date, now: Timestamp) -> Result<News, Option<Timestamp>> {
    let of_today = book.alerts.as_ref().filter(|alerts| alerts.on == today);
    if of_today.is_some_and(|alerts| alerts.faults >= FAULTS_PER_DAY) {
        news.tasks.clear();
    }
    if of_today.is_some_and(|alerts| alerts.replies >= REPLIES_PER_DAY) {
        news.replies.clear();
    }
    let later = |at: Timestamp, by| at.saturating_add(by).unwrap_or(at);
    let first_task = news.tasks.iter().map(|task| later(task.value.since, TOLD_AFTER)).min();
    let last_mail = book.alerts.as_ref().and_then(|alerts| alerts.replies_at);
    let first_reply = news.replies.iter().map(|reply| later(reply.created_at, REPLIES_TOLD_AFTER)).min();
    let first_reply = first_reply.map(|at| last_mail.map_or(at, |last| at.max(later(last, REPLIES_APART))));
    match first_task.into_iter().chain(first_reply).min() {
        Some(at) if at <= now => {
            news.tasks.truncate(MOST_TASKS);
            news.replies.truncate(MOST_REPLIES);
            Ok(news)
        }
        next => Err(next),
    }
}

/// The customers whose words still wait for somebody, by what they say.
async fn customers(
    round: &Round<'_>,
    replies: &[Stored<ReplyToTell>],
) -> Result<BTreeMap<ReplySays, BTreeSet<ContactRef>>, AppError> {
    let mut customers: BTreeMap<ReplySays, BTreeSet<ContactRef>> = BTreeMap::new();
    for reply in replies {
        for contact in &reply.value.contacts {
            if still_waits(round, reply.value.says, contact).await? {
                customers.entry(reply.value.says).or_default().insert(contact.clone());
            }
        }
    }
    Ok(customers)
}

/// Whether the ledger still shows open what was said to be paid, or nobody looked at a question.
async fn still_waits(round: &Round<'_>, says: ReplySays, contact: &ContactRef) -> Result<bool, AppError> {
    let file = round.store.customer_file(round.org(), contact).await?;
    match says {
        ReplySays::PaidAlready => {
            let Some(claim) = file.paid_claim else { return Ok(false) };
            let open = round.store.open_invoices_of(round.org(), contact).await?;
            Ok(open.iter().any(|invoice| claim.invoices.contains(&invoice.id)))
        }
        ReplySays::Question => Ok(file.unread_since.is_some()),
    }
}

/// The book with one more alert of a day.
fn counted(book: MailBook, (faults, replies): (bool, bool), today: Date, now: Timestamp) -> MailBook {
    let last = book.alerts.as_ref().and_then(|alerts| alerts.replies_at);
    let before = book.alerts.filter(|alerts| alerts.on == today);
    let (n_faults, n_replies) = before.map_or((0, 0), |alerts| (alerts.faults, alerts.replies));
    let alerts = AlertsOfDay {
        on: today,
        faults: n_faults + u32::from(faults),
        replies: n_replies + u32::from(replies),
        replies_at: if replies { Some(now) } else { last },
    };
    MailBook { alerts: Some(alerts), ..book }
}
