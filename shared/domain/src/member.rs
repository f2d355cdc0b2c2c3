//! A member of an organisation, with a WhatsApp number that is proved to be their own.

use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    id::{NumberKey, UserId},
    phone::PhoneNumber,
};

/// How long a code proves a number.
pub const CODE_LIFETIME: SignedDuration = SignedDuration::from_mins(15);

/// Codes that a member gets in an hour, so that nobody collects them to be guessed at.
pub const CODES_PER_HOUR: usize = 5;

/// Test messages that a member gets in a day.
pub const TESTS_PER_DAY: u32 = 10;

/// What is known of a member who tests on themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub user: UserId,
    /// The number that is proved to be theirs; two members may share one.
    pub number: Option<OwnNumber>,
    /// The code that proves a number at the moment: a later one takes the place of an earlier one.
    pub code: Option<WaitingCode>,
    /// When codes were given in the last hour.
    pub codes_given: Vec<Timestamp>,
    /// The test messages of the latest day on which there were any.
    pub tests: Option<TestsOfDay>,
}

/// A number that is proved to be a member's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnNumber {
    /// The number.
    pub number: PhoneNumber,
    /// Its key.
    pub key: NumberKey,
    /// Since when it is proved.
    pub verified_at: Timestamp,
}

/// A code that was given and not used yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingCode {
    /// SHA-256 of its signs, in hexadecimal.
    pub hash: String,
    /// Not valid from here on.
    pub ends_at: Timestamp,
}

/// How many test messages were asked for on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestsOfDay {
    /// The organisation's date.
    pub on: Date,
    /// How many.
    pub count: u32,
}

impl Member {
    /// Somebody who did nothing yet.
    pub const fn new(user: UserId) -> Self {
        Self { user, number: None, code: None, codes_given: Vec::new(), tests: None }
    }

    /// Gives a code, by its hash.
    ///
    /// # Errors
    /// The time from which on there is another one, if there were too many in the last hour.
    pub fn give_code(&mut self, hash: String, now: Timestamp) -> Result<WaitingCode, Timestamp> {
        let later = |at: Timestamp, by| at.saturating_add(by).unwrap_or(at);
        let again_at = |given: Timestamp| later(given, SignedDuration::from_hours(1));
        self.codes_given.retain(|given| again_at(*given) > now);
        if let Some(first) = self.codes_given.first().filter(|_| self.codes_given.len() >= CODES_PER_HOUR) {
            return Err(again_at(*first));
        }
        self.codes_given.push(now);
        let code = WaitingCode { hash, ends_at: later(now, CODE_LIFETIME) };
        self.code = Some(code.clone());
        Ok(code)
    }

    /// The code that waits to be written, if it has not ended.
    pub fn waiting_code(&self, now: Timestamp) -> Option<&WaitingCode> {
        self.code.as_ref().filter(|code| now < code.ends_at)
    }

    /// Takes a number as proved, which uses the code up.
    pub fn prove(&mut self, number: OwnNumber) {
        self.number = Some(number);
        self.code = None;
    }

    /// Forgets the number, and the code that might bring it back; what was counted stays.
    pub fn forget_number(&mut self) {
        self.number = None;
        self.code = None;
    }

    /// Counts a test message of a day; false if there were enough.
    pub fn count_test(&mut self, today: Date) -> bool {
        let before = self.tests.as_ref().filter(|tests| tests.on == today).map_or(0, |tests| tests.count);
        let is_allowed = before < TESTS_PER_DAY;
        if is_allowed {
            self.tests = Some(TestsOfDay { on: today, count: before + 1 });
        }
        is_allowed
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_000_000_000 + minute * 60).unwrap()
    }

    fn member() -> Member {
        Member::new("user_max".parse().unwrap())
    }

    #[test]
    fn the_latest_code_alone_waits_and_for_a_quarter_of_an_hour() {
        let mut member = member();
        member.give_code("first".to_owned(), at(0)).unwrap();
        let second = member.give_code("second".to_owned(), at(1)).unwrap();
        assert_eq!(second, WaitingCode { hash: "second".to_owned(), ends_at: at(16) });
        assert_eq!(member.waiting_code(at(15)), Some(&second));
        assert_eq!(member.waiting_code(at(16)), None);
    }

    #[test]
    fn five_codes_an_hour_are_enough_and_the_next_one_has_its_time() {
        let mut member = member();
        for minute in 0..5 {
            member.give_code("hash".to_owned(), at(minute)).unwrap();
        }
        let before = member.clone();
        assert_eq!(member.give_code("hash".to_owned(), at(59)), Err(at(60)));
        assert_eq!(member, before);
        assert!(member.give_code("hash".to_owned(), at(60)).is_ok());
        assert_eq!(member.codes_given, [at(1), at(2), at(3), at(4), at(60)]);
        assert_eq!(member.give_code("hash".to_owned(), at(60)), Err(at(61)));
    }

    #[test]
    fn forgetting_a_number_forgets_the_code_and_keeps_what_was_counted() {
        let mut member = member();
        member.give_code("hash".to_owned(), at(0)).unwrap();
        let own =
            OwnNumber { number: "+971501234567".parse().unwrap(), key: "key".parse().unwrap(), verified_at: at(1) };
        member.prove(own.clone());
        assert_eq!((&member.number, &member.code), (&Some(own), &None));
        member.give_code("hash".to_owned(), at(2)).unwrap();
        assert!(member.count_test(date(2026, 11, 23)));
        member.forget_number();
        let rest = Member {
            codes_given: vec![at(0), at(2)],
            tests: Some(TestsOfDay { on: date(2026, 11, 23), count: 1 }),
            ..super::Member::new(member.user.clone())
        };
        assert_eq!(member, rest);
    }

    #[test]
    fn ten_tests_a_day_are_enough() {
        let mut member = member();
        let counted: Vec<bool> = (0..12).map(|_| member.count_test(date(2026, 11, 23))).collect();
        assert_eq!(counted, [vec![true; 10], vec![false; 2]].concat());
        assert!(member.count_test(date(2026, 11, 24)));
        assert_eq!(member.tests, Some(TestsOfDay { on: date(2026, 11, 24), count: 1 }));
    }
}
