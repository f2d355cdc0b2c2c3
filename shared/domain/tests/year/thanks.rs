//! What holds of every word of thanks.

use jiff::civil::Date;
use numo_domain::{credit::Receipt, plan::SentReminder, reminder::Occasion};

use crate::rules::Message;

impl Message<'_> {
    /// The first rule that thanks for what was paid until a date break, if any.
    pub(crate) fn breaks_as_thanks(&self, until: Date) -> Option<&'static str> {
        let asks = matches!(self.send.occasion, Occasion::PartPayment(_));
        let rules: [(bool, &'static str); 6] = [
            (self.policy().thank_you, "thanks are switched off"),
            (self.keeps_the_rules_of_all(), "against the hours, the caps or a stop"),
            (self.is_first_since(until), "thanked for before"),
            (self.was_asked_for(until), "for what nobody asked for"),
            (asks || (self.send.total.minor == 0 && self.send.lines.is_empty()), "thanks that ask for money"),
            (!asks || self.tells_what_is_owed(), "not what is owed"),
        ];
        rules.into_iter().find(|(holds, _)| !holds).map(|(_, rule)| rule)
    }

    fn is_first_since(&self, until: Date) -> bool {
        let is_free = |past: &SentReminder| past.again_from.is_some_and(|from| from <= self.send.at);
        let mut thanked = self.past().filter(|past| !is_free(past));
        thanked.all(|past| past.key.occasion.thanks_until().is_none_or(|before| before < until))
    }

    fn was_asked_for(&self, until: Date) -> bool {
        let receipts = self.world.ledger.receipts.get(self.unit);
        let asked = |receipt: &Receipt, past: &SentReminder| {
            let asks = past.key.occasion.thanks_until().is_none() && !past.state.may_be_claimed_again();
            asks && past.sent_on <= receipt.on && receipt.invoices.iter().any(|paid| past.listed.contains(paid))
        };
        let is_asked = |receipt: &Receipt| receipt.on == until && self.past().any(|past| asked(receipt, past));
        receipts.is_some_and(|receipts| receipts.recent.iter().any(is_asked))
    }
}
