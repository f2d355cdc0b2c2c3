//! What a decision looks at: the whole ledger once, then one unit at a time.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, HashMap, HashSet, btree_map},
    iter::Peekable,
    ptr,
    rc::Rc,
};

use jiff::{Timestamp, civil::Date};

use crate::{
    calendar::{
        Zone,
        clock::{SendClock, Slot},
    },
    contact::{Contact, ContactRef},
    credit::{Bill, Credit, Receipts},
    customer_file::CustomerFile,
    id::NumberKey,
    language::Language,
    money::Currency,
    organisation::Organisation,
    phone::CountryCode,
    plan::{
        History, Ledger, OpenInvoice, SentReminder,
        decision::Unit,
        entry::GRACE_DAYS,
        promise::{PromiseState, StandingPromise},
    },
    policy::{
        Policy, WhoseClock,
        audience::{Balances, Policies, balances},
    },
};

/// Customers that share a number from this count on are all held.
const SHARED_FROM: usize = 3;

/// Everything that a plan looks at, in the order in which it is asked for.
pub(super) struct Scene<'a> {
    pub organisation: &'a Organisation,
    pub ledger: &'a Ledger,
    pub policies: &'a Policies,
    pub history: &'a History,
    pub now: Timestamp,
    /// The organisation's date.
    pub date: Date,
    /// Open invoices in the order of units.
    open: Vec<&'a OpenInvoice>,
    /// Numbers that too many customers have.
    shared: HashSet<&'a NumberKey>,
    credits: BTreeMap<&'a ContactRef, Vec<&'a Credit>>,
    bills: BTreeMap<&'a ContactRef, Vec<&'a Bill>>,
    empty_file: CustomerFile,
}

impl<'a> Scene<'a> {
    pub(super) fn of(
        organisation: &'a Organisation,
        ledger: &'a Ledger,
        policies: &'a Policies,
        history: &'a History,
        now: Timestamp,
    ) -> Self {
        let mut open: Vec<&OpenInvoice> = ledger.invoices.iter().filter(|open| open.invoice.is_open()).collect();
        // The table lists them by customer, so there is little to move.
        open.sort_by(|one, other| unit_of(one).cmp(&unit_of(other)));
        let mut sharers: HashMap<&NumberKey, usize> = HashMap::with_capacity(ledger.contacts.len());
        for key in ledger.contacts.values().filter_map(|contact| contact.number.key()) {
            *sharers.entry(key).or_default() += 1;
        }
        Self {
            organisation,
            ledger,
            policies,
            history,
            now,
            date: organisation.zone.date(now),
            open,
            shared: sharers.into_iter().filter(|(_, count)| *count >= SHARED_FROM).map(|(key, _)| key).collect(),
            credits: grouped(&ledger.credits, |credit| &credit.contact),
            bills: grouped(&ledger.bills, |bill| &bill.contact),
            empty_file: CustomerFile::default(),
        }
    }

    /// Every unit with all that concerns it, in the order of units.
    pub(super) fn units(&'a self) -> impl Iterator<Item = UnitScene<'a>> {
        let mut beside = Beside::of(self);
        let units = self.open.chunk_by(|one, other| unit_of(one) == unit_of(other));
        units.filter_map(move |open| {
            let (contact, currency) = unit_of(open.first()?);
            Some(self.unit(Unit { contact: contact.clone(), currency }, open, &mut beside))
        })
    }

    /// Units that paid lately and owe nothing any more, in the order of units.
    pub(super) fn settled_units(&'a self) -> impl Iterator<Item = UnitScene<'a>> {
        let mut beside = Beside::of(self);
        let owes =
            |unit: &Unit| self.open.binary_search_by(|open| unit_of(open).cmp(&(&unit.contact, unit.currency))).is_ok();
        let paid = self.ledger.receipts.iter().filter(|(_, receipts)| !receipts.recent.is_empty());
        let settled = paid.map(|(unit, _)| unit).filter(move |unit| !owes(unit));
        settled.map(move |unit| self.unit(unit.clone(), &[], &mut beside))
    }

    /// Whether more customers have a number than one message a day could be meant for.
    pub(super) fn is_shared(&self, key: &NumberKey) -> bool {
        self.shared.contains(key)
    }

    fn unit(&'a self, unit: Unit, open: &'a [&'a OpenInvoice], beside: &mut Beside<'a>) -> UnitScene<'a> {
        let Self { organisation, ledger, policies, history, now, date, .. } = *self;
        let contact = beside.contacts.get(&unit.contact);
        let file = beside.files.get(&unit.contact).unwrap_or(&self.empty_file);
        let policy = match contact {
            Some(contact) => policies.for_contact(contact, file.policy.as_ref(), || self.balances_of(&unit.contact)),
            None => &policies.organisation_default,
        };
        let recipient = contact.and_then(|contact| contact.number.key());
        let country = country_of(policy, contact);
        let known = beside.hours.entry((ptr::from_ref(policy), country));
        let hours = known.or_insert_with(|| Rc::new(self.hours(policy, country)));
        let zone = &organisation.zone;
        let became = [policy.active_since, file.included_since].into_iter().flatten().max();
        let mut scene = UnitScene {
            hours: Rc::clone(hours),
            contact,
            recipient,
            currency: unit.currency,
            open,
            credits: self.credits.get(&unit.contact).map_or(&[], Vec::as_slice),
            bills: self.bills.get(&unit.contact).map_or(&[], Vec::as_slice),
            receipts: ledger.receipts.get(&unit),
            policy,
            languages: [file.language.or(policy.language).unwrap_or(organisation.language), organisation.language],
            file,
            past: beside.reminders.get(&unit.contact).map_or(&[], Vec::as_slice),
            delivered: recipient.and_then(|key| history.delivered.get(key)).copied().unwrap_or_default(),
            zone,
            date,
            today: hours.today,
            now,
            became_chaseable: became.map(|at| zone.date(at)),
            promises: Vec::new(),
            silent_until: None,
            lost_until: history.lost_until,
            unit,
        };
        scene.promises = scene.standing_promises();
        scene.silent_until = scene.silence_ends();
        scene
    }

    /// What is open of a customer per currency.
    fn balances_of(&self, contact: &ContactRef) -> Balances {
        let first = self.open.partition_point(|open| open.invoice.contact < *contact);
        let owed = self.open.iter().skip(first).map(|open| &open.invoice).take_while(|owed| owed.contact == *contact);
        balances(owed)
    }

    fn hours(&self, policy: &Policy, country: Option<CountryCode>) -> Hours {
        let (calendar, zone, clock) = (&policy.calendar, &self.organisation.zone, self.clock(country));
        let slot = calendar.slot_by(&clock, self.date, zone, self.now);
        let today = slot.map_or(self.date, |slot| slot.date);
        let tomorrow = self.date.tomorrow().ok().filter(|_| slot.is_none());
        Hours {
            slot,
            today,
            next_day: tomorrow.and_then(|day| calendar.next_day_by(&clock, day, zone)),
            lapsed: calendar.allowed_day_before(today, policy.catch_up_days.into()),
        }
    }

    fn clock(&self, country: Option<CountryCode>) -> SendClock {
        country.and_then(SendClock::of_country).unwrap_or_else(|| SendClock::of_zone(&self.organisation.zone))
    }

    /// The first sending hour for a unit from a day of the organisation on.
    pub(super) fn next_slot(&self, unit: &UnitScene<'_>, day: Date) -> Option<Timestamp> {
        let (calendar, zone) = (&unit.policy.calendar, &self.organisation.zone);
        let clock = self.clock(country_of(unit.policy, unit.contact));
        let slot_on = |day: Date| calendar.slot_by(&clock, day, zone, self.now);
        let slot = slot_on(day).or_else(|| slot_on(calendar.next_day_by(&clock, day.tomorrow().ok()?, zone)?));
        slot.map(|slot| slot.at)
    }
}

/// The sending hours of one day, by one policy and clock.
#[derive(Debug)]
pub(super) struct Hours {
    /// The first instant of the organisation's day at which a message may go out.
    pub slot: Option<Slot>,
    /// The recipient's date at the slot; without a slot the organisation's.
    pub today: Date,
    /// The latest day whose slot was missed for longer than the catch-up, if any day of a year was.
    pub lapsed: Option<Date>,
    /// Without a slot, the organisation's next day that has one.
    pub next_day: Option<Date>,
}

/// Hours by policy and country: one policy and country have the same for every customer.
type KnownHours = BTreeMap<(*const Policy, Option<CountryCode>), Rc<Hours>>;

/// What is known beside the open invoices. Units come in order, so everything is looked at once.
struct Beside<'a> {
    contacts: Walk<'a, Contact>,
    files: Walk<'a, CustomerFile>,
    reminders: Walk<'a, Vec<SentReminder>>,
    hours: KnownHours,
}

impl<'a> Beside<'a> {
    fn of(scene: &Scene<'a>) -> Self {
        Self {
            contacts: Walk::along(&scene.ledger.contacts),
            files: Walk::along(&scene.history.files),
            reminders: Walk::along(&scene.history.reminders),
            hours: KnownHours::new(),
        }
    }
}

/// A map that is asked for its keys in order.
struct Walk<'a, T>(Peekable<btree_map::Iter<'a, ContactRef, T>>);

impl<'a, T> Walk<'a, T> {
    fn along(map: &'a BTreeMap<ContactRef, T>) -> Self {
        Self(map.iter().peekable())
    }

    /// What the map has for a contact that is not before the last one asked for.
    fn get(&mut self, contact: &ContactRef) -> Option<&'a T> {
        loop {
            let (next, found) = *self.0.peek()?;
            match next.cmp(contact) {
                Ordering::Less => _ = self.0.next(),
                Ordering::Equal => return Some(found),
                Ordering::Greater => return None,
            }
        }
    }
}

/// Who owes an invoice, and in which currency.
const fn unit_of(open: &OpenInvoice) -> (&ContactRef, Currency) {
    (&open.invoice.contact, open.invoice.remaining.currency)
}

/// Everything that a decision about one unit looks at.
pub(super) struct UnitScene<'a> {
    pub unit: Unit,
    pub contact: Option<&'a Contact>,
    pub recipient: Option<&'a NumberKey>,
    pub currency: Currency,
    /// Its open invoices, whether chased or not.
    pub open: &'a [&'a OpenInvoice],
    pub credits: &'a [&'a Credit],
    pub bills: &'a [&'a Bill],
    /// What it paid lately.
    pub receipts: Option<&'a Receipts>,
    pub policy: &'a Policy,
    /// The language to write in, and the organisation's, which stands in for one without an approved text.
    pub languages: [Language; 2],
    pub file: &'a CustomerFile,
    /// The customer's past reminders.
    pub past: &'a [SentReminder],
    /// How many messages reached the number, over all customers that have it.
    pub delivered: u8,
    /// When messages may go out.
    pub hours: Rc<Hours>,
    /// The organisation's zone.
    pub zone: &'a Zone,
    /// The organisation's date.
    pub date: Date,
    /// The recipient's date.
    pub today: Date,
    pub now: Timestamp,
    /// The day since which the policy is in force and the customer not excluded, if either began later than Numo.
    pub became_chaseable: Option<Date>,
    /// The promises that concern what is open now.
    pub promises: Vec<StandingPromise>,
    /// The first day after the last silence that ends by itself: a payment's, a snooze's, a move's, a promise's, or a
    /// reply's where the policy releases it.
    pub silent_until: Option<Date>,
    /// The last day of which messages may be unknown.
    pub lost_until: Option<Date>,
}

impl UnitScene<'_> {
    /// When a message of today would go out.
    pub(super) fn goes_out_at(&self) -> Timestamp {
        self.hours.slot.map_or(self.now, |slot| slot.at.max(self.now))
    }

    /// Whether what was due on a day may have been said in a time of which nothing is known.
    pub(super) fn is_in_lost_time(&self, day: Date) -> bool {
        self.lost_until.is_some_and(|lost| day <= lost)
    }

    /// Whether a due date is that of an instant for the business and wherever the customer may be.
    pub(super) fn is_due_today(&self, due: Date, at: Timestamp) -> bool {
        let is_here = due == self.today && due == self.zone.date(at);
        let country = self.contact.and_then(|contact| contact.number.country()).filter(|_| is_here);
        country.and_then(SendClock::of_country).is_some_and(|clock| clock.date(at) == Some(due))
    }

    /// The first day after the grace of the last payment.
    pub(super) fn grace_ends(&self) -> Option<Date> {
        self.policy.calendar.day_after(self.receipts?.last_on, GRACE_DAYS)
    }

    fn silence_ends(&self) -> Option<Date> {
        let promised = self.promises.iter().map(|promise| match promise.state {
            PromiseState::Missed { since: ends } | PromiseState::Open { until: ends } => ends,
        });
        let by_itself = self.replies().filter_map(|(_, said_at)| self.released_on(said_at));
        let released = self.file.released_at.map(|at| self.zone.date(at)).into_iter().chain(by_itself);
        let put_off = [self.file.snoozed_until, self.file.moved_to].into_iter().flatten();
        self.grace_ends().into_iter().chain(put_off).chain(released).chain(promised).max()
    }
}

/// The country whose clock decides: that of the number, where the policy wants it; else the organisation's own.
fn country_of(policy: &Policy, contact: Option<&Contact>) -> Option<CountryCode> {
    match policy.clock {
        WhoseClock::Customer => contact?.number.country(),
        WhoseClock::Organisation => None,
    }
}

fn grouped<'a, T>(all: &'a [T], contact: impl Fn(&'a T) -> &'a ContactRef) -> BTreeMap<&'a ContactRef, Vec<&'a T>> {
    let mut groups: BTreeMap<&ContactRef, Vec<&T>> = BTreeMap::new();
    for one in all {
        groups.entry(contact(one)).or_default().push(one);
    }
    groups
}
