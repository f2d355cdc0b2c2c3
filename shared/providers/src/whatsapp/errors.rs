//! What follows from an error of Meta: its code says what it asks for (`numo_domain::meta_code`).

use jiff::SignedDuration;
use numo_app::port::whatsapp::{AccountError, SendAction, SendError};
use numo_domain::meta_code::{Meaning, NO_CONNECTION, NO_MESSAGE, meaning};

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
        Some(meaning) => action(meaning),
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
    action(meaning(code)?)
}

/// The error of a send without a whole answer.
pub(crate) fn of_lost_send(error: CallError) -> SendError {
    match error {
        CallError::Unconnected(_) => {
            SendError::NotSent { code: NO_CONNECTION, action: SendAction::Wait { retry_after: None } }
        }
        CallError::Unbuilt(_) => SendError::NotSent { code: NO_MESSAGE, action: SendAction::FixMessage },
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

/// What a code asks for; nothing where it does not even say whether a message was sent.
const fn action(meaning: Meaning) -> Option<SendAction> {
    Some(match meaning {
        Meaning::Ambiguous => return None,
        // Whether the message is tried again is the domain's to say; nobody else is concerned.
        Meaning::SkipRecipient | Meaning::NeverAgain | Meaning::AfterADay => SendAction::SkipRecipient,
        Meaning::FixMessage | Meaning::Mismatch => SendAction::FixMessage,
        Meaning::StopTemplate(why) => SendAction::StopTemplate(why),
        Meaning::SlowDown => SendAction::SlowDown { retry_after: None },
        Meaning::WaitForRecipient => SendAction::WaitForRecipient,
        Meaning::WaitForApp => SendAction::WaitForApp { retry_after: None },
        Meaning::Wait(retry_after) => SendAction::Wait { retry_after },
        Meaning::StopSender => SendAction::StopSender,
        Meaning::Reconnect => SendAction::Reconnect,
    })
}

#[cfg(test)]
mod tests;
