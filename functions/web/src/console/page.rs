//! Everything that the console's one page shows, as text.

use askama::Template;
use numo_app::{
    error::AppError,
    messaging_gate::pause_of,
    port::session::{Role, Session},
    task_words::{advice, task_sentence},
};
use numo_domain::{
    meta_code::advice::Advice,
    organisation::{ATTESTATION_TEXT, Pause, PausedBy},
    sender::Sender,
};

use crate::{
    console::{
        STYLE,
        day::{PlanText, plan_of_today},
        ledgers::LedgersText,
        time::{LocalTime, WallClock},
        words::{or_unknown, sender_status, state_words, task_subject},
    },
    state::AppState,
    view::{
        names::by_ref,
        reminder::{ReminderView, newest},
    },
};

/// Reminders that one page holds.
const SHOWN_REMINDERS: usize = 50;

/// The console of one organisation.
#[derive(Template)]
#[template(path = "console.html")]
pub(super) struct Page<'a> {
    nonce: &'a str,
    style: &'static str,
    name: String,
    zone: String,
    base_currency: Option<String>,
    role: &'static str,
    pause: Option<PauseText>,
    tasks: Vec<TaskText>,
    ledgers: LedgersText,
    senders: Vec<SenderText>,
    /// Where WhatsApp is connected; none where the sign-up is not set up.
    signup_url: Option<String>,
    attested_at: Option<LocalTime>,
    explicit_opt_in_only: bool,
    attestation_text: &'static str,
    plan: PlanText,
    reminders: Vec<ReminderText>,
    more_reminders: usize,
}

struct PauseText {
    since: LocalTime,
    by_operator: bool,
    /// The day on which everything goes on by itself.
    until: Option<String>,
}

struct TaskText {
    sentence: &'static str,
    advice: Option<Advice>,
    subject: String,
    since: LocalTime,
}

struct SenderText {
    name: String,
    number: String,
    status: &'static str,
}

struct ReminderText {
    customer: String,
    total: String,
    state: String,
    text: String,
    history: Vec<ChangeText>,
}

struct ChangeText {
    state: String,
    at: LocalTime,
}

impl<'a> Page<'a> {
    /// Reads everything; nothing is written.
    pub(super) async fn load(state: &AppState, session: &Session, nonce: &'a str) -> Result<Self, AppError> {
        let (store, org) = (state.store(), &session.org);
        let organisation = store.organisation(org).await?;
        let clock = WallClock::of(&organisation.zone);
        let contacts = by_ref(store.contacts(org).await?);
        let plan = plan_of_today(state, &organisation, &contacts, &clock).await?;
        let reminders = store.reminders(org).await?;
        let more_reminders = reminders.len().saturating_sub(SHOWN_REMINDERS);
        let reminders = newest(store, org, (reminders, SHOWN_REMINDERS), &contacts).await?;
        let (tasks, senders) = (store.tasks(org).await?, store.senders(org).await?);
        let today = organisation.zone.date(state.now());
        let pause = pause_of(store, &organisation, today).await?;
        Ok(Self {
            nonce,
            style: STYLE,
            name: Some(organisation.name)
                .filter(|name| !name.is_empty())
                .unwrap_or_else(|| "Your organisation".to_owned()),
            zone: organisation.zone.name().to_owned(),
            base_currency: organisation.base_currency.map(|currency| currency.as_str().to_owned()),
            role: match session.role {
                Role::Admin => "an admin",
                Role::Member => "a member",
            },
            pause: pause.map(|pause| PauseText::new(&pause, &clock)),
            tasks: tasks
                .iter()
                .map(|task| TaskText {
                    sentence: task_sentence(&task.about),
                    advice: advice(&task.about, &senders),
                    subject: task_subject(&task.about),
                    since: clock.show(task.since),
                })
                .collect(),
            ledgers: LedgersText::load(state, org, &clock).await?,
            signup_url: state.site.meta_signup.as_ref().map(|_| format!("{}/connect/whatsapp", state.site.base())),
            senders: senders.into_iter().map(SenderText::from).collect(),
            attested_at: organisation.attestation.map(|given| clock.show(given.at)),
            explicit_opt_in_only: organisation.explicit_opt_in_only,
            attestation_text: ATTESTATION_TEXT,
            plan,
            reminders: reminders.into_iter().map(|reminder| ReminderText::new(reminder, &clock)).collect(),
            more_reminders,
        })
    }
}

impl PauseText {
    fn new(pause: &Pause, clock: &WallClock) -> Self {
        let by_operator = match pause.by {
            PausedBy::Operator => true,
            PausedBy::Member(_) => false,
        };
        let until = pause.until.map(|until| until.strftime("%-d %b %Y").to_string());
        Self { since: clock.show(pause.since), by_operator, until }
    }
}

impl From<Sender> for SenderText {
    fn from(sender: Sender) -> Self {
        Self {
            name: sender.verified_name,
            number: sender.number.as_e164().to_owned(),
            status: sender_status(sender.status),
        }
    }
}

impl ReminderText {
    fn new(reminder: ReminderView, clock: &WallClock) -> Self {
        Self {
            customer: or_unknown(reminder.customer),
            total: reminder.total.text,
            state: state_words(&reminder.state),
            text: reminder.text,
            history: reminder
                .history
                .iter()
                .map(|change| ChangeText { state: state_words(&change.state), at: clock.show(change.at) })
                .collect(),
        }
    }
}
