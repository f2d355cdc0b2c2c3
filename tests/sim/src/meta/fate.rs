use crate::answer::Refusal;
use crate::meta::failures::{self, How};
use crate::meta::sender::Sender;
use crate::meta::state::MetaState;
use crate::meta::{errors, limits, people};

const WINDOW_MS: i64 = 24 * 3600 * 1000;

/// What becomes of a sound message: refused by a limit or on demand, accepted and then failed with a code, or neither.
pub(crate) fn of(meta: &mut MetaState, sender: &Sender, to: &str, now_ms: i64) -> Result<Option<i64>, Refusal> {
    let is_away = meta.not_on_whatsapp.contains(to);
    if meta.delivery.refuse_at_once && is_away {
        return Err(errors::graph(400, 131_026, "Message undeliverable", "The number is not on WhatsApp."));
    }
    if let Some(code) = failures::take(&mut meta.failures, to, How::AtOnce) {
        return Err(failures::refusal(code));
    }
    let is_in_window = has_window(meta, sender, to, now_ms);
    let limit = match limits::met(meta, sender, to, is_in_window, now_ms) {
        Some((code, How::AtOnce)) => return Err(failures::refusal(code)),
        Some((code, How::AsStatus)) => Some(code),
        None => None,
    };
    let away = is_away.then_some(131_026);
    Ok(limit.or(away).or_else(|| failures::take(&mut meta.failures, to, How::AsStatus)))
}

/// Whether the customer wrote in the last 24 hours.
pub(crate) fn has_window(meta: &MetaState, sender: &Sender, to: &str, now_ms: i64) -> bool {
    let opened = meta.windows.get(&(sender.phone_number_id.to_owned(), people::key(to)));
    opened.is_some_and(|at_ms| now_ms - at_ms < WINDOW_MS)
}
