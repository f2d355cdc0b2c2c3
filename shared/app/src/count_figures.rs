//! Counting the numbers that matter, once a day: how long customers take to pay, and what reminders bring.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan, civil::Date};
use numo_domain::{
    ageing::{Aged, aged},
    cost::Cost,
    figures::{AfterReminders, Replies, count_back::days_sales_outstanding},
    id::{ConnectionId, OrgId},
    money::Currency,
    plan::SentReminder,
};

use crate::{
    error::AppError,
    situation::Situation,
    store::{
        Store,
        figures::{CurrencyFigures, Figures, Sales},
    },
    sync_connection::MONTHS_BACK,
};

/// Months that are shown: this one and the eleven before.
const MONTHS: i64 = 11;

/// Days of reminders that are looked at.
const DAYS: [u16; 2] = [30, 90];

/// What a plan's situation tells of the numbers of its day; the ledger's past is read when they are counted.
pub(crate) struct Uncounted {
    today: Date,
    sales_since: Option<Date>,
    ledgers: Vec<ConnectionId>,
    owed: Vec<Aged>,
    reminders: Vec<SentReminder>,
    replies: Replies,
    spent: Option<Cost>,
}

impl Uncounted {
    /// None where the numbers of the day were counted already over the same ledgers.
    pub(crate) fn of(situation: &Situation, counted: Option<&Figures>, now: Timestamp) -> Option<Self> {
        let zone = &situation.organisation.zone;
        let today = zone.date(now);
        let sales_since = situation.latest_ledger_at.map(|at| first_whole_month(zone.date(at)));
        if counted.is_some_and(|figures| figures.date == today && figures.sales_since == sales_since) {
            return None;
        }
        let millionths = situation.history.channel.spent_this_month;
        let card = situation.organisation.rate_card();
        Some(Self {
            today,
            sales_since,
            ledgers: situation.ledgers_read_at.keys().copied().collect(),
            owed: aged(situation.ledger.invoices.iter().map(|open| &open.invoice), today),
            reminders: situation.history.reminders.values().flatten().cloned().collect(),
            replies: replies(situation),
            spent: card.map(|card| Cost { millionths, currency: card.currency }),
        })
    }

    /// Reads payments and sales, and keeps the numbers of the day.
    pub(crate) async fn count(self, store: &Store, org: &OrgId, now: Timestamp) -> Result<(), AppError> {
        let sales = match self.sales_since {
            Some(since) => store.sales_since(org, since).await?,
            None => None,
        };
        let mut payments = Vec::new();
        for connection in &self.ledgers {
            payments.extend(store.payments(org, *connection).await?);
        }
        let has_too_many_invoices = self.sales_since.is_some() && sales.is_none();
        // Without all sales there is nothing to count back over.
        let since = self.sales_since.filter(|_| sales.is_some());
        let after = AfterReminders::of(&payments, &self.reminders);
        let figures = Figures {
            date: self.today,
            counted_at: now,
            sales_since: self.sales_since,
            has_too_many_invoices,
            currencies: self.currencies(since, &sales.unwrap_or_default(), &after),
            responses: DAYS.map(|days| after.responses(days, self.today, &self.replies)).into(),
            spent: self.spent,
        };
        store.keep_figures(org, &figures).await
    }

    fn currencies(&self, since: Option<Date>, sales: &Sales, after: &AfterReminders<'_>) -> Vec<CurrencyFigures> {
        let first = self.today.first_of_month().saturating_sub(MONTHS.months());
        let mut all: BTreeMap<Currency, CurrencyFigures> = BTreeMap::new();
        for owed in &self.owed {
            of(&mut all, owed.currency).owed = owed.total().minor;
        }
        for (currency, months) in sales {
            of(&mut all, *currency).sales = months.range(first..).map(|(month, sold)| (*month, *sold)).collect();
        }
        for ((month, currency), minor) in after.collected() {
            if month >= first {
                of(&mut all, currency).collected.insert(month, minor);
            }
        }
        let none = BTreeMap::new();
        for figures in all.values_mut() {
            let months = sales.get(&figures.currency).unwrap_or(&none);
            figures.days_sales_outstanding =
                since.and_then(|since| days_sales_outstanding(figures.owed, months, since, self.today));
        }
        all.into_values().collect()
    }
}

/// The days on which those wrote who were reminded, by whom the reminder was to: another may pay for them by now.
fn replies(situation: &Situation) -> Replies {
    let (zone, history) = (&situation.organisation.zone, &situation.history);
    let mut replies = Replies::new();
    for (payer, reminders) in &history.reminders {
        let Some(file) = history.files.get(payer).filter(|file| !file.replied_at.is_empty()) else { continue };
        for reminder in reminders {
            let days = file.replied_at.iter().map(|at| zone.date(*at));
            replies.entry(reminder.key.contact.clone()).or_default().extend(days);
        }
    }
    replies
}

fn of(all: &mut BTreeMap<Currency, CurrencyFigures>, currency: Currency) -> &mut CurrencyFigures {
    let nothing = || CurrencyFigures {
        currency,
        owed: 0,
        days_sales_outstanding: None,
        sales: BTreeMap::new(),
        collected: BTreeMap::new(),
    };
    all.entry(currency).or_insert_with(nothing)
}

/// A first sync reads so many months before the day of the connection: the first of them is not whole.
fn first_whole_month(connected_on: Date) -> Date {
    connected_on.saturating_sub(MONTHS_BACK.months()).first_of_month().saturating_add(1.month())
}
