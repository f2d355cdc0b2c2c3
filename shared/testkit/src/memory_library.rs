//! Meta's template library as a few entries in memory.

use std::sync::Mutex;

use async_trait::async_trait;
use jiff::SignedDuration;
use numo_app::port::{
    template_library::{MadeTemplate, TemplateLibrary},
    whatsapp::AccountError,
};
use numo_domain::{
    id::WabaId,
    library::{
        LibraryText,
        entry::{Header, LibraryEntry, Parameter, ParameterKind},
    },
    reminder::TemplateRef,
    template::{AccountTemplate, Purpose},
};
use secrecy::{ExposeSecret, SecretString};

use crate::lock::lock;

/// What it offers, and what accounts made of it; a token that is `dead` opens nothing.
#[derive(Debug)]
pub struct MemoryLibrary(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    entries: Vec<LibraryEntry>,
    made: Vec<(WabaId, MadeTemplate)>,
    is_down: bool,
    /// How often a template was made.
    n_made: usize,
    /// How what is made next stands, where it is not approved.
    next: Option<AccountTemplate>,
    /// How long messages of what is made next live.
    time_to_live: Option<SignedDuration>,
}

impl Default for MemoryLibrary {
    fn default() -> Self {
        let entries = vec![payment_due(), payment_overdue()];
        let time_to_live = Some(SignedDuration::from_hours(12));
        Self(Mutex::new(State { entries, time_to_live, ..State::default() }))
    }
}

/// A text about what falls due, against which nothing speaks.
pub fn payment_due() -> LibraryEntry {
    entry("payment_due_1", "Hi {{1}}, your payment of {{2}} to {{3}} is due on {{4}}. Thank you.")
}

/// A text about what is overdue that keeps rule 5.
pub fn payment_overdue() -> LibraryEntry {
    let body = "Hi {{1}}, your payment of {{2}} to {{3}} was due on {{4}}. If you have already paid, tell us. Reply STOP \
                to end this.";
    entry("payment_overdue_1", body)
}

fn entry(name: &str, body: &str) -> LibraryEntry {
    let parameter = |kind, example: &str| Parameter { kind, example: example.to_owned() };
    LibraryEntry {
        name: name.to_owned(),
        language: "en_US".to_owned(),
        is_utility: true,
        header: Header::None,
        body: body.to_owned(),
        footer: None,
        parameters: vec![
            parameter(ParameterKind::Text, "Jim"),
            parameter(ParameterKind::Amount, "$75.00"),
            parameter(ParameterKind::Text, "CS Mutual"),
            parameter(ParameterKind::Date, "May 2nd, 2026"),
        ],
        buttons: Vec::new(),
    }
}

impl MemoryLibrary {
    /// Offers other texts from now on.
    pub fn offer(&self, entries: Vec<LibraryEntry>) {
        lock(&self.0).entries = entries;
    }

    /// Answers nothing, or answers again.
    pub fn be_down(&self, is_down: bool) {
        lock(&self.0).is_down = is_down;
    }

    /// How what is made next stands.
    pub fn decide_next(&self, standing: AccountTemplate) {
        lock(&self.0).next = Some(standing);
    }

    /// How long messages of what is made next live; none for Meta's 30 days.
    pub fn live(&self, time_to_live: Option<SignedDuration>) {
        lock(&self.0).time_to_live = time_to_live;
    }

    /// Changes what was made.
    pub fn change(&self, change: impl Fn(&mut MadeTemplate)) {
        lock(&self.0).made.iter_mut().for_each(|(_, made)| change(made));
    }

    /// How often a template was made.
    pub fn n_made(&self) -> usize {
        lock(&self.0).n_made
    }

    fn open(&self, token: &SecretString) -> Result<(), AccountError> {
        if lock(&self.0).is_down {
            return Err(AccountError::Unavailable("Meta does not answer".into()));
        }
        if token.expose_secret() == "dead" { Err(AccountError::Refused) } else { Ok(()) }
    }
}

#[async_trait]
impl TemplateLibrary for MemoryLibrary {
    async fn offered(
        &self,
        _waba: &WabaId,
        token: &SecretString,
        purpose: Purpose,
    ) -> Result<Vec<LibraryEntry>, AccountError> {
        self.open(token)?;
        let about = if purpose == Purpose::OverdueGentle { "overdue" } else { "due" };
        let entries = lock(&self.0).entries.clone();
        Ok(entries.into_iter().filter(|entry| entry.name.contains(&format!("payment_{about}"))).collect())
    }

    async fn make_template(&self, waba: &WabaId, token: &SecretString, text: &LibraryText) -> Result<(), AccountError> {
        self.open(token)?;
        let mut state = lock(&self.0);
        let is_there =
            |(account, made): &(WabaId, MadeTemplate)| account == waba && made.standing.template == text.template;
        if state.made.iter().any(is_there) {
            return Err(AccountError::Rejected(2_388_024));
        }
        state.n_made += 1;
        let standing = state.next.take().map_or_else(
            || AccountTemplate::approved(text.template.clone()),
            |next| AccountTemplate { template: text.template.clone(), ..next },
        );
        let made = MadeTemplate { standing, body: text.body.clone(), time_to_live: state.time_to_live };
        state.made.push((waba.clone(), made));
        Ok(())
    }

    async fn made_template(
        &self,
        waba: &WabaId,
        token: &SecretString,
        template: &TemplateRef,
    ) -> Result<Option<MadeTemplate>, AccountError> {
        self.open(token)?;
        let state = lock(&self.0);
        let found = state.made.iter().find(|(account, made)| account == waba && made.standing.template == *template);
        Ok(found.map(|(_, made)| made.clone()))
    }
}
