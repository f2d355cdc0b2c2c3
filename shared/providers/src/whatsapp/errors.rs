//! What Meta's error codes mean, as data.

use jiff::SignedDuration;
use numo_app::port::whatsapp::{AccountError, SendAction, SendError};
use numo_domain::template::WhyUnusable;

use crate::{
    http::{
        call::{Answer, Broken, CallError},
        retry_after::retry_after,
    },
    whatsapp::graph::GraphError,
};

/// The error of a send that Meta answered, but not with a message.
///
/// Only a JSON error with a code from the table proves that nothing was sent.
pub(crate) fn of_send(answer: &Answer) -> SendError {
    let ambiguous = || SendError::Ambiguous(Broken::Status(answer.status).boxed());
    let Some(GraphError { code, .. }) = GraphError::of(answer) else { return ambiguous() };
    let action = match meaning(code) {
        Some(meaning) => meaning.action(),
        // A new code of a refused request is shown to the owner; anything else may have been sent.
        None => (400..500).contains(&answer.status).then_some(SendAction::FixMessage),
    };
    match action {
        Some(action) => SendError::NotSent { code, action: patient(action, retry_after(&answer.headers)) },
        None => ambiguous(),
    }
}

/// An action with the time that Meta wants to be left alone, where it says one.
const fn patient(action: SendAction, told: Option<SignedDuration>) -> SendAction {
    match (action, told) {
        (SendAction::Wait { .. }, Some(_)) => SendAction::Wait { retry_after: told },
        (SendAction::SlowDown { .. }, Some(_)) => SendAction::SlowDown { retry_after: told },
        (SendAction::WaitForApp { .. }, Some(_)) => SendAction::WaitForApp { retry_after: told },
        (action, _) => action,
    }
}

/// What a failure asks for that was told with a status, where its code is known.
pub(crate) fn of_status(code: u32) -> Option<SendAction> {
    meaning(code)?.action()
}

/// The error of a send without a whole answer.
pub(crate) fn of_lost_send(error: CallError) -> SendError {
    match error {
        CallError::Unconnected(_) => SendError::NotSent { code: 0, action: SendAction::Wait { retry_after: None } },
        CallError::Unbuilt(_) => SendError::NotSent { code: 0, action: SendAction::FixMessage },
        CallError::Lost(_) | CallError::TooLarge => SendError::Ambiguous(error.boxed()),
    }
}

/// The error of a call about an account.
pub(crate) fn of_account(answer: &Answer, call: AccountCall) -> AccountError {
    let unavailable = || AccountError::Unavailable(Broken::Status(answer.status).boxed());
    let Some(GraphError { code, subcode }) = GraphError::of(answer) else { return unavailable() };
    match (meaning(code), call) {
        (Some(Meaning::Reconnect), _) => AccountError::Refused,
        (Some(Meaning::Ambiguous | Meaning::Wait(_) | Meaning::SlowDown | Meaning::WaitForApp), _) => unavailable(),
        // "Does not exist or is out of reach": with ids alone in a call there is nothing else to be invalid.
        _ if code == 33 || (code == 100 && subcode == Some(33)) => AccountError::Unknown,
        _ if code == 100 && call == AccountCall::ByIdAlone => AccountError::Unknown,
        _ if answer.status >= 500 => unavailable(),
        _ => AccountError::Rejected(code),
    }
}

/// What a call about an account consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AccountCall {
    /// Only ids, fixed fields and cursors.
    ByIdAlone,
    /// A body that may be wrong by itself.
    WithBody,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    SkipRecipient,
    FixMessage,
    StopTemplate(WhyUnusable),
    SlowDown,
    WaitForRecipient,
    Wait(Option<SignedDuration>),
    WaitForApp,
    StopSender,
    Reconnect,
    /// Meta itself does not know whether it did what was asked.
    Ambiguous,
}

impl Meaning {
    /// What it asks for; nothing where it does not even say whether a message was sent.
    const fn action(self) -> Option<SendAction> {
        Some(match self {
            Self::Ambiguous => return None,
            Self::SkipRecipient => SendAction::SkipRecipient,
            Self::FixMessage => SendAction::FixMessage,
            Self::StopTemplate(why) => SendAction::StopTemplate(why),
            Self::SlowDown => SendAction::SlowDown { retry_after: None },
            Self::WaitForRecipient => SendAction::WaitForRecipient,
            Self::WaitForApp => SendAction::WaitForApp { retry_after: None },
            Self::Wait(retry_after) => SendAction::Wait { retry_after },
            Self::StopSender => SendAction::StopSender,
            Self::Reconnect => SendAction::Reconnect,
        })
    }
}

fn meaning(code: u32) -> Option<Meaning> {
    if (200..=299).contains(&code) {
        return Some(Meaning::Reconnect);
    }
    CODES.iter().find(|(known, _)| *known == code).map(|(_, meaning)| *meaning)
}

/// Meta: Cloud API, error codes. The HTTP status is no guide: limits come as 400, lost rights as 500.
const CODES: &[(u32, Meaning)] = &[
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
    (130_472, Meaning::SkipRecipient),
    (130_497, Meaning::SkipRecipient),
    (131_021, Meaning::SkipRecipient),
    (131_026, Meaning::SkipRecipient),
    (131_049, Meaning::SkipRecipient),
    (131_050, Meaning::SkipRecipient),
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
    (132_000, Meaning::FixMessage),
    (132_005, Meaning::FixMessage),
    (132_008, Meaning::FixMessage),
    (132_012, Meaning::FixMessage),
    (132_018, Meaning::FixMessage),
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
mod tests;
