//! The words of mails: they count customers, and name them only where the organisation wants that.

use std::collections::{BTreeMap, BTreeSet};

use numo_domain::{contact::ContactRef, notice::NoticeKind, whatsapp_account::AccountTrouble};

use crate::{
    error::AppError,
    mail_owner::{
        Round,
        digest::{Facts, PlanFact},
    },
    store::{
        Stored,
        mail::{MailText, Part, ReplySays},
        task::{Task, TaskAbout},
    },
    task_words::task_sentence,
};

/// Customers named in one sentence at most.
const MOST_NAMES: usize = 10;

/// A mail about something that cannot wait.
pub(super) async fn alert(
    round: &Round<'_>,
    tasks: &[Stored<Task>],
    customers: &BTreeMap<ReplySays, BTreeSet<ContactRef>>,
) -> Result<MailText, AppError> {
    let tasks: Vec<&Task> = tasks.iter().map(|task| &task.value).collect();
    let mut points = task_points(round, &tasks).await?;
    let mut subjects: Vec<String> = Vec::new();
    for task in &tasks {
        let subject = task_subject(&task.about).to_owned();
        if !subjects.contains(&subject) {
            subjects.push(subject);
        }
    }
    for (says, contacts) in customers {
        let (subject, point) = reply_words(*says, contacts.len());
        subjects.push(subject);
        points.push(format!("{point}{}", names(round, contacts).await?));
    }
    let others = match subjects.len() {
        0 | 1 => String::new(),
        n => format!(", and {} more", n - 1),
    };
    let subject = subjects.into_iter().next().unwrap_or_default();
    Ok(MailText {
        subject: format!("Numo: {subject}{others}"),
        parts: vec![
            greeting(round),
            Part::Points(points),
            open(round, "Open Numo; you sign in first"),
            Part::Sentence("Who gets these mails is set in Numo by an admin.".to_owned()),
        ],
    })
}

/// The digest of a morning, with the points that are not about plans.
pub(super) fn digest(round: &Round<'_>, facts: &Facts, points: Vec<String>) -> MailText {
    let mut parts = vec![greeting(round)];
    let plans: Vec<String> = facts.plans.iter().map(plan_point).collect();
    let awaits = facts.plans.iter().any(|plan| plan.awaits_approval);
    if !plans.is_empty() {
        parts.push(Part::Points(plans));
        let label = if awaits {
            "Look at the plan and approve it; you sign in first"
        } else {
            "Look at the plan; you sign in first"
        };
        parts.push(open(round, label));
    }
    let subject = digest_subject(facts, points.len());
    if !points.is_empty() {
        parts.push(Part::Sentence("What waits for somebody:".to_owned()));
        parts.push(Part::Points(points));
        if facts.plans.is_empty() {
            parts.push(open(round, "Open Numo; you sign in first"));
        }
    }
    MailText { subject: format!("Numo: {subject}"), parts }
}

/// What a digest says apart from plans.
pub(super) async fn points(round: &Round<'_>, facts: &Facts) -> Result<Vec<String>, AppError> {
    let mut points = Vec::new();
    if !facts.unread.is_empty() {
        let customers: BTreeSet<ContactRef> = facts.unread.iter().flatten().cloned().collect();
        let one = "A customer wrote, and nobody has read it; reminders to the customer rest.";
        let many = "customers wrote, and nobody has read it; reminders to them rest.";
        points.push(format!("{}{}", counted(facts.unread.len(), one, many), names(round, &customers).await?));
    }
    if facts.undelivered > 0 {
        let one = "One of yesterday's messages did not arrive; Numo shows why, and what helps.";
        let many = "of yesterday's messages did not arrive; Numo shows why, and what helps.";
        points.push(counted(facts.undelivered, one, many));
    }
    points.extend(task_points(round, &facts.tasks.iter().collect::<Vec<_>>()).await?);
    Ok(points)
}

fn digest_subject(facts: &Facts, n_points: usize) -> String {
    if let Some(plan) = facts.plans.iter().find(|plan| plan.awaits_approval) {
        let day = if plan.is_today { "today" } else { "tomorrow" };
        return format!("approve {} for {day}", counted(plan.sends, "1 message", "messages"));
    }
    if !facts.unread.is_empty() {
        return counted(facts.unread.len(), "a customer waits to be read", "customers wait to be read");
    }
    if n_points > 0 {
        return counted(n_points, "1 thing to look at", "things to look at");
    }
    match facts.plans.first() {
        Some(plan) => {
            let day = if plan.is_today { "today" } else { "tomorrow" };
            format!("{} {day}", counted(plan.sends, "1 message goes out", "messages go out"))
        }
        None => "nothing to do".to_owned(),
    }
}

fn plan_point(plan: &PlanFact) -> String {
    let (day, date) = (if plan.is_today { "Today" } else { "Tomorrow" }, plan.date.strftime("%-d %b %Y"));
    let what = if plan.awaits_approval {
        counted(
            plan.sends,
            "1 message is planned and waits for an admin's approval; without it, it is not sent.",
            "messages are planned and wait for an admin's approval; without it they are not sent.",
        )
    } else {
        counted(plan.sends, "1 message goes out.", "messages go out.")
    };
    let questions: String = plan.brakes.iter().map(|brake| format!(" {}", brake.question())).collect();
    format!("{day}, {date}: {what}{questions}")
}

/// Tasks that ask for the same are one point.
async fn task_points(round: &Round<'_>, tasks: &[&Task]) -> Result<Vec<String>, AppError> {
    let mut groups: BTreeMap<&'static str, Vec<&Task>> = BTreeMap::new();
    for task in tasks {
        groups.entry(task_sentence(&task.about)).or_default().push(task);
    }
    let mut points = Vec::new();
    for (sentence, tasks) in groups {
        let customers: BTreeSet<ContactRef> = tasks.iter().filter_map(|task| task.about.customer()).cloned().collect();
        let number = if tasks.len() > 1 { format!(" ({} times)", tasks.len()) } else { String::new() };
        points.push(format!("{sentence}{number}{}{}", when(round, &tasks), names(round, &customers).await?));
    }
    Ok(points)
}

/// The days that do not add up, or when it was noticed that a ledger cannot be read.
fn when(round: &Round<'_>, tasks: &[&Task]) -> String {
    let days: Vec<String> = tasks
        .iter()
        .filter_map(|task| {
            if let TaskAbout::DayNotAccounted(date) = &task.about {
                return Some(date.strftime("%-d %b %Y").to_string());
            }
            let noticed = round.organisation.zone.local(task.since);
            let is_silent = matches!(task.about, TaskAbout::LedgerUnreadable(_));
            is_silent.then(|| format!("noticed on {}", noticed.strftime("%-d %b %Y at %H:%M")))
        })
        .collect();
    if days.is_empty() { String::new() } else { format!(" ({})", days.join("; ")) }
}

/// What customers say, in a subject and in a sentence.
fn reply_words(says: ReplySays, n: usize) -> (String, String) {
    match says {
        ReplySays::PaidAlready => (
            counted(n, "a customer says that it is paid", "customers say that it is paid"),
            counted(
                n,
                "A customer wrote that it is paid already, and your ledger still shows it open; reminders to the \
                 customer rest.",
                "customers wrote that it is paid already, and your ledger still shows it open; reminders to them rest.",
            ),
        ),
        ReplySays::Question => (
            counted(n, "a customer asks something", "customers ask something"),
            counted(
                n,
                "A customer has a question about an invoice, or disputes it; reminders to the customer rest.",
                "customers have a question about an invoice, or dispute it; reminders to them rest.",
            ),
        ),
    }
}

/// What is to be done about a task, in a few words.
const fn task_subject(about: &TaskAbout) -> &'static str {
    match about {
        TaskAbout::ReconnectLedger(_) => "connect your accounting system again",
        TaskAbout::LedgerSuspended(_) => "look at the subscription of your accounting system",
        TaskAbout::LedgerUnreadable(_) => "your accounting system cannot be read",
        TaskAbout::ConsentEnds(_) => "the consent to read your accounting system ends soon",
        TaskAbout::SenderBlocked(_) => "WhatsApp does not let a number send",
        TaskAbout::TextUnusable { .. } => "WhatsApp stopped a text",
        TaskAbout::ReconnectWhatsapp(_) => "connect WhatsApp again",
        TaskAbout::WhatsappTrouble { trouble, .. } => match trouble {
            AccountTrouble::Payment => "add a payment method at Meta",
            AccountTrouble::Verification => "have your business verified at Meta",
            AccountTrouble::Banned => "Meta banned a WhatsApp account",
        },
        TaskAbout::AccountNotice { notice, .. } => {
            if matches!(notice.what, NoticeKind::PinChanged | NoticeKind::PinReset) {
                "look at the PIN of your WhatsApp number"
            } else {
                "WhatsApp tells something about your account"
            }
        }
        TaskAbout::OutcomeUnknown(_)
        | TaskAbout::UndeliveredTwice(_)
        | TaskAbout::NotOnWhatsapp(_)
        | TaskAbout::WhatsappAccessEnds(_)
        | TaskAbout::WhatsappNumberMissing(_)
        | TaskAbout::WhatsappSignupUnfinished(_)
        | TaskAbout::SequenceFinished(_)
        | TaskAbout::WrongNumber(_)
        | TaskAbout::ReplyUnanswered { .. }
        | TaskAbout::CostCapReached(_)
        | TaskAbout::DayNotAccounted(_) => "something waits for you",
    }
}

/// The names of customers, where the organisation wants them in mails.
async fn names(round: &Round<'_>, contacts: &BTreeSet<ContactRef>) -> Result<String, AppError> {
    if !round.settings.names || contacts.is_empty() {
        return Ok(String::new());
    }
    let refs: Vec<ContactRef> = contacts.iter().take(MOST_NAMES).cloned().collect();
    let found = round.store.contacts_by_ref(round.org(), &refs).await?;
    let names: Vec<String> = found.into_iter().map(|stored| stored.value.name).collect();
    let others = contacts.len() - refs.len();
    let more = if others > 0 { format!(", and {others} more") } else { String::new() };
    Ok(format!(" [{}{more}]", names.join(", ")))
}

pub(super) fn greeting(round: &Round<'_>) -> Part {
    Part::Sentence(format!("For {}:", round.organisation.name))
}

pub(super) fn open(round: &Round<'_>, label: &str) -> Part {
    Part::Link { label: label.to_owned(), url: format!("{}/", round.mailer.public_url) }
}

/// One thing in its own words, several with their number before them.
fn counted(n: usize, one: &str, many: &str) -> String {
    if n == 1 { one.to_owned() } else { format!("{n} {many}") }
}
