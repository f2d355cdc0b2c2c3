//! How customers behave once they got an invoice.

use jiff::{ToSpan, civil::Date};
use numo_domain::id::ExternalId;

use crate::dice::Dice;

/// How a customer deals with invoices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Habit {
    PaysOnTime,
    PaysLate,
    PaysInParts,
    Promises,
    Disputes,
    OptsOut,
    NeverPays,
    ClaimsToHavePaid,
    PaysAfterASecondWord,
    TakesPaymentsBack,
    Postpones,
    GetsCredit,
}

impl Habit {
    pub(crate) const ALL: [Self; 12] = [
        Self::PaysOnTime,
        Self::PaysLate,
        Self::PaysInParts,
        Self::Promises,
        Self::Disputes,
        Self::OptsOut,
        Self::NeverPays,
        Self::ClaimsToHavePaid,
        Self::PaysAfterASecondWord,
        Self::TakesPaymentsBack,
        Self::Postpones,
        Self::GetsCredit,
    ];
}

/// Something that happens to an invoice or its customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// So many percent of what is left are paid.
    Pays(i64),
    /// The payment is taken back.
    TakesBack,
    /// The customer promises to pay in so many days.
    Promises(i64),
    /// The owner notes a dispute.
    Disputes,
    /// The dispute is over.
    Resolves,
    /// The customer says stop.
    OptsOut,
    /// The customer says that it is paid.
    Claims,
    /// A person looked at the claim.
    Handles,
    /// The customer writes something.
    Writes,
    /// A person read it.
    Reads,
    /// The due date moves so many days.
    Postpones(i64),
    /// A credit note that nobody allocated.
    Credits,
    /// It is allocated.
    Allocates,
    /// Reminders are put off for so many days.
    Snoozes(i64),
    /// The owner says how to start with an old invoice, if it is one.
    Starts,
}

/// What will happen to an invoice, by the day.
pub(crate) fn future(habit: Habit, due: Date, dice: &mut Dice) -> Vec<(Date, Event)> {
    let late = dice.between(3, 45);
    let days: Vec<(i64, Event)> = match habit {
        Habit::PaysOnTime => vec![(-dice.between(0, 5), Event::Pays(100))],
        Habit::PaysLate => vec![(late, Event::Pays(100))],
        Habit::PaysInParts => vec![(late, Event::Pays(50)), (late + 20, Event::Pays(100))],
        Habit::Promises => {
            let second = late + dice.between(2, 20);
            let kept = if dice.chance(50) { late + 5 } else { second + 12 };
            vec![(late, Event::Promises(5)), (second, Event::Promises(8)), (kept, Event::Pays(100))]
        }
        Habit::Disputes => vec![(late, Event::Disputes), (late + 25, Event::Resolves), (late + 60, Event::Pays(100))],
        Habit::OptsOut if dice.chance(40) => vec![(late, Event::OptsOut)],
        Habit::OptsOut | Habit::NeverPays => Vec::new(),
        Habit::ClaimsToHavePaid => {
            vec![(late, Event::Claims), (late + dice.between(1, 15), Event::Handles), (late + 40, Event::Pays(100))]
        }
        Habit::PaysAfterASecondWord => {
            let read = late + dice.between(0, 12);
            vec![(late, Event::Writes), (read, Event::Reads), (read + 9, Event::Pays(100))]
        }
        Habit::TakesPaymentsBack => {
            let back = late + dice.between(1, 20);
            vec![(late, Event::Pays(100)), (back, Event::TakesBack), (back + 45, Event::Pays(100))]
        }
        Habit::Postpones => vec![(late, Event::Postpones(dice.between(10, 40))), (late + 70, Event::Pays(100))],
        Habit::GetsCredit => {
            let allocated = late + dice.between(1, 20);
            vec![(late, Event::Credits), (allocated, Event::Allocates), (late + 10, Event::Snoozes(6))]
        }
    };
    days.into_iter().map(|(day, event)| (due.saturating_add(day.days()), event)).collect()
}

/// What is to happen on a day.
#[derive(Debug, Clone)]
pub(crate) enum Planned {
    /// A customer gets an invoice.
    Invoice(crate::business::NewInvoice),
    /// Something happens to an invoice.
    Event { invoice: ExternalId, event: Event },
    /// The end of a message in doubt becomes known.
    Fate(crate::replay::Fate),
}
