//! Rule 13: thanks for money that arrived, with what is still overdue.
//!
//! Only payments count, so that nobody is thanked for a credit or a write-off, and only those for what a reminder
//! had asked for: thanks for what was paid unasked, or before the ledger was connected, would be noise.

use jiff::{SignedDuration, civil::Date};

use crate::{
    credit::Receipt,
    id::ExternalId,
    invoice::Invoice,
    money::Money,
    plan::{
        Around, History, SentReminder,
        chase::{Chase, Content},
        decision::{PlannedSend, Turn},
        reason::{Reason, SkipCode},
        rests_on,
        scene::UnitScene,
        step,
    },
    policy::Tone,
    reminder::{Occasion, ReminderKey},
    template::Purpose,
};

/// Money that was taken back keeps the product from thanking for any for this long.
const AFTER_REVERSAL: SignedDuration = SignedDuration::from_hours(24);

/// What a customer is to be thanked for.
#[derive(Debug)]
pub(super) struct Thanks<'a> {
    /// The date of the latest payment.
    until: Date,
    /// What arrived.
    amount: Money,
    /// The latest reminder that asked for it.
    asked: &'a SentReminder,
}

/// The thanks that are due: for what was first seen on an earlier day, and within the catch-up.
pub(super) fn due<'a>(unit: &UnitScene<'a>) -> Option<Thanks<'a>> {
    let receipts = unit.receipts.filter(|_| unit.policy.thank_you)?;
    if receipts.reversed_at.is_some_and(|at| unit.now.duration_since(at) < AFTER_REVERSAL) {
        return None;
    }
    // Whoever was thanked in one currency was thanked, and a payment whose date is corrected afterwards is no new one.
    let said = unit.past.iter().filter(|past| !unit.may_be_tried_again(past));
    let said: Vec<(Date, Date)> =
        said.filter_map(|past| Some((past.key.occasion.thanks_until()?, past.sent_on))).collect();
    let counts = |receipt: &&Receipt| {
        let seen_on = unit.zone.date(receipt.seen_at);
        let is_new = said.iter().all(|(until, sent_on)| receipt.on > *until && seen_on >= *sent_on)
            && !unit.is_in_lost_time(receipt.on);
        let has_arrived = receipt.amount.is_positive() && receipt.on <= unit.date && !is_undone(unit, receipt);
        is_new && has_arrived && seen_on < unit.date && !is_late(unit, seen_on)
    };
    let asked_for = receipts.recent.iter().filter(counts).filter_map(|receipt| Some((receipt, asked(unit, receipt)?)));
    let asked_for: Vec<(&Receipt, &SentReminder)> = asked_for.collect();
    let minor = asked_for.iter().fold(0_i64, |sum, (receipt, _)| sum.saturating_add(receipt.amount.minor));
    Some(Thanks {
        until: asked_for.iter().map(|(receipt, _)| receipt.on).max()?,
        amount: Money::new(minor, unit.currency),
        asked: asked_for.iter().map(|(_, asked)| *asked).max_by_key(|asked| (asked.sent_on, &asked.key))?,
    })
}

/// Whether the slot of thanks was missed for longer than the catch-up: the day after the payment was seen, or the day
/// to which a person put them off.
fn is_late(unit: &UnitScene<'_>, seen_on: Date) -> bool {
    let put_off = [unit.file.moved_to, unit.file.snoozed_until].into_iter().flatten();
    let slot = put_off.chain(seen_on.tomorrow().ok()).max();
    unit.hours.lapsed.is_some_and(|lapsed| slot.is_none_or(|slot| slot <= lapsed))
}

/// Whether so much is open of the invoices of a payment that it cannot have stayed: it was taken back, and nobody
/// said so yet.
fn is_undone(unit: &UnitScene<'_>, receipt: &Receipt) -> bool {
    let open = |id: &ExternalId| unit.open.iter().map(|open| &open.invoice).find(|invoice| invoice.id == *id);
    // An invoice that is not open any more took up its part, which nobody knows.
    let open: Option<Vec<&Invoice>> = receipt.invoices.iter().map(open).collect();
    let settled = |invoice: &Invoice| invoice.total.minor.saturating_sub(invoice.remaining.minor);
    open.is_some_and(|open| open.into_iter().map(settled).fold(0, i64::saturating_add) < receipt.amount.minor)
}

/// The latest reminder that asked for what a payment paid, on its day or before.
fn asked<'a>(unit: &UnitScene<'a>, receipt: &Receipt) -> Option<&'a SentReminder> {
    let asks = |past: &&SentReminder| {
        let is_reminder = past.key.occasion.thanks_until().is_none();
        let went_out = is_reminder && !past.state.may_be_claimed_again() && past.state.code().is_none();
        let is_about_it = receipt.invoices.iter().any(|paid| past.key.anchor == *paid || past.listed.contains(paid));
        went_out && is_about_it && past.sent_on <= receipt.on
    };
    unit.past.iter().filter(asks).max_by_key(|past| (past.sent_on, &past.key))
}

/// The message of thanks, or why it does not go out; `reasons` are those for any silence towards the customer.
///
/// With something overdue it is one message that says both.
pub(super) fn message(
    unit: &UnitScene<'_>,
    chase: Option<&Chase<'_>>,
    thanks: &Thanks<'_>,
    reasons: &[Reason],
    history: &History,
) -> Result<PlannedSend, Vec<Reason>> {
    let line = history.channel.line_for(unit.unit.contact.connection);
    let text = |purpose| line.text(&[purpose], unit.languages);
    let overdue = chase.filter(|_| text(Purpose::PartPayment).is_some()).and_then(|chase| overdue(unit, chase));
    let holds = reasons.iter().filter(|reason| !is_no_hold(reason.code, overdue.is_some()));
    let mut holds: Vec<Reason> = holds.cloned().collect();
    let (occasion, purpose) = match overdue {
        Some(_) => (Occasion::PartPayment(thanks.until), Purpose::PartPayment),
        None => (Occasion::ThankYou(thanks.until), Purpose::ThankYou),
    };
    let language = text(purpose).map(|said| said.language);
    if language.is_none() {
        holds.push(SkipCode::TemplateUnusable.into());
    }
    let Some(slot) = unit.hours.slot else {
        holds.push(Reason::until(SkipCode::NoStepToday, unit.hours.next_day));
        return Err(holds);
    };
    let Some(recipient) = unit.recipient.cloned().filter(|_| holds.is_empty()) else { return Err(holds) };
    let is_overdue = overdue.is_some();
    let nothing = || Content { lines: Vec::new(), more: 0, total: Money::zero(unit.currency) };
    let Content { lines, more, total } = overdue.unwrap_or_else(nothing);
    let language = language.unwrap_or_default();
    Ok(PlannedSend {
        anchor: thanks.asked.key.anchor.clone(),
        cycle: thanks.asked.key.cycle,
        occasion,
        tone: Tone::Friendly,
        purpose: Some(purpose),
        language,
        variant: line.variant(purpose, language, Around::of(unit.policy, &lines, more)),
        library: None,
        counted_from: None,
        overdue: is_overdue,
        superseded: Vec::new(),
        recipient,
        lines,
        more,
        total,
        paid: Some(thanks.amount),
        at: slot.at,
        until: Some(slot.until),
        delivered_before: unit.delivered,
        turn: Turn::default(),
        charge: None,
        rests_on: all_that_counts(unit, chase),
    })
}

/// What is overdue, if it is worth a message.
fn overdue(unit: &UnitScene<'_>, chase: &Chase<'_>) -> Option<Content> {
    // What may not be asked for yet, or did not arrive, is no reason to ask.
    let mut overdue = chase.candidates().filter(|candidate| candidate.due < unit.today);
    let oldest = overdue.find(|candidate| !step::is_silent(unit, candidate))?;
    let content = chase.content(oldest.due, unit.today);
    let minimum = unit.policy.minimum_total.get(&unit.currency);
    minimum.is_none_or(|minimum| content.total.minor >= *minimum).then_some(content)
}

/// Reasons not to ask for more that are none not to thank.
const HOLDS_OF_DEBT: [SkipCode; 5] = [
    SkipCode::MoneyUnallocated,
    SkipCode::CreditOpen,
    SkipCode::WeOweThem,
    SkipCode::PaidClaimed,
    SkipCode::PromiseOpen,
];

/// Whether a reason not to ask for money is none not to thank for it.
fn is_no_hold(code: SkipCode, asks_for_more: bool) -> bool {
    code == SkipCode::PaymentGrace || (!asks_for_more && HOLDS_OF_DEBT.contains(&code))
}

/// Every past message that was looked at: who was asked and thanked before, and what a reminder would rest on.
fn all_that_counts(unit: &UnitScene<'_>, chase: Option<&Chase<'_>>) -> Vec<ReminderKey> {
    let recent = unit.receipts.map_or(&[][..], |receipts| &receipts.recent);
    let is_paid = |past: &SentReminder| {
        recent.iter().flat_map(|receipt| &receipt.invoices).any(|id| past.key.anchor == *id || past.listed.contains(id))
    };
    let said = unit.past.iter().filter(|past| is_paid(past));
    let mut keys: Vec<ReminderKey> = said.map(|past| past.key.clone()).chain(rests_on(unit, chase)).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}
