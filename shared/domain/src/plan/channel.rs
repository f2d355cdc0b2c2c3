//! WhatsApp as the planner sees it: what can send, and what of it is used up.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, ToSpan, civil::Date};

use crate::{
    account_bill::AccountBill,
    cost::RateCard,
    id::{ConnectionId, NumberKey, PhoneNumberId},
    language::Language,
    library::LibraryText,
    plan::decision::InvoiceLine,
    policy::Policy,
    reminder::{Reminder, ReminderState},
    template::{Purpose, Variant},
};

/// Whether WhatsApp can be used, with which texts, and how much of it is used up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Channel {
    /// What writes for every ledger without a number of its own.
    pub line: Line,
    /// What writes for ledgers that have a number of their own.
    pub own_lines: BTreeMap<ConnectionId, Line>,
    /// Our own sending numbers in their matching form: nobody is reminded at one.
    pub own_numbers: BTreeSet<String>,
    /// How many people Meta lets the sender write to in 24 hours, where that is known.
    pub daily_limit: Option<u32>,
    /// When each number was last written to, for those of the last two days: Meta's limit counts them for 24 hours.
    pub written_to: BTreeMap<NumberKey, Timestamp>,
    /// Further messages that count against Meta's limit, whatever the hour.
    pub sends_before: u32,
    /// How many numbers each sender wrote to on this day that it had never written to before.
    pub first_times_today: BTreeMap<PhoneNumberId, u32>,
    /// What the messages of the month cost so far, in millionths of the unit of the cap's currency; 0 without a cap.
    pub spent_this_month: u64,
}

/// A number that sends, or several of which any may, with the texts that it may send.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// Whether it can send.
    pub state: ChannelState,
    /// The number that writes, if there is one.
    pub sender: Option<PhoneNumberId>,
    /// What approved templates say, by language, whatever a message lists.
    pub approved: BTreeSet<(Language, Purpose)>,
    /// Which of their variants are approved; the plain text stands in for the others.
    pub variants: BTreeSet<(Language, Purpose, Variant)>,
    /// The texts of Meta's library that the business chose and that may be sent; any text of the pack goes before them.
    pub library: BTreeMap<(Language, Purpose), LibraryText>,
}

/// What can be said: a purpose in a language, with the text of Meta's library that says it where none of the pack does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said<'a> {
    /// What for.
    pub purpose: Purpose,
    /// In which language.
    pub language: Language,
    /// With which text, if it is none of the pack.
    pub library: Option<&'a LibraryText>,
}

impl Line {
    /// The first of some purposes with an approved template, in the first of some languages that has one.
    pub fn text(&self, purposes: &[Purpose], languages: [Language; 2]) -> Option<Said<'_>> {
        languages.into_iter().find_map(|language| {
            let of_pack = |purpose: &Purpose| self.approved.contains(&(language, *purpose)).then_some((*purpose, None));
            let of_library = |purpose: &Purpose| Some((*purpose, Some(self.library.get(&(language, *purpose))?)));
            let found = purposes.iter().find_map(of_pack).or_else(|| purposes.iter().find_map(of_library));
            found.map(|(purpose, library)| Said { purpose, language, library })
        })
    }

    /// The variant in which a text goes out: the first approved one of those that are wanted, with answers otherwise.
    pub fn variant(&self, purpose: Purpose, language: Language, around: Around) -> Variant {
        let approved = |variant: &&Variant| self.variants.contains(&(language, purpose, **variant));
        around.variants().iter().find(approved).copied().unwrap_or_default()
    }
}

/// What is wanted around a message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Around {
    /// The invoice itself.
    pub pdf: bool,
    /// A button that opens the page of the invoice.
    pub pay_button: bool,
}

impl Around {
    /// The variants that will do, the best first; without any of them the plain one is left.
    const fn variants(self) -> &'static [Variant] {
        match (self.pdf, self.pay_button) {
            (true, true) => &[Variant::PdfPayPage, Variant::PayPage, Variant::PdfReplies, Variant::Replies],
            (true, false) => &[Variant::PdfReplies, Variant::Replies],
            (false, true) => &[Variant::PayPage, Variant::Replies],
            (false, false) => &[Variant::Replies],
        }
    }

    /// Rule 5: what is about one invoice stands around a message that lists no other.
    pub(super) const fn of(policy: &Policy, lines: &[InvoiceLine], more: usize) -> Self {
        let is_one = lines.len() == 1 && more == 0;
        Self { pdf: is_one && policy.pdf, pay_button: is_one && policy.pay_link }
    }
}

impl Policy {
    /// The variant in which its messages about one invoice go out once all texts are approved.
    pub fn best_variant(&self) -> Variant {
        let around = Around { pdf: self.pdf, pay_button: self.pay_link };
        around.variants().first().copied().unwrap_or_default()
    }
}

impl Channel {
    /// What writes to the customers of a ledger.
    pub fn line_for(&self, ledger: ConnectionId) -> &Line {
        self.own_lines.get(&ledger).unwrap_or(&self.line)
    }

    /// Counts what went out lately, and what the month has cost: by our own count or by Meta's bills, whichever is higher.
    pub fn count(&mut self, reminders: &[Reminder], bills: &[AccountBill], today: Date, rates: Option<&RateCard>) {
        self.spent_this_month = rates.map_or(0, |rates| rates.counted(reminders, bills, today));
        let before_last = today.saturating_sub(2.days());
        let mut first_dates: BTreeMap<(&PhoneNumberId, &NumberKey), Date> = BTreeMap::new();
        let went_out = reminders.iter().filter(|reminder| !matches!(reminder.state, ReminderState::NotSent { .. }));
        for reminder in went_out {
            let first = first_dates.entry((&reminder.sender, &reminder.recipient)).or_insert(reminder.date);
            *first = reminder.date.min(*first);
            if reminder.date >= before_last {
                let last = self.written_to.entry(reminder.recipient.clone()).or_insert(reminder.claimed_at);
                *last = reminder.claimed_at.max(*last);
            }
        }
        for ((sender, _), _) in first_dates.into_iter().filter(|(_, first)| *first == today) {
            *self.first_times_today.entry(sender.clone()).or_default() += 1;
        }
    }
}

/// Whether there is a number that can send.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ChannelState {
    /// It can.
    Ready,
    /// Meta blocks it.
    Blocked,
    /// None is connected, or its token is dead.
    #[default]
    ReconnectNeeded,
}
