//! Whose turn it is: the order of the plan, but nobody while a message to the same recipient is under way or ahead.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use numo_domain::id::NumberKey;

/// Messages that wait, and whom others are under way to.
///
/// Two messages to one recipient at the same time would race for its fuse, and the last planned might win.
#[derive(Debug)]
pub(super) struct Line<'a, T> {
    waiting: BTreeMap<usize, Turn<'a, T>>,
    recipients: BTreeSet<&'a NumberKey>,
    n_seen: usize,
}

/// A message in its place.
#[derive(Debug)]
pub(super) struct Turn<'a, T> {
    place: usize,
    recipient: &'a NumberKey,
    not_before: Timestamp,
    pub(super) message: T,
}

impl<'a, T> Line<'a, T> {
    pub(super) const fn new() -> Self {
        Self { waiting: BTreeMap::new(), recipients: BTreeSet::new(), n_seen: 0 }
    }

    /// How many wait.
    pub(super) fn n_waiting(&self) -> usize {
        self.waiting.len()
    }

    /// How many are under way.
    pub(super) fn n_under_way(&self) -> usize {
        self.recipients.len()
    }

    /// A message comes last.
    pub(super) fn join(&mut self, recipient: &'a NumberKey, message: T) {
        let (place, not_before) = (self.n_seen, Timestamp::MIN);
        self.waiting.insert(place, Turn { place, recipient, not_before, message });
        self.n_seen += 1;
    }

    /// Whose turn comes next, and when; the pace says when a message may begin, or that none may for now.
    pub(super) fn next(
        &self,
        now: Timestamp,
        mut pace: impl FnMut(&T) -> Option<Timestamp>,
    ) -> Option<(usize, Timestamp)> {
        let mut ahead: BTreeSet<&NumberKey> = BTreeSet::new();
        let mut next: Option<(usize, Timestamp)> = None;
        for (place, turn) in &self.waiting {
            if self.recipients.contains(turn.recipient) || !ahead.insert(turn.recipient) {
                continue;
            }
            let at = pace(&turn.message)?.max(turn.not_before);
            if next.is_none_or(|(_, earliest)| at < earliest) {
                next = Some((*place, at));
            }
            // This one waits for nothing but the pace of its number, and the others wait behind it.
            if turn.not_before <= now {
                break;
            }
        }
        next
    }

    /// A message begins.
    pub(super) fn begin(&mut self, place: usize) -> Option<Turn<'a, T>> {
        let turn = self.waiting.remove(&place)?;
        self.recipients.insert(turn.recipient);
        Some(turn)
    }

    /// A message is not under way any more.
    pub(super) fn end(&mut self, turn: &Turn<'a, T>) {
        self.recipients.remove(turn.recipient);
    }

    /// A message that was under way waits again, in its old place.
    pub(super) fn put_back(&mut self, turn: Turn<'a, T>, not_before: Timestamp) {
        self.waiting.insert(turn.place, Turn { not_before, ..turn });
    }

    /// Some messages wait no longer.
    pub(super) fn drop_all(&mut self, is_dropped: impl Fn(&T) -> bool) {
        self.waiting.retain(|_, turn| !is_dropped(&turn.message));
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn recipient(n: u8) -> NumberKey {
        format!("{n:032x}").parse().unwrap()
    }

    fn after(seconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH.checked_add(SignedDuration::from_secs(seconds)).unwrap()
    }

    /// Begins whatever may at an instant.
    fn begun<'a>(line: &mut Line<'a, u8>, now: Timestamp) -> Vec<Turn<'a, u8>> {
        let mut begun = Vec::new();
        while let Some((place, _)) = line.next(now, |_| Some(now)).filter(|(_, at)| *at <= now) {
            begun.push(line.begin(place).unwrap());
        }
        begun
    }

    fn messages(turns: &[Turn<'_, u8>]) -> Vec<u8> {
        turns.iter().map(|turn| turn.message).collect()
    }

    #[test]
    fn of_two_to_one_recipient_the_first_planned_goes_first_and_alone() {
        let (a, b) = (recipient(1), recipient(2));
        let mut line = Line::new();
        [(&a, 1), (&a, 2), (&b, 3), (&a, 4)].into_iter().for_each(|(to, message)| line.join(to, message));
        let first = begun(&mut line, after(0));
        assert_eq!((messages(&first), line.n_waiting(), line.n_under_way()), (vec![1, 3], 2, 2));
        line.end(&first[0]);
        assert_eq!(messages(&begun(&mut line, after(0))), [2]);
    }

    #[test]
    fn one_that_was_put_back_holds_up_its_own_recipient_alone_until_its_time_has_come() {
        let (a, b) = (recipient(1), recipient(2));
        let mut line = Line::new();
        [(&a, 1), (&a, 2), (&b, 3)].into_iter().for_each(|(to, message)| line.join(to, message));
        let turn = line.begin(0).unwrap();
        line.end(&turn);
        line.put_back(turn, after(4));
        assert_eq!(messages(&begun(&mut line, after(0))), [3]);
        assert_eq!(line.next(after(1), |_| Some(after(1))), Some((0, after(4))));
        assert_eq!(messages(&begun(&mut line, after(4))), [1]);
    }

    #[test]
    fn the_pace_moves_a_turn_and_stops_it() {
        let a = recipient(1);
        let mut line = Line::new();
        line.join(&a, 1);
        assert_eq!(line.next(after(0), |_| Some(after(7))), Some((0, after(7))));
        assert_eq!(line.next(after(0), |_| None), None);
        line.drop_all(|message| *message == 1);
        assert_eq!(line.next(after(0), |_| Some(after(0))), None);
    }
}
