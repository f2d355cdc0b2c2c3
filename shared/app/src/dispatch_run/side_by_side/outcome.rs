//! What the outcome of one message means for those that come after it.

use jiff::SignedDuration;

use crate::{
    dispatch_run::{
        End,
        send_unit::{MESSAGING_WAIT, Sent},
        side_by_side::{Message, SideBySide, Turn, is_the_ledgers},
    },
    error::AppError,
};

/// How often a message is tried in one run that Meta refused for being too fast.
const TRIES: u32 = 4;

/// After a refusal for being too fast Meta's second has to pass, and longer each time.
const TOO_FAST: SignedDuration = SignedDuration::from_secs(1);

/// Meta wants a message to a pair of numbers tried again after 1, 4, 16 seconds and so on (Meta: pair rate limit).
const PAIR_LIMIT: SignedDuration = SignedDuration::from_secs(1);

/// Longer than this no message is waited for; the run comes back.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_secs(20);

impl<'a> SideBySide<'_, '_, 'a> {
    pub(super) fn take_outcome(&mut self, turn: Turn<'a>, sent: Result<Sent, AppError>) {
        self.line.end(&turn);
        match sent {
            Ok(Sent::Next | Sent::Not { .. } | Sent::Left) => {}
            Ok(Sent::Later { at }) => self.run.come_back(Some(at)),
            Ok(Sent::ComeBack) => self.end_with(Ok(Some(End::More))),
            Ok(Sent::TooFast { retry_after }) => self.slow_down(turn, retry_after),
            Ok(Sent::PairLimit) => {
                let wait = PAIR_LIMIT * 4i32.pow(turn.message.n_refused.min(TRIES));
                self.try_again(turn, wait);
            }
            Ok(Sent::StopSender { again }) => {
                self.drop_stopped();
                match again {
                    Some(again) => self.run.wait_until(again),
                    None => self.run.ask_again_later(),
                }
            }
            Ok(Sent::StopRun { again }) => {
                self.run.wait_until(again);
                self.stop(Ok(Some(End::Later { again })));
            }
            // The ledger wants to be left alone before it printed an invoice.
            Err(error) if is_the_ledgers(&error) => self.end_with(Err(error)),
            Err(error) => self.stop(Err(error)),
        }
    }

    /// The number is too fast for Meta: it goes on slower, and the message once more.
    fn slow_down(&mut self, turn: Turn<'a>, retry_after: Option<SignedDuration>) {
        let (now, Message { look, n_refused, begun, .. }) = (self.day.ports.clock.now(), &turn.message);
        let sender = &look.sender.0;
        let wait = retry_after.unwrap_or(TOO_FAST * 2i32.pow((*n_refused).min(TRIES)));
        if wait > LONGEST_WAIT || n_refused + 1 >= TRIES {
            self.day.brakes.stop_number(&sender.phone_number_id, None);
            self.drop_stopped();
            let patience = retry_after.unwrap_or(MESSAGING_WAIT);
            self.run.wait_until(now.saturating_add(patience).unwrap_or(now));
            return;
        }
        let again = now.saturating_add(wait).unwrap_or(now);
        self.run.paces.of(sender, now).lower(*begun, (now, again));
        self.try_again(turn, wait);
    }

    /// Puts a message back in its place; one that was refused too often waits for when the run comes back.
    fn try_again(&mut self, mut turn: Turn<'a>, wait: SignedDuration) {
        turn.message.n_refused += 1;
        let now = self.day.ports.clock.now();
        if turn.message.n_refused < TRIES {
            self.line.put_back(turn, now.saturating_add(wait).unwrap_or(now));
        } else {
            self.run.come_back(now.checked_add(MESSAGING_WAIT).ok());
        }
    }

    /// What waits for a number that was stopped is left for when the run comes back.
    fn drop_stopped(&mut self) {
        let brakes = &self.day.brakes;
        self.line.drop_all(|message| brakes.holds(&message.look.sender.0.phone_number_id));
    }

    /// Nothing more is claimed, here or elsewhere in the run.
    pub(super) fn stop(&mut self, end: Result<Option<End>, AppError>) {
        self.day.brakes.stop_all();
        self.end_with(end);
    }

    /// Nothing more begins for this ledger.
    fn end_with(&mut self, end: Result<Option<End>, AppError>) {
        self.is_over = true;
        self.note_end(end);
    }

    /// Of several ends the weightier one is told, and of two alike the first.
    pub(super) fn note_end(&mut self, end: Result<Option<End>, AppError>) {
        if weight(&end) > weight(&self.end) {
            self.end = end;
        }
    }
}

/// A failure of ours comes before a run that is lost or has to wait, that before a ledger's failure, and that before more
/// to do.
const fn weight(end: &Result<Option<End>, AppError>) -> u8 {
    match end {
        Err(error) if !is_the_ledgers(error) => 4,
        Ok(Some(End::Lost | End::Later { .. } | End::NotToday)) => 3,
        Err(_) => 2,
        Ok(Some(End::More | End::Done)) => 1,
        Ok(None) => 0,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn a_failure_of_ours_is_told_before_everything_else_and_more_to_do_last() {
        let later = End::Later { again: Timestamp::UNIX_EPOCH };
        let in_order = [
            Err(AppError::Internal("ours".to_owned())),
            Ok(Some(later)),
            Err(AppError::RateLimited { retry_after: None }),
            Ok(Some(End::More)),
            Ok(None),
        ];
        let weights: Vec<u8> = in_order.iter().map(weight).collect();
        assert_eq!(weights, [4, 3, 2, 1, 0]);
        assert_eq!(weight(&Ok(Some(End::Lost))), 3);
    }
}
