//! What Meta's error codes mean, as data: what each asks for, and when a message may be tried again.

pub mod advice;

use jiff::SignedDuration;

use crate::template::WhyUnusable;

/// What one of Meta's codes asks for, whether it comes with the answer to a call or with a failed status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// This recipient cannot be reached; what Meta did not even take may be tried on a later day.
    SkipRecipient,
    /// This recipient never gets this message, however often it is tried.
    NeverAgain,
    /// This recipient may get it after a day, and only one try more (Meta: 131049).
    AfterADay,
    /// Something about this message is wrong.
    FixMessage,
    /// What is filled in does not fit the text that the account has: another text may, a further try does not.
    Mismatch,
    /// This text cannot be used.
    StopTemplate(WhyUnusable),
    /// The number sends faster than it may.
    SlowDown,
    /// Too much went from this number to this recipient within seconds.
    WaitForRecipient,
    /// The number can do nothing for a while, or for so long.
    Wait(Option<SignedDuration>),
    /// Our app, with all its tenants, calls too often.
    WaitForApp,
    /// The number or the account is blocked.
    StopSender,
    /// The token is dead.
    Reconnect,
    /// Meta itself does not know whether it did what was asked.
    Ambiguous,
}

impl Meaning {
    /// Whether it says nothing about the recipient or the message: such a failure spends no step.
    pub const fn is_of_the_sender(self) -> bool {
        match self {
            Self::SkipRecipient | Self::NeverAgain | Self::AfterADay | Self::FixMessage | Self::Mismatch => false,
            Self::StopTemplate(_)
            | Self::SlowDown
            | Self::WaitForRecipient
            | Self::Wait(_)
            | Self::WaitForApp
            | Self::StopSender
            | Self::Reconnect
            | Self::Ambiguous => true,
        }
    }

    /// Whether it is a limit: Meta took nothing, and the next try is as good as the first.
    pub const fn is_limit(self) -> bool {
        matches!(self, Self::SlowDown | Self::WaitForRecipient | Self::Wait(_) | Self::WaitForApp)
    }

    /// How often a message may be refused so before it is never tried again, where that is less often than for others.
    pub const fn refusals(self) -> Option<usize> {
        match self {
            Self::NeverAgain => Some(1),
            Self::AfterADay | Self::Mismatch => Some(2),
            Self::SkipRecipient
            | Self::FixMessage
            | Self::StopTemplate(_)
            | Self::SlowDown
            | Self::WaitForRecipient
            | Self::Wait(_)
            | Self::WaitForApp
            | Self::StopSender
            | Self::Reconnect
            | Self::Ambiguous => None,
        }
    }
}

/// After this a message may be tried again that Meta did not want to deliver for now (Meta: 131049), and a text may that
/// did not fit.
pub const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// No code of Meta's: no connection to it was ever made.
pub const NO_CONNECTION: u32 = 900_000_001;

/// No code of Meta's: the message could not even be written down as a call.
pub const NO_MESSAGE: u32 = 900_000_002;

/// A code of Meta's own, as it may be shown.
pub fn shown(code: u32) -> Option<u32> {
    Some(code).filter(|code| ![NO_CONNECTION, NO_MESSAGE].contains(code))
}

/// What a code means, if it is known.
pub fn meaning(code: u32) -> Option<Meaning> {
    if (200..=299).contains(&code) {
        return Some(Meaning::Reconnect);
    }
    CODES.iter().find(|(known, _)| *known == code).map(|(_, meaning)| *meaning)
}

/// Meta: Cloud API, error codes. The HTTP status is no guide: limits come as 400, lost rights as 500.
pub const CODES: &[(u32, Meaning)] = &[
    // Tokens and rights.
    (0, Meaning::Reconnect),
    (3, Meaning::Reconnect),
    (10, Meaning::Reconnect),
    (102, Meaning::Reconnect),
    (104, Meaning::Reconnect),
    (190, Meaning::Reconnect),
    (131_005, Meaning::Reconnect),
    // Meta's own trouble.
    (1, Meaning::Ambiguous),
    (2, Meaning::Ambiguous),
    (131_000, Meaning::Ambiguous),
    (131_016, Meaning::Ambiguous),
    (133_004, Meaning::Ambiguous),
    // Limits; code 4 is shared by every tenant of the app, 130429 is the number's own of a second, and 131056 that of
    // one pair of numbers.
    (4, Meaning::WaitForApp),
    (17, Meaning::Wait(None)),
    (32, Meaning::Wait(None)),
    (613, Meaning::Wait(None)),
    (80_007, Meaning::Wait(None)),
    (80_008, Meaning::Wait(None)),
    (130_429, Meaning::SlowDown),
    (131_056, Meaning::WaitForRecipient),
    (132_069, Meaning::Wait(None)),
    // A number in maintenance, as when its throughput is raised, is back after about a minute.
    (131_057, Meaning::Wait(Some(SignedDuration::from_mins(2)))),
    // The number or the account.
    (33, Meaning::StopSender),
    (368, Meaning::StopSender),
    (131_031, Meaning::StopSender),
    (131_037, Meaning::StopSender),
    (131_042, Meaning::StopSender),
    (131_044, Meaning::StopSender),
    (131_045, Meaning::StopSender),
    (131_048, Meaning::StopSender),
    (131_064, Meaning::StopSender),
    (133_000, Meaning::StopSender),
    (133_005, Meaning::StopSender),
    (133_006, Meaning::StopSender),
    (133_008, Meaning::StopSender),
    (133_009, Meaning::StopSender),
    (133_010, Meaning::StopSender),
    (133_015, Meaning::StopSender),
    (133_016, Meaning::StopSender),
    // The recipient.
    (130_472, Meaning::NeverAgain),
    (130_497, Meaning::NeverAgain),
    (131_021, Meaning::SkipRecipient),
    (131_026, Meaning::SkipRecipient),
    (131_049, Meaning::AfterADay),
    (131_050, Meaning::NeverAgain),
    // The template; 131063 refuses those that became marketing.
    (131_063, Meaning::StopTemplate(WhyUnusable::Marketing)),
    (132_001, Meaning::StopTemplate(WhyUnusable::Missing)),
    (132_007, Meaning::StopTemplate(WhyUnusable::Rejected)),
    (132_015, Meaning::StopTemplate(WhyUnusable::Paused)),
    (132_016, Meaning::StopTemplate(WhyUnusable::Disabled)),
    // The message.
    (100, Meaning::FixMessage),
    (131_008, Meaning::FixMessage),
    (131_009, Meaning::FixMessage),
    (131_030, Meaning::FixMessage),
    (131_047, Meaning::FixMessage),
    (131_051, Meaning::FixMessage),
    (131_052, Meaning::FixMessage),
    (131_053, Meaning::FixMessage),
    (131_055, Meaning::FixMessage),
    (131_060, Meaning::FixMessage),
    (131_062, Meaning::FixMessage),
    (132_000, Meaning::Mismatch),
    (132_005, Meaning::FixMessage),
    (132_008, Meaning::FixMessage),
    (132_012, Meaning::Mismatch),
    (132_018, Meaning::Mismatch),
    (132_068, Meaning::FixMessage),
    (134_011, Meaning::FixMessage),
    (134_100, Meaning::FixMessage),
    (134_101, Meaning::FixMessage),
    (134_102, Meaning::FixMessage),
    (135_000, Meaning::FixMessage),
    (137_000, Meaning::FixMessage),
    // Onboarding and templates: no message is refused with one of these.
    (2_200, Meaning::FixMessage),
    (1_752_041, Meaning::FixMessage),
    (2_388_019, Meaning::FixMessage),
    (2_388_040, Meaning::FixMessage),
    (2_388_047, Meaning::FixMessage),
    (2_388_072, Meaning::FixMessage),
    (2_388_073, Meaning::FixMessage),
    (2_388_293, Meaning::FixMessage),
    (2_388_299, Meaning::FixMessage),
    (2_494_100, Meaning::FixMessage),
    (2_593_107, Meaning::FixMessage),
    (2_593_108, Meaning::FixMessage),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn codes_that(what: impl Fn(Meaning) -> bool) -> Vec<u32> {
        let mut codes: Vec<u32> = CODES.iter().filter(|(_, meaning)| what(*meaning)).map(|(code, _)| *code).collect();
        codes.sort_unstable();
        codes
    }

    #[test]
    fn no_code_stands_in_the_table_twice_and_none_is_one_of_our_own() {
        let mut all = codes_that(|_| true);
        all.dedup();
        assert_eq!(all.len(), CODES.len());
        assert_eq!([NO_CONNECTION, NO_MESSAGE, 999_999].map(meaning), [None; 3]);
        assert_eq!([200, 250, 299].map(meaning), [Some(Meaning::Reconnect); 3]);
    }

    #[test]
    fn what_is_about_the_recipient_or_the_message_is_the_rest_of_the_table() {
        assert_eq!(codes_that(|meaning| meaning == Meaning::NeverAgain), [130_472, 130_497, 131_050]);
        assert_eq!(codes_that(|meaning| meaning == Meaning::AfterADay), [131_049]);
        assert_eq!(codes_that(|meaning| meaning == Meaning::Mismatch), [132_000, 132_012, 132_018]);
        assert_eq!(codes_that(|meaning| meaning == Meaning::SkipRecipient), [131_021, 131_026]);
        let of_the_sender = [
            0, 1, 2, 3, 4, 10, 17, 32, 33, 102, 104, 190, 368, 613, 80_007, 80_008, 130_429, 131_000, 131_005, 131_016,
            131_031, 131_037, 131_042, 131_044, 131_045, 131_048, 131_056, 131_057, 131_063, 131_064, 132_001, 132_007,
            132_015, 132_016, 132_069, 133_000, 133_004, 133_005, 133_006, 133_008, 133_009, 133_010, 133_015, 133_016,
        ];
        assert_eq!(codes_that(Meaning::is_of_the_sender), of_the_sender);
        let limits = [4, 17, 32, 613, 80_007, 80_008, 130_429, 131_056, 131_057, 132_069];
        assert_eq!(codes_that(Meaning::is_limit), limits);
    }
}
