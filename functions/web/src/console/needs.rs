//! What needs somebody: tasks that are alike together, each with what it is about and where that is seen to.

use std::collections::BTreeMap;

use axum::{Router, extract::State, response::Redirect, routing::post};
use jiff::civil::Date;
use numo_app::{
    error::AppError,
    see_notice::see_notice,
    store::{
        Store,
        task::{Task, TaskAbout},
    },
    task_words::{advice, task_sentence},
};
use numo_domain::{
    connection::Connection,
    contact::ContactRef,
    id::{AttemptId, ConnectionId, OrgId, PhoneNumberId, WabaId},
    meta_code::advice::Advice,
    reminder::TemplateRef,
    sender::Sender,
};

use crate::{
    console::{
        address, notice::Notice, problem::Problem, sent::Sent, time::LocalTime, viewer::Viewer, words::or_unknown,
    },
    failure::Failure,
    state::AppState,
    view::names::{Contacts, by_ref, name_of},
};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/seen", post(seen))
}

/// Subjects that are shown at once; the others open with a click.
const SHOWN: usize = 5;

/// Messages without a known outcome whose customers are looked up; each takes a read of its own.
const LOOKED_UP: usize = 10;

/// Something that is asked for, and about what.
pub(super) struct Need {
    pub(super) sentence: &'static str,
    pub(super) advice: Option<Advice>,
    pub(super) first: Vec<Subject>,
    pub(super) more: Vec<Subject>,
}

/// What a task is about.
pub(super) struct Subject {
    pub(super) name: String,
    /// The page where it is seen to.
    pub(super) address: String,
    pub(super) since: LocalTime,
    /// The task itself, where having seen it closes it.
    pub(super) notice: Option<String>,
}

impl Need {
    /// Whatever is open, what stops reminders first.
    pub(super) async fn all(state: &AppState, viewer: &Viewer, senders: &[Sender]) -> Result<Vec<Self>, AppError> {
        let (store, org) = (state.store(), &viewer.session.org);
        let mut tasks = store.tasks(org).await?;
        tasks.sort_by_key(|task| !task.about.is_told_at_once());
        let names = Names::of(store, org, &tasks, senders).await?;
        let mut needs: Vec<Self> = Vec::new();
        for task in tasks {
            let (sentence, advice) = (task_sentence(&task.about), advice(&task.about, senders));
            let subject = names.subject(&task, viewer);
            match needs.iter_mut().find(|need| need.sentence == sentence && need.advice == advice) {
                Some(need) if need.first.len() < SHOWN => need.first.push(subject),
                Some(need) => need.more.push(subject),
                None => needs.push(Self { sentence, advice, first: vec![subject], more: Vec::new() }),
            }
        }
        Ok(needs)
    }
}

/// What a task is about.
enum About<'a> {
    Customer(&'a ContactRef),
    Message(AttemptId),
    Ledger(ConnectionId),
    Number(&'a PhoneNumberId),
    Account(&'a WabaId),
    Text(&'a TemplateRef),
    Month(Date),
    Day(Date),
}

impl<'a> From<&'a TaskAbout> for About<'a> {
    fn from(about: &'a TaskAbout) -> Self {
        match about {
            TaskAbout::OutcomeUnknown(attempt) => Self::Message(*attempt),
            TaskAbout::ReconnectLedger(connection)
            | TaskAbout::LedgerSuspended(connection)
            | TaskAbout::LedgerUnreadable(connection)
            | TaskAbout::ConsentEnds(connection) => Self::Ledger(*connection),
            TaskAbout::SequenceFinished(customer)
            | TaskAbout::UndeliveredTwice(customer)
            | TaskAbout::NotOnWhatsapp(customer)
            | TaskAbout::WrongNumber(customer)
            | TaskAbout::ReplyUnanswered { customer, .. } => Self::Customer(customer),
            TaskAbout::SenderBlocked(number) => Self::Number(number),
            TaskAbout::TextUnusable { template, .. } => Self::Text(template),
            TaskAbout::AccountNotice { waba, .. }
            | TaskAbout::ReconnectWhatsapp(waba)
            | TaskAbout::WhatsappAccessEnds(waba)
            | TaskAbout::WhatsappNumberMissing(waba)
            | TaskAbout::WhatsappSignupUnfinished(waba)
            | TaskAbout::WhatsappTrouble { waba, .. } => Self::Account(waba),
            TaskAbout::CostCapReached(month) => Self::Month(*month),
            TaskAbout::DayNotAccounted(day) => Self::Day(*day),
        }
    }
}

/// Ids as people know them.
struct Names<'a> {
    contacts: Contacts,
    connections: Vec<Connection>,
    senders: &'a [Sender],
    /// Whom messages without a known outcome are to.
    addressees: BTreeMap<AttemptId, ContactRef>,
}

impl<'a> Names<'a> {
    async fn of(store: &Store, org: &OrgId, tasks: &[Task], senders: &'a [Sender]) -> Result<Self, AppError> {
        let (mut people, mut messages, mut has_ledgers) = (Vec::new(), Vec::new(), false);
        for task in tasks {
            match About::from(&task.about) {
                About::Customer(customer) => people.push(customer.clone()),
                About::Message(attempt) => messages.push(attempt),
                About::Ledger(_) => has_ledgers = true,
                About::Number(_) | About::Account(_) | About::Text(_) | About::Month(_) | About::Day(_) => {}
            }
        }
        let mut addressees = BTreeMap::new();
        for attempt in messages.into_iter().take(LOOKED_UP) {
            if let Some(reminder) = store.reminder_of_attempt(org, attempt).await? {
                people.push(reminder.key.contact.clone());
                addressees.insert(attempt, reminder.key.contact);
            }
        }
        people.sort_unstable();
        people.dedup();
        let contacts = store.contacts_by_ref(org, &people).await?.into_iter().map(|stored| stored.value).collect();
        let connections = if has_ledgers { store.connections(org).await? } else { Vec::new() };
        Ok(Self { contacts: by_ref(contacts), connections, senders, addressees })
    }

    fn subject(&self, task: &Task, viewer: &Viewer) -> Subject {
        let is_notice = matches!(task.about, TaskAbout::AccountNotice { .. });
        let notice = is_notice.then(|| serde_json::to_string(&task.about).ok()).flatten();
        let (name, address) = self.place(&task.about);
        Subject { name, address, since: viewer.clock.show(task.since), notice }
    }

    fn place(&self, about: &TaskAbout) -> (String, String) {
        let customer =
            |customer: &ContactRef| (or_unknown(name_of(&self.contacts, customer)), address::customer(customer));
        match About::from(about) {
            About::Customer(contact) => customer(contact),
            About::Message(attempt) => match self.addressees.get(&attempt) {
                Some(contact) => customer(contact),
                None => ("A reminder".to_owned(), "/reminders".to_owned()),
            },
            About::Ledger(id) => {
                let found = self.connections.iter().find(|connection| connection.id == id);
                let name = found.map_or_else(|| "A ledger".to_owned(), |connection| connection.name.clone());
                (name, "/connections#accounting".to_owned())
            }
            About::Number(id) => (self.number(|sender| sender.phone_number_id == *id), WHATSAPP.to_owned()),
            About::Account(id) => (self.number(|sender| sender.waba == *id), WHATSAPP.to_owned()),
            About::Text(text) => (format!("{} ({})", text.name, text.language), "/templates".to_owned()),
            About::Month(month) => (month.strftime("%B %Y").to_string(), "/settings".to_owned()),
            About::Day(day) => (day.strftime("%-d %b %Y").to_string(), format!("/plan?day={day}")),
        }
    }

    fn number(&self, is_it: impl Fn(&Sender) -> bool) -> String {
        let found = self.senders.iter().find(|sender| is_it(sender));
        found.map_or_else(|| "A WhatsApp account".to_owned(), |sender| sender.verified_name.clone())
    }
}

/// Where WhatsApp's accounts and numbers stand.
const WHATSAPP: &str = "/connections#whatsapp";

/// Closes what only told something.
async fn seen(State(state): State<AppState>, sent: Sent) -> Result<Redirect, Problem> {
    sent.viewer.must_be_admin()?;
    let told = sent.fields.text("notice")?;
    let about: TaskAbout =
        serde_json::from_str(told).map_err(|_unreadable| Failure::invalid("notice", "open the page again"))?;
    let session = &sent.viewer.session;
    see_notice(state.waker(), &session.org, &session.user, &about, state.now()).await?;
    Ok(sent.done("/", Notice::Seen))
}
