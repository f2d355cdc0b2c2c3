use serde_json::{Value, json};

use crate::answer::Refusal;
use crate::field::Field as _;
use crate::meta::errors;
use crate::meta::sender::Sender;
use crate::meta::state::MetaState;

/// Whom a message is for: a number with its plus, or a user of the portfolio where no number is given.
///
/// Without a plus Meta prepends the business's own country code; here that is refused. Where both are given the number
/// counts (Meta: business-scoped user ids).
pub(crate) fn recipient(asked: &Value) -> Result<&str, Refusal> {
    let text = |name: &str| asked.at(name).as_str();
    match (text("to"), text("recipient")) {
        (Some(to), _) if is_number(to) => Ok(to),
        (None, Some(user)) if is_user(user) => Ok(user),
        (None, Some(_)) => Err(errors::invalid_parameter("The parameter recipient must be an id such as US.1349.")),
        (Some(_), _) | (None, None) => {
            Err(errors::invalid_parameter("The parameter to must be a number in the form +E.164."))
        }
    }
}

fn is_number(to: &str) -> bool {
    let rest = to.strip_prefix('+').unwrap_or_default();
    (8..=15).contains(&rest.len()) && rest.chars().all(|c| c.is_ascii_digit()) && !rest.starts_with('0')
}

/// A country, a point, and up to 128 letters and digits; `ENT` stands between in ids of a parent.
pub(crate) fn is_user(id: &str) -> bool {
    let (country, rest) = id.split_once('.').unwrap_or_default();
    let rest = rest.strip_prefix("ENT.").unwrap_or(rest);
    country.len() == 2
        && country.chars().all(|c| c.is_ascii_uppercase())
        && (1..=128).contains(&rest.len())
        && rest.chars().all(|c| c.is_ascii_alphanumeric())
}

/// What a recipient is known by: the digits of a number, or the id of a user.
pub(crate) fn key(recipient: &str) -> String {
    if is_user(recipient) { recipient.to_owned() } else { digits(recipient) }
}

/// The contact in the answer to a message; one who is written to by id shows no number.
pub(crate) fn contact(meta: &MetaState, to: &str) -> Value {
    if is_user(to) {
        return json!({ "input": to, "user_id": to });
    }
    let mut contact = json!({ "input": to, "wa_id": digits(to) });
    if let Some(user) = meta.users.get(&digits(to)) {
        contact.put("user_id", json!(user));
    }
    contact
}

/// Names the recipient in a status: by number where it was written to, and by id where that is known.
pub(crate) fn name_in(status: &mut Value, meta: &MetaState, to: &str) {
    if is_user(to) {
        return status.put("recipient_user_id", json!(to));
    }
    status.put("recipient_id", json!(digits(to)));
    if let Some(user) = meta.users.get(&digits(to)) {
        status.put("recipient_user_id", json!(user));
    }
}

/// Whether a message would go to the number that it comes from.
pub(crate) fn is_itself(sender: &Sender, to: &str) -> bool {
    !is_user(to) && digits(to) == sender.digits()
}

pub(crate) fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}
