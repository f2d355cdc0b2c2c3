//! A WhatsApp in memory: it remembers what it took, and tells it late, twice and out of order.

mod account;
mod files;
mod messaging;
mod statuses;
mod texts;
mod throttle;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use jiff::{SignedDuration, Timestamp};
use numo_app::{
    delivery::Delivery,
    port::{
        clock::Timer,
        whatsapp::{SendAction, SendError},
    },
};
use numo_domain::{
    account_bill::Sums,
    conversation::{Recipient, day_choice::DayChoice},
    id::{AttemptId, MediaId, PayToken, PhoneNumberId, WabaId, WhatsappUserId},
    phone::PhoneNumber,
    sender::Throughput,
    template::AccountTemplate,
};
use numo_testkit::{fixed_clock::FixedClock, memory_library::MemoryLibrary, seed::Seed};

use crate::meta::throttle::Throttle;

/// A message that WhatsApp took; whoever sent it may not know.
#[derive(Debug, Clone)]
pub struct TakenMessage {
    /// The number it came from.
    pub from: PhoneNumberId,
    /// The customer.
    pub to: PhoneNumber,
    /// Our attempt.
    pub attempt: AttemptId,
    /// When.
    pub at: Timestamp,
    /// The text.
    pub text: String,
    /// What its pay button opens.
    pub pay_token: Option<PayToken>,
    /// The name and the content of the PDF above it.
    pub document: Option<(String, String)>,
}

/// An answer within the customer service window that WhatsApp took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenAnswer {
    /// The number it came from.
    pub from: PhoneNumberId,
    /// The customer.
    pub to: Recipient,
    /// Our attempt.
    pub attempt: AttemptId,
    /// When.
    pub at: Timestamp,
    /// The words.
    pub text: String,
    /// The days below them.
    pub choice: Option<DayChoice>,
}

/// WhatsApp, as one shared service.
#[expect(missing_debug_implementations, reason = "nobody prints it")]
pub struct SimMeta {
    clock: Arc<FixedClock>,
    state: Mutex<State>,
    /// The texts that it offers.
    pub library: MemoryLibrary,
    /// What lets its answers take their time.
    timer: Mutex<Option<Arc<dyn Timer>>>,
}

/// How every account and number stands.
#[derive(Debug, Clone, Default)]
struct Account {
    is_blocked: bool,
    is_token_dead: bool,
    /// A number that the token does not reach.
    refused: Option<PhoneNumberId>,
    /// Whether no number can be asked about.
    is_mute: bool,
    /// How often each number was asked about.
    looks: BTreeMap<PhoneNumberId, usize>,
    are_texts_refused: bool,
    /// Whether what is registered waits for its review.
    are_texts_held: bool,
    /// A number from which nothing is taken, and what is said of it.
    refused_messages: Option<(PhoneNumberId, u32, SendAction)>,
    daily_limit: Option<u32>,
    throughput: Throughput,
    texts: Vec<(WabaId, AccountTemplate)>,
    /// What it says that accounts were billed; of others it tells nothing.
    bills: BTreeMap<WabaId, Sums>,
}

struct State {
    seed: Seed,
    /// How often a call goes wrong, in thousandths.
    failing: u64,
    /// What the next calls are told, after how long, before anything is taken.
    told: Vec<(SignedDuration, SendError)>,
    /// When each call came.
    asked: Vec<Timestamp>,
    /// The attempt of each call, whatever came of it.
    posted: Vec<AttemptId>,
    taken: Vec<TakenMessage>,
    answers: Vec<TakenAnswer>,
    account: Account,
    /// Files that it has, with the numbers that they belong to.
    files: BTreeMap<MediaId, (PhoneNumberId, String)>,
    /// Whether the next file is not taken.
    refuses_file: bool,
    /// How the next message that is taken fails afterwards.
    fails_later: Option<(u32, SendAction)>,
    /// Webhooks that were not delivered yet.
    waiting: Vec<Delivery>,
    throttle: Throttle,
    /// No call has a clear answer, or takes anything, until then.
    out_until: Option<Timestamp>,
    /// How many of the next messages it holds to look at their quality.
    holds: usize,
    /// How long an answer takes, at least and at most, in milliseconds.
    latency: (u64, u64),
}

impl SimMeta {
    /// A WhatsApp that took nothing yet.
    pub fn new(clock: Arc<FixedClock>, seed: Seed) -> Self {
        Self {
            clock,
            library: MemoryLibrary::default(),
            timer: Mutex::new(None),
            state: Mutex::new(State {
                seed,
                failing: 0,
                told: Vec::new(),
                asked: Vec::new(),
                posted: Vec::new(),
                taken: Vec::new(),
                answers: Vec::new(),
                account: Account::default(),
                files: BTreeMap::new(),
                refuses_file: false,
                fails_later: None,
                waiting: Vec::new(),
                throttle: Throttle::default(),
                out_until: None,
                holds: 0,
                latency: (0, 0),
            }),
        }
    }

    /// Lets every answer take some milliseconds.
    pub fn take_time(&self, timer: Arc<dyn Timer>, latency: (u64, u64)) {
        self.state.lock().unwrap().latency = latency;
        *self.timer.lock().unwrap() = Some(timer);
    }

    /// Takes so many messages a second from each number, and refuses what is beyond.
    pub fn throttle(&self, per_second: usize) {
        self.state.lock().unwrap().throttle = Throttle::at(per_second);
    }

    /// How many messages were beyond the throughput of their number.
    pub fn n_throttled(&self) -> usize {
        self.state.lock().unwrap().throttle.n_refused()
    }

    /// Gives no clear answer to any call, and takes nothing, until an instant.
    pub fn be_out_until(&self, instant: Timestamp) {
        self.state.lock().unwrap().out_until = Some(instant);
    }

    /// Holds the next messages to look at their quality, and tells nothing of them.
    pub fn hold(&self, messages: usize) {
        self.state.lock().unwrap().holds = messages;
    }

    /// Refuses everything from one number in a way of one's choice.
    pub fn refuse_all_from(&self, number: &PhoneNumberId, code: u32, action: SendAction) {
        self.state.lock().unwrap().account.refused_messages = Some((number.clone(), code, action));
    }

    /// How often calls go wrong from now on, in thousandths.
    pub fn fail(&self, per_mille: u64) {
        self.state.lock().unwrap().failing = per_mille;
    }

    /// Refuses the next call in a way of one's choice, without taking anything.
    pub fn answer_next(&self, error: SendError) {
        self.answer_slowly(SignedDuration::ZERO, error);
    }

    /// Refuses the next call, and takes its time over it.
    pub fn answer_slowly(&self, after: SignedDuration, error: SendError) {
        self.state.lock().unwrap().told.push((after, error));
    }

    /// Takes the next message, and tells in a status that it failed.
    pub fn fail_later(&self, code: u32, asks_for: SendAction) {
        self.state.lock().unwrap().fails_later = Some((code, asks_for));
    }

    /// Blocks every number, or lets it send again.
    pub fn block(&self, is_blocked: bool) {
        self.state.lock().unwrap().account.is_blocked = is_blocked;
    }

    /// Says from now on that an account was billed so much.
    pub fn bill(&self, waba: &WabaId, sums: Sums) {
        self.state.lock().unwrap().account.bills.insert(waba.clone(), sums);
    }

    /// Tells nothing of what an account was billed from now on.
    pub fn bill_nothing(&self, waba: &WabaId) {
        self.state.lock().unwrap().account.bills.remove(waba);
    }

    /// Lets every number write to so many people a day.
    pub fn limit(&self, daily_limit: u32) {
        self.state.lock().unwrap().account.daily_limit = Some(daily_limit);
    }

    /// Raises every number to the higher throughput.
    pub fn raise(&self) {
        self.state.lock().unwrap().account.throughput = Throughput::High;
    }

    /// Accepts no token any more.
    pub fn refuse_tokens(&self) {
        self.state.lock().unwrap().account.is_token_dead = true;
    }

    /// Lets no token reach one of the numbers.
    pub fn refuse_number(&self, number: &PhoneNumberId) {
        self.state.lock().unwrap().account.refused = Some(number.clone());
    }

    /// Tells nothing of any number, or does again.
    pub fn be_mute(&self, is_mute: bool) {
        self.state.lock().unwrap().account.is_mute = is_mute;
    }

    /// How often a number was asked about.
    pub fn looks_at(&self, number: &PhoneNumberId) -> usize {
        self.state.lock().unwrap().account.looks.get(number).copied().unwrap_or_default()
    }

    /// When it was called, whatever came of it.
    pub fn asked(&self) -> Vec<Timestamp> {
        self.state.lock().unwrap().asked.clone()
    }

    /// The attempts that it was called for, whatever came of them.
    pub fn posted(&self) -> Vec<AttemptId> {
        self.state.lock().unwrap().posted.clone()
    }

    /// Everything that was taken.
    pub fn taken(&self) -> Vec<TakenMessage> {
        self.state.lock().unwrap().taken.clone()
    }

    /// How many messages were taken.
    pub fn n_taken(&self) -> usize {
        self.state.lock().unwrap().taken.len()
    }

    /// What was taken after so many messages.
    pub fn taken_from(&self, place: usize) -> Vec<TakenMessage> {
        self.state.lock().unwrap().taken[place..].to_vec()
    }

    /// The answers that were taken after so many of them.
    pub fn answers_from(&self, place: usize) -> Vec<TakenAnswer> {
        self.state.lock().unwrap().answers[place..].to_vec()
    }

    /// The answers that were taken.
    pub fn answers(&self) -> Vec<TakenAnswer> {
        self.state.lock().unwrap().answers.clone()
    }

    /// Some waiting webhooks in any order; some of them stay and come again.
    pub fn webhooks(&self) -> Vec<Delivery> {
        let mut state = self.state.lock().unwrap();
        let mut out = Vec::new();
        for _ in 0..state.seed.next() % 6 {
            if state.waiting.is_empty() {
                break;
            }
            let choices = u64::try_from(state.waiting.len()).unwrap();
            let place = usize::try_from(state.seed.next() % choices).unwrap();
            let again = state.seed.happens(300);
            out.push(if again { state.waiting[place].clone() } else { state.waiting.swap_remove(place) });
        }
        out
    }

    /// All waiting webhooks, once.
    pub fn all_webhooks(&self) -> Vec<Delivery> {
        std::mem::take(&mut self.state.lock().unwrap().waiting)
    }

    /// Puts a webhook back, as Meta repeats what was not answered with 200.
    pub fn put_back(&self, delivery: Delivery) {
        self.state.lock().unwrap().waiting.push(delivery);
    }
}

/// The account of a number: the world names them alike, but for the spare number that an account may have.
pub fn waba_of(phone: &PhoneNumberId) -> WabaId {
    let name = phone.as_str().trim_end_matches("-spare");
    name.replace("phone", "waba").parse().unwrap()
}

/// The user who has a number: the world names them alike.
pub fn user_of(number: &PhoneNumber) -> WhatsappUserId {
    number.as_e164().replace('+', "AE.").parse().unwrap()
}

/// The number of a user.
pub fn number_of(user: &WhatsappUserId) -> PhoneNumber {
    user.as_str().replace("AE.", "+").parse().unwrap()
}

/// The spare number of the account of another.
pub fn spare_of(phone: &PhoneNumberId) -> PhoneNumberId {
    format!("{phone}-spare").parse().unwrap()
}
