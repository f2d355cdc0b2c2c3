//! Rules 1 to 3 and 12: which message of the sequence goes out, if any.

use jiff::{ToSpan, civil::Date};

use crate::{
    plan::{
        SentReminder,
        chase::{Candidate, Chase},
        entry::{entry, is_settling},
        promise::{LEDGERS, PromiseState, StandingPromise},
        reason::{Reason, SkipCode},
        scene::UnitScene,
    },
    policy::{Step, StepId, Tone, repeat::Repeat},
    reminder::{MAX_ATTEMPTS, Occasion},
    template::Purpose,
};

/// The message to send, and the unsent lower steps it replaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    /// Which message.
    pub occasion: Occasion,
    /// How firm it is.
    pub tone: Tone,
    /// The text that the step was given, if it was given one.
    pub text: Option<Purpose>,
    /// The date that the steps are counted from.
    pub counted_from: Date,
    /// Lower steps that will now never be sent.
    pub superseded: Vec<StepId>,
}

/// Chooses the message for an anchor.
pub(super) fn choose(unit: &UnitScene<'_>, candidate: &Candidate<'_>) -> Result<Choice, Reason> {
    let sequence = Sequence::of_anchor(unit, candidate);
    if let Some(reason) = sequence.stands_still() {
        return Err(reason);
    }
    match sequence.step() {
        Some(step) => Ok(sequence.choice(step)),
        None => sequence.repeat().ok_or_else(|| sequence.nothing_today()),
    }
}

/// Chooses the message for an anchor about which a person wants one now: the step or repeat whose day has come, however
/// long ago, or the next one. No tone is skipped for it, and nothing goes out twice.
pub(super) fn choose_manually(unit: &UnitScene<'_>, candidate: &Candidate<'_>) -> Result<Choice, Reason> {
    let sequence = Sequence::of_anchor(unit, candidate);
    if let Some(reason) = sequence.stands_still() {
        return Err(reason);
    }
    match sequence.next_step() {
        Some(step) => Ok(sequence.choice(step)),
        // What waits for a delivery may go out as soon as that is known, whatever the day.
        None => sequence.next_repeat().ok_or_else(|| match sequence.waits_for_delivery() {
            true => Reason::of(SkipCode::NoStepToday),
            false => sequence.nothing_today(),
        }),
    }
}

/// Whether nothing may be said about an anchor for its own sake: it was just seen for the first time, or two messages
/// in a row did not arrive.
pub(super) fn is_silent(unit: &UnitScene<'_>, candidate: &Candidate<'_>) -> bool {
    let sequence = Sequence::of_anchor(unit, candidate);
    let is_unreachable = sequence.undelivered_in_a_row() >= MAX_ATTEMPTS;
    is_unreachable || (sequence.reminders.is_empty() && is_settling(unit, candidate))
}

/// The word about a promise that was not kept, if it was not said yet.
pub(super) fn promise_missed<'a>(unit: &UnitScene<'_>, chase: &Chase<'a>) -> Option<(Candidate<'a>, Choice)> {
    let is_missed = |promise: &&StandingPromise| match promise.state {
        PromiseState::Missed { since } => !unit.is_in_lost_time(since),
        PromiseState::Open { .. } => false,
    };
    let mut missed = unit.promises.iter().filter(is_missed);
    missed.find_map(|promise| {
        let is_anchor = |candidate: &Candidate<'_>| candidate.open.invoice.id == promise.anchor;
        let candidate = chase.candidates().find(is_anchor).filter(|candidate| candidate.due < unit.today)?;
        let sequence = Sequence::of_anchor(unit, &candidate);
        let occasion = Occasion::PromiseMissed(promise.number);
        // A promise about several invoices is told of once; each date of the ledger is about one invoice.
        let is_same = |past: &&SentReminder| {
            let key = &past.key;
            let is_about_it =
                promise.number != LEDGERS || (key.anchor == promise.anchor && key.cycle == sequence.cycle);
            key.occasion == occasion && key.currency == unit.currency && is_about_it
        };
        let is_said = unit.past.iter().filter(is_same).any(|past| !unit.may_be_tried_again(past));
        let counted_from = sequence.counted_from;
        let firm = sequence.firmest_told().map_or(Tone::Firm, |told| told.max(Tone::Firm));
        let tone = firm.min(sequence.allowed_tone());
        let is_due = !is_said && sequence.stands_still().is_none();
        is_due.then_some((candidate, Choice { occasion, tone, text: None, counted_from, superseded: Vec::new() }))
    })
}

/// An anchor on its way through the steps of its policy.
struct Sequence<'a> {
    unit: &'a UnitScene<'a>,
    /// Its reminders in this cycle.
    reminders: Vec<&'a SentReminder>,
    cycle: u32,
    due: Date,
    counted_from: Date,
    not_before: Option<Date>,
    firmest: Tone,
}

impl<'a> Sequence<'a> {
    fn of_anchor(unit: &'a UnitScene<'a>, candidate: &Candidate<'_>) -> Self {
        let (id, cycle) = (&candidate.open.invoice.id, candidate.open.cycle);
        let is_of_cycle = |past: &&SentReminder| {
            let key = &past.key;
            // Thanks are no part of the sequence.
            let asks = key.occasion.thanks_until().is_none();
            asks && key.currency == unit.currency && key.anchor == *id && key.cycle == cycle
        };
        let reminders: Vec<&SentReminder> = unit.past.iter().filter(is_of_cycle).collect();
        // What began stays as it began, whatever was paid or chosen since.
        let begun = reminders.iter().max_by_key(|past| past.sent_on);
        let entry = entry(unit, candidate).waiting(candidate.due, (unit.today, unit.lost_until));
        match begun {
            Some(begun) => Self {
                unit,
                cycle,
                due: candidate.due,
                counted_from: begun.counted_from.unwrap_or(candidate.due),
                not_before: None,
                firmest: Tone::Final,
                reminders,
            },
            None => Self {
                unit,
                cycle,
                due: candidate.due,
                counted_from: entry.counted_from,
                not_before: entry.not_before,
                firmest: entry.firmest,
                reminders,
            },
        }
    }

    /// Why nothing is said about the anchor, whatever its steps say.
    fn stands_still(&self) -> Option<Reason> {
        if self.undelivered_in_a_row() >= MAX_ATTEMPTS {
            return Some(SkipCode::UndeliveredTwice.into());
        }
        let later = self.not_before.filter(|day| *day > self.unit.today)?;
        Some(Reason::until(SkipCode::NoStepToday, Some(later)))
    }

    /// How many of the latest messages to this number did not arrive, whichever they were.
    fn undelivered_in_a_row(&self) -> usize {
        let mut latest: Vec<&SentReminder> =
            self.to_this_number().filter(|past| self.unit.still_counts(past)).collect();
        latest.sort_by_key(|past| std::cmp::Reverse(past.sent_on));
        let undelivered = latest.iter().take_while(|past| !past.state.is_delivered());
        undelivered.map(|past| past.times_expired + usize::from(past.state.is_undelivered())).sum()
    }

    fn to_this_number(&self) -> impl Iterator<Item = &'a SentReminder> {
        self.reminders.iter().copied().filter(|past| Some(&past.recipient) == self.unit.recipient)
    }

    /// The highest step whose day has come and whose tone is allowed, unless it, or a later one, was sent.
    ///
    /// Steps up to the due date belong to invoices that are not overdue, the others to overdue ones. What is
    /// missed for too long is the highest step of all: a milder one goes out in its place, however old it is, or lends
    /// it its words, where it may have been said already.
    fn step(&self) -> Option<Step> {
        let overdue = self.due < self.unit.today;
        let age = self.age();
        let has_come = |step: &&Step| (step.offset_days > 0) == overdue && i32::from(step.offset_days) <= age;
        let mut come = self.unit.policy.steps.iter().filter(has_come);
        let allowed = self.allowed_tone();
        let milder = *come.clone().rfind(|step| step.tone <= allowed)?;
        let highest = come.next_back().filter(|highest| !self.has_lapsed(self.day(highest)))?;
        let in_its_words = Step { tone: milder.tone, text: milder.text, ..*highest };
        let step = if self.may_have_been_said(&milder) { in_its_words } else { milder };
        self.may_be_said(&step).then_some(step)
    }

    /// Whether a step may have gone out in a time of which nothing is known, or lent its place to milder words since.
    fn may_have_been_said(&self, step: &Step) -> bool {
        let lent = |past: &SentReminder| past.tone < step.tone;
        let has_lent = || self.past(Occasion::Step(step.id)).is_some_and(lent);
        self.unit.lost_until.is_some() && (self.unit.is_in_lost_time(self.day(step)) || has_lent())
    }

    /// The step whose day has come, whether its slot was missed or not, or else the first one whose day has not.
    fn next_step(&self) -> Option<Step> {
        let (overdue, age) = (self.due < self.unit.today, self.age());
        let mut steps = self.unit.policy.steps.iter().filter(|step| (step.offset_days > 0) == overdue);
        let come = steps.clone().rfind(|step| i32::from(step.offset_days) <= age && step.tone <= self.allowed_tone());
        come.filter(|step| self.may_be_said(step))
            .or_else(|| {
                let next = steps.find(|step| i32::from(step.offset_days) > age && !self.is_reached(step))?;
                (next.tone <= self.allowed_tone() && self.may_be_said(next)).then_some(next)
            })
            .copied()
    }

    /// Whether neither a step nor one behind it was sent, and nothing firmer was said.
    fn may_be_said(&self, step: &Step) -> bool {
        !self.is_reached(step) && self.firmest_told().is_none_or(|told| step.tone >= told)
    }

    /// Whether a step, or one behind it, was sent or is spoken for.
    fn is_reached(&self, step: &Step) -> bool {
        let is_past = |later: &Step| {
            later.offset_days >= step.offset_days && (self.is_spent(later) || self.is_told_otherwise(later))
        };
        self.unit.policy.steps.iter().any(is_past)
    }

    /// One tone up per message that reached the number: nobody gets a firmer word who never got a milder one.
    fn allowed_tone(&self) -> Tone {
        let by_number = match self.unit.delivered {
            0 => Tone::Gentle,
            1 => Tone::Firm,
            _ => Tone::Final,
        };
        by_number.min(self.firmest)
    }

    /// The firmest word that went to this number about the anchor; the next one is never milder.
    fn firmest_told(&self) -> Option<Tone> {
        self.to_this_number().filter(|past| !past.state.may_be_claimed_again()).map(|past| past.tone).max()
    }

    /// Days since the date from which the steps are counted.
    fn age(&self) -> i32 {
        self.unit.today.since(self.counted_from).map_or(i32::MIN, |span| span.get_days())
    }

    fn day(&self, step: &Step) -> Date {
        self.counted_from.saturating_add(i64::from(step.offset_days).days())
    }

    /// Whether the slot of a day was missed for longer than the catch-up; a hold that ended gives it a new slot, unless
    /// the message may have gone out in a time of which nothing is known.
    fn has_lapsed(&self, day: Date) -> bool {
        let held_until = self.not_before.into_iter().chain(self.unit.silent_until).max();
        let slot = held_until.map_or(day, |held| held.max(day));
        self.unit.is_in_lost_time(day) || self.unit.hours.lapsed.is_some_and(|lapsed| slot <= lapsed)
    }

    /// Whether a step was sent, or tried at this number as often as it may be, or one of its repeats took its place.
    fn is_spent(&self, step: &Step) -> bool {
        self.is_over(Occasion::Step(step.id)) || self.is_repeated(step)
    }

    fn is_repeated(&self, step: &Step) -> bool {
        let is_repeat = |past: &SentReminder| match past.key.occasion {
            Occasion::Repeat { step: repeated, .. } => repeated == step.id,
            Occasion::Step(_) | Occasion::PromiseMissed(_) | Occasion::ThankYou(_) | Occasion::PartPayment(_) => false,
        };
        self.reminders.iter().any(|past| is_repeat(past) && !past.state.may_be_claimed_again())
    }

    fn is_over(&self, occasion: Occasion) -> bool {
        self.past(occasion).is_some_and(|past| !self.unit.may_be_tried_again(past))
    }

    /// Whether a message that is no step of this policy said what the step says: one of the policy that applied
    /// before, or the word about a missed promise. It stands for every step as mild whose day had come by then.
    fn is_told_otherwise(&self, step: &Step) -> bool {
        let is_other = |past: &SentReminder| match past.key.occasion {
            Occasion::Step(id) | Occasion::Repeat { step: id, .. } => {
                self.unit.policy.steps.iter().all(|own| own.id != id)
            }
            Occasion::PromiseMissed(_) => true,
            Occasion::ThankYou(_) | Occasion::PartPayment(_) => false,
        };
        let told = self.reminders.iter().filter(|past| is_other(past) && !past.state.may_be_claimed_again());
        let day = self.day(step);
        told.into_iter().any(|past| step.tone <= past.tone && day <= past.sent_on)
    }

    fn past(&self, occasion: Occasion) -> Option<&'a SentReminder> {
        self.reminders.iter().copied().find(|past| past.key.occasion == occasion)
    }

    fn choice(&self, step: Step) -> Choice {
        // What an earlier message replaced is not replaced again.
        let gone = self.unit.policy.steps.iter().rfind(|lower| self.is_spent(lower)).map(|lower| lower.offset_days);
        let is_superseded = |lower: &&Step| {
            let is_between = lower.offset_days < step.offset_days && gone.is_none_or(|gone| lower.offset_days > gone);
            is_between && self.past(Occasion::Step(lower.id)).is_none()
        };
        Choice {
            occasion: Occasion::Step(step.id),
            tone: step.tone,
            text: step.text,
            counted_from: self.counted_from,
            superseded: self.unit.policy.steps.iter().filter(is_superseded).map(|lower| lower.id).collect(),
        }
    }

    /// The repeat of the last step whose day has come and that was not sent; of a last step that was missed for too long
    /// it takes the place.
    fn repeat(&self) -> Option<Choice> {
        let (last, repeat, first_on) = self.repeated()?;
        let due = |n: &u8| repeat.day(first_on, *n) <= self.unit.today;
        let n = (1..=repeat.at_most).rfind(due)?;
        let is_over = self.has_lapsed(repeat.day(first_on, n)) || n <= self.last_repeat(&last, repeat);
        if is_over { None } else { self.repetition(last, n) }
    }

    /// The repeat whose day has come and that was not sent, or else the next one.
    fn next_repeat(&self) -> Option<Choice> {
        let (last, repeat, first_on) = self.repeated()?;
        let said = self.last_repeat(&last, repeat);
        let come = (1..=repeat.at_most).rfind(|n| repeat.day(first_on, *n) <= self.unit.today).unwrap_or_default();
        let n = come.max(said.checked_add(1)?);
        (n <= repeat.at_most).then(|| self.repetition(last, n))?
    }

    /// The number of the last repeat that was sent, or tried as often as it may be; 0 if none was.
    fn last_repeat(&self, last: &Step, repeat: Repeat) -> u8 {
        let is_over = |n: &u8| self.is_over(Occasion::Repeat { step: last.id, n: *n });
        (1..=repeat.at_most).rfind(is_over).unwrap_or_default()
    }

    fn repetition(&self, last: Step, n: u8) -> Option<Choice> {
        let occasion = Occasion::Repeat { step: last.id, n };
        // The number may be another one by now, which got no milder word, or another policy has said a firmer one.
        let told = self.firmest_told();
        let tone = told.map_or(last.tone, |told| told.max(last.tone)).min(self.allowed_tone());
        if told.is_some_and(|told| tone < told) {
            return None;
        }
        Some(Choice { occasion, tone, text: last.text, counted_from: self.counted_from, superseded: Vec::new() })
    }

    /// The last step with its repeat and the day from which repeats count, once they may begin: the step went out, or
    /// its slot was missed for too long.
    fn repeated(&self) -> Option<(Step, Repeat, Date)> {
        let (last, repeat, first_on) = self.repeats()?;
        let has_begun = self.sent_on(&last).is_some() || self.is_repeated(&last) || self.has_lapsed(first_on);
        has_begun.then_some((last, repeat, first_on))
    }

    /// The last step with its repeat and the day on which it went out or is to go out.
    ///
    /// None where something else said what it says, or where its day was over when the policy got it: a step that is
    /// added later is for later anchors.
    fn repeats(&self) -> Option<(Step, Repeat, Date)> {
        let (repeat, last) = (self.unit.policy.repeat?, self.unit.policy.steps.last()?);
        let edited_on = self.unit.zone.date(self.unit.policy.edited_at);
        let to_go_out = || Some(self.day(last)).filter(|day| edited_on <= *day && !self.is_told_otherwise(last));
        Some((*last, repeat, self.sent_on(last).or_else(to_go_out)?))
    }

    /// When a step went out.
    fn sent_on(&self, step: &Step) -> Option<Date> {
        let past = self.past(Occasion::Step(step.id)).filter(|past| !past.state.may_be_claimed_again())?;
        Some(past.sent_on)
    }

    /// Nothing until the next step's or repeat's day, or nothing ever again.
    fn nothing_today(&self) -> Reason {
        let sent = self.unit.policy.steps.iter().rfind(|step| self.is_spent(step)).map(|step| step.offset_days);
        let age = self.age();
        let above = self.unit.policy.steps.iter().filter(|step| sent.is_none_or(|sent| step.offset_days > sent));
        let steps = above.filter(|step| i32::from(step.offset_days) > age).map(|step| self.day(step));
        let repeats = self.repeats().into_iter().flat_map(|(last, repeat, first_on)| {
            let said = self.last_repeat(&last, repeat);
            (1..=repeat.at_most).filter(move |n| *n > said).map(move |n| repeat.day(first_on, n))
        });
        let next = steps.chain(repeats).find(|day| *day > self.unit.today);
        match next.into_iter().chain(self.tried_again_on()).min() {
            Some(next) => Reason::until(SkipCode::NoStepToday, Some(next)),
            // A due step waits for the delivery of a milder word, or for nothing any more.
            None if self.waits_for_delivery() => Reason::of(SkipCode::NoStepToday),
            None => Reason::of(SkipCode::SequenceFinished),
        }
    }

    /// The day on which the latest message is tried again, where that is later.
    fn tried_again_on(&self) -> Option<Date> {
        let latest = self.reminders.iter().max_by_key(|past| past.sent_on)?;
        let from = latest.again_from.filter(|from| *from > self.unit.goes_out_at())?;
        Some(self.unit.zone.date(from).max(self.unit.today.tomorrow().ok()?))
    }

    /// Whether a step is due that is firmer than what reached the number so far allows.
    fn waits_for_delivery(&self) -> bool {
        let allowed = self.allowed_tone();
        let waits = |step: &Step| step.tone > allowed && !self.is_spent(step) && !self.has_lapsed(self.day(step));
        self.unit.policy.steps.iter().any(waits) && self.reminders.iter().any(|past| !past.state.is_delivered())
    }
}
