//! The words of the pack in one language.

use crate::template::Purpose;

/// Everything that the texts of a language are made of.
pub(super) struct Words {
    pub bodies: Bodies,
    /// Line below every body: how to end the reminders.
    pub footer: &'static str,
    /// That the invoice stands above the text.
    pub attached: &'static str,
    pub answers: Answers,
    pub pay: PayButton,
}

/// What each text says.
pub(super) struct Bodies {
    pub upcoming: &'static str,
    pub due_today: &'static str,
    pub overdue_gentle: &'static str,
    pub overdue_firm: &'static str,
    pub overdue_final: &'static str,
    pub statement: &'static str,
    pub promise_missed: &'static str,
    pub thank_you: &'static str,
    pub part_payment: &'static str,
}

/// The answers that a customer may choose from, and the sentence that leads to them.
pub(super) struct Answers {
    pub leads: &'static str,
    /// *Paid already*, *Pay on a date* and *Question*.
    pub labels: [&'static str; 3],
}

/// The button that opens the pay page, and the sentence that leads to it.
pub(super) struct PayButton {
    pub leads: &'static str,
    pub label: [&'static str; 1],
}

impl Bodies {
    pub(super) const fn of(&self, purpose: Purpose) -> &'static str {
        match purpose {
            Purpose::Upcoming => self.upcoming,
            Purpose::DueToday => self.due_today,
            Purpose::OverdueGentle => self.overdue_gentle,
            Purpose::OverdueFirm => self.overdue_firm,
            Purpose::OverdueFinal => self.overdue_final,
            Purpose::Statement => self.statement,
            Purpose::PromiseMissed => self.promise_missed,
            Purpose::ThankYou => self.thank_you,
            Purpose::PartPayment => self.part_payment,
        }
    }
}
