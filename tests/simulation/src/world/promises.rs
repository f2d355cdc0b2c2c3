//! What must hold after every step, judged by what WhatsApp took and what the ledger says.

use std::collections::BTreeMap;

use futures_util::future::LocalBoxFuture;
use jiff::{ToSpan, civil::Date};
use numo_app::{port::clock::Clock, store::task::TaskAbout};
use numo_domain::{
    attempt::Attempt,
    calendar::Zone,
    conversation::{Recipient, Said},
    id::{AttemptId, ExternalId, OrgId},
    reminder::{MAX_ATTEMPTS, Reminder, ReminderState},
};

use crate::{
    business::{Business, Corrected},
    meta::{TakenMessage, number_of},
    world::World,
};

impl World {
    /// Checks every promise that holds at any time, for what WhatsApp took since the last time.
    pub fn check_promises(&mut self) -> LocalBoxFuture<'_, ()> {
        Box::pin(async move {
            for message in self.meta.taken_from(self.checked) {
                self.a_message_is_allowed(&message).await;
                self.checked += 1;
            }
            self.every_answer_is_allowed();
            self.every_mail_is_allowed();
        })
    }

    async fn a_message_is_allowed(&mut self, message: &TakenMessage) {
        let seed = self.seed_number;
        assert!(!self.gone.contains(&message.from), "seed {seed}: sent for one that is gone");
        self.is_free_to_send(message.at);
        self.is_taken_over();
        if self.is_test(message.attempt).await {
            self.a_test_is_allowed(message);
            return;
        }
        let (n, reminder) = self.reminder_of(message.attempt).await;
        self.only_one_message_a_day(n, message);
        self.a_reminder_is_allowed(n, &reminder, message).await;
        self.no_key_is_sent_twice(n, message.attempt, &reminder);
    }

    /// Not twice, not while everything is paused, and nothing but the last word to whoever said STOP.
    fn every_answer_is_allowed(&mut self) {
        let seed = self.seed_number;
        for answer in self.meta.answers_from(self.answered.len()) {
            assert!(self.answered.insert(answer.attempt), "seed {seed}: an answer went out twice");
            assert!(!self.gone.contains(&answer.from), "seed {seed}: an answer of one that is gone");
            let business = self.businesses.iter().find(|business| business.phone == answer.from).unwrap();
            let to = match &answer.to {
                Recipient::Number(number) => number.clone(),
                Recipient::User(user) => number_of(user),
            };
            assert!(
                business.numbers.values().any(|number| number == to.as_e164()),
                "seed {seed}: an answer to another organisation's customer"
            );
            assert!(!business.paused, "seed {seed}: an answer while everything is paused");
            self.is_free_to_send(answer.at);
            self.is_taken_over();
            let stopped = business.stopped.get(to.as_e164()).is_some_and(|at| *at < answer.at);
            let is_last_word = answer.text.starts_with("You will get no more payment reminders");
            assert!(!stopped || is_last_word, "seed {seed}: an answer after STOP was stored");
        }
    }

    fn only_one_message_a_day(&mut self, n: usize, message: &TakenMessage) {
        let zone: Zone = "Asia/Dubai".parse().unwrap();
        let day = (self.businesses[n].org.clone(), message.to.as_e164().to_owned(), zone.date(message.at));
        assert!(self.days.insert(day), "seed {}: two messages to one number on one day", self.seed_number);
    }

    /// Right organisation, not paid, not stopped, not paused: judged at the step it was taken.
    ///
    /// Within a step webhooks arrive after the sends, so a STOP of the same instant came later.
    async fn a_reminder_is_allowed(&self, n: usize, reminder: &Reminder, message: &TakenMessage) {
        let (seed, business) = (self.seed_number, &self.businesses[n]);
        let second = business.second.as_ref().is_some_and(|(_, phone)| message.from == *phone);
        assert!(second || message.from == business.phone, "seed {seed}: sent from another organisation's number");
        self.the_number_is_right(business, &reminder.key.contact.contact, message);
        let owed = |invoice| business.tenants().find_map(|tenant| self.ledger.remaining(tenant, invoice));
        if reminder.key.occasion.thanks_until().is_some() {
            let received = |tenant| !self.ledger.received(tenant, &reminder.key.contact.contact).is_empty();
            assert!(business.tenants().any(received), "seed {seed}: thanks for money that did not arrive");
        } else {
            assert!(owed(&reminder.key.anchor).is_some(), "seed {seed}: a reminder of a settled invoice");
        }
        let said = self.said(n, &Reminder { attempt: message.attempt, ..reminder.clone() }).await;
        let all_owed = said.lines.iter().all(|line| owed(&line.invoice) == Some(line.remaining));
        assert!(all_owed, "seed {seed}: a message asks for what is not owed");
        let stopped = business.stopped.get(message.to.as_e164());
        assert!(stopped.is_none_or(|at| *at >= message.at), "seed {seed}: a message after STOP was stored");
        assert!(!business.paused, "seed {seed}: a message while everything is paused");
        assert_eq!(message.text, said.text, "seed {seed}: another text was stored than was sent");
    }

    /// A number of this business, and the customer's own: the one before a correction is not, from that moment on.
    fn the_number_is_right(&self, business: &Business, customer: &ExternalId, message: &TakenMessage) {
        let (seed, to) = (self.seed_number, message.to.as_e164());
        let Some(corrected) = business.corrected.get(customer) else {
            let is_customer = business.numbers.values().any(|number| number == to);
            assert!(is_customer, "seed {seed}: sent to another organisation's customer");
            return;
        };
        assert_eq!(to, corrected.number(), "seed {seed}: sent to a number that was corrected");
        // Who has the ledger's number is heard as long as it is there.
        if let (Corrected::Typed(_), Some(first)) = (corrected, self.ledger.number_of(&business.tenant, customer)) {
            let stopped = business.stopped.get(&first).is_some_and(|at| *at < message.at);
            assert!(!stopped, "seed {seed}: a message after STOP from the ledger's number was stored");
        }
    }

    /// What the latest attempt of a business's reminder says.
    pub async fn said(&self, n: usize, reminder: &Reminder) -> Attempt {
        let said = self.store().said(&self.businesses[n].org, std::slice::from_ref(reminder)).await.unwrap();
        said.into_values().next().expect("every attempt says something")
    }

    /// A second attempt is made only for a message that expired, that was certainly not taken, that failed for the sake of
    /// the sender, or whose number somebody corrected or had tried again.
    fn no_key_is_sent_twice(&mut self, n: usize, attempt: AttemptId, reminder: &Reminder) {
        // Another number has lost nothing yet.
        let (business, customer) = (&self.businesses[n], &reminder.key.contact.contact);
        let times = [business.tried_again.get(customer), business.corrections.get(customer)];
        let tried_again: usize = times.into_iter().flatten().sum();
        let sent = self.sent.entry(reminder.key.clone()).or_insert_with(|| Sent::of(&business.org));
        let has_arrived = sent.attempts.iter().any(|(attempt, _)| self.restores.had_arrived(*attempt, self.checked));
        let is_by_hand = reminder.asked_by.is_some();
        // Who sends by hand after a restore may say again what a plan sent in the lost time: nobody knows that it did.
        let is_lost = |(attempt, by_hand): &&(AttemptId, bool)| !by_hand && self.restores.is_before(*attempt);
        let n_lost = if is_by_hand { sent.attempts.iter().filter(is_lost).count() } else { 0 };
        let tried_again = tried_again + n_lost;
        assert!(!has_arrived || tried_again > 0, "seed {}: a reminder that arrived was sent again", self.seed_number);
        sent.attempts.push((attempt, is_by_hand));
        let count = sent.attempts.len();
        let Grounds { expired, failed } = sent.forgotten.and(Grounds::of(reminder));
        assert!(
            count <= 1 + expired + failed + tried_again && count <= MAX_ATTEMPTS * (1 + tried_again) + failed,
            "seed {}: one reminder was sent twice",
            self.seed_number
        );
    }

    /// The reminder that an attempt was made for, and whose it is.
    async fn reminder_of(&self, attempt: AttemptId) -> (usize, Reminder) {
        for (n, business) in self.businesses.iter().enumerate() {
            if let Some(reminder) = self.store().reminder_of_attempt(&business.org, attempt).await.unwrap() {
                return (n, reminder);
            }
        }
        panic!("seed {}: a message without a claim", self.seed_number)
    }

    /// Every reminder by every attempt that was made for it.
    async fn reminders_by_attempt(&self) -> BTreeMap<AttemptId, Reminder> {
        let mut found = BTreeMap::new();
        for message in self.meta.taken() {
            for business in &self.businesses {
                if let Some(reminder) = self.store().reminder_of_attempt(&business.org, message.attempt).await.unwrap()
                {
                    found.insert(message.attempt, reminder);
                }
            }
        }
        found
    }

    /// At rest nothing is unexplained, and every message's last status is known.
    pub fn check_rest(&self) -> LocalBoxFuture<'_, ()> {
        Box::pin(async move {
            let seed = self.seed_number;
            for business in &self.businesses {
                let tasks = self.store().tasks(&business.org).await.unwrap();
                let day = tasks.iter().find(|task| matches!(task.about, TaskAbout::DayNotAccounted(_)));
                assert_eq!(day, None, "seed {seed}: the messages of a day do not add up");
                for reminder in self.store().reminders(&business.org).await.unwrap() {
                    assert_ne!(reminder.state, ReminderState::Sending, "seed {seed}: a reminder was left in sending");
                    if reminder.state == ReminderState::Unknown {
                        let has_task =
                            tasks.iter().any(|task| format!("{task:?}").contains(&format!("{:?}", reminder.attempt)));
                        assert!(has_task, "seed {seed}: an unknown outcome without a task");
                    }
                }
                for task in &tasks {
                    if let TaskAbout::OutcomeUnknown(attempt) = task.about {
                        let asked = self.store().reminder_of_attempt(&business.org, attempt).await.unwrap();
                        let is_last = asked.is_none_or(|reminder| reminder.attempt == attempt);
                        assert!(is_last, "seed {seed}: a question about an attempt that another one followed");
                    }
                }
                let connections = self.store().connections(&business.org).await.unwrap();
                let lost = connections.iter().any(|c| c.status != numo_domain::connection::ConnectionStatus::Active);
                assert!(!lost, "seed {seed}: a connection was given up though its tokens worked");
            }
            self.every_planned_unit_is_explained().await;
            self.every_answer_has_an_outcome().await;
            self.every_test_has_an_outcome().await;
            for (attempt, reminder) in self.reminders_by_attempt().await {
                if self.restores.is_before(attempt) {
                    continue;
                }
                let known = !matches!(
                    reminder.state,
                    ReminderState::Sending | ReminderState::Unknown | ReminderState::Accepted
                );
                assert!(
                    known || reminder.attempt != attempt,
                    "seed {seed}: a message was taken and its statuses came, but it is {:?}",
                    reminder.state
                );
            }
        })
    }

    /// After its day, everything that an approved plan wanted to send was claimed or says why not.
    async fn every_planned_unit_is_explained(&self) {
        let store = self.store();
        for business in &self.businesses {
            let today = store.organisation(&business.org).await.unwrap().zone.date(self.clock.now());
            let first = Date::new(2026, 11, 23).unwrap();
            for date in first.series(1.day()).take_while(|date| *date < today) {
                let Some(header) = store.plan_header(&business.org, date).await.unwrap() else { continue };
                if !header.value.approval.is_given() {
                    continue;
                }
                let cancelled = store.cancelled_of(&business.org, date).await.unwrap();
                for decision in store.plan_decisions(&business.org, &header.value).await.unwrap() {
                    let Some(send) = decision.send() else { continue };
                    let key = send.reminder_key(&decision.unit);
                    let claimed = !store.reminders_by_key(&business.org, &[key]).await.unwrap().is_empty();
                    let told = cancelled.iter().any(|cancelled| cancelled.unit == decision.unit);
                    assert!(claimed || told, "seed {}: a planned message vanished without a word", self.seed_number);
                }
            }
        }
    }

    /// At rest no answer waits, but the last word of a business that is paused.
    async fn every_answer_has_an_outcome(&self) {
        for business in self.businesses.iter().filter(|business| !business.paused) {
            for talk in self.store().conversations(&business.org).await.unwrap() {
                let of = (&talk.number, &talk.sender);
                for line in self.store().lines(&business.org, of, 500).await.unwrap() {
                    let Said::Business(answer) = line.said else { continue };
                    let name = answer.state.name();
                    assert!(!["waiting", "sending"].contains(&name), "seed {}: an answer is {name}", self.seed_number);
                }
            }
        }
    }
}

/// A reminder that went out.
#[derive(Debug)]
pub(super) struct Sent {
    /// Whose it is.
    pub(super) org: OrgId,
    /// Each time that it did, with whether a person asked for it.
    pub(super) attempts: Vec<(AttemptId, bool)>,
    /// What a restored table does not know any more.
    pub(super) forgotten: Grounds,
}

impl Sent {
    fn of(org: &OrgId) -> Self {
        Self { org: org.clone(), attempts: Vec::new(), forgotten: Grounds::default() }
    }
}

/// How often a reminder came into a state from which it may go out again.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Grounds {
    expired: usize,
    failed: usize,
}

impl Grounds {
    pub(super) fn of(reminder: &Reminder) -> Self {
        let is_expired = |state: &ReminderState| *state == ReminderState::Expired;
        // What Meta held back for a day is tried once more.
        let has_failed = |state: &ReminderState| {
            state.is_failed() && (state.may_be_claimed_again() || state.code() == Some(131_049))
        };
        let times =
            |is: &dyn Fn(&ReminderState) -> bool| reminder.history.iter().filter(|change| is(&change.state)).count();
        Self { expired: times(&is_expired), failed: times(&has_failed) }
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self { expired: self.expired + other.expired, failed: self.failed + other.failed }
    }

    pub(super) const fn but_for(self, other: Self) -> Self {
        Self { expired: self.expired.saturating_sub(other.expired), failed: self.failed.saturating_sub(other.failed) }
    }
}
