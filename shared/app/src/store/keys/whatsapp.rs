//! Keys of WhatsApp accounts, and of the secrets of connecting them.

use numo_domain::{
    id::{OrgId, PhoneNumberId, WabaId},
    language::Language,
    template::Purpose,
};

use crate::{
    port::table::Key,
    store::keys::{escape, of_org, vault},
};

/// Begins the keys of all accounts of an organisation.
pub(crate) const ACCOUNTS: &str = "WABA#";

pub(crate) fn account(org: &OrgId, waba: &WabaId) -> Key {
    of_org(org, format!("{ACCOUNTS}{}", escape(waba.as_str())))
}

/// Begins the keys of what Meta says that accounts were billed.
pub(crate) const BILLS: &str = "METABILL#";

pub(crate) fn bill(org: &OrgId, waba: &WabaId) -> Key {
    of_org(org, format!("{BILLS}{}", escape(waba.as_str())))
}

/// Begins the keys of the texts of Meta's library that were chosen.
pub(crate) const LIBRARY_CHOICES: &str = "LIBRARY#";

pub(crate) fn library_choice(org: &OrgId, waba: &WabaId, purpose: Purpose, language: Language) -> Key {
    of_org(org, format!("{LIBRARY_CHOICES}{}#{purpose}#{language}", escape(waba.as_str())))
}

/// Begins the keys of tokens of sign-ups.
pub(crate) const SIGNUP_TOKENS: &str = "SIGNUP#";

/// Begins the keys of PINs.
pub(crate) const PINS: &str = "PIN#";

/// A token of a sign-up that is not proved yet.
pub(crate) fn signup_token(org: &OrgId, waba: &WabaId) -> Key {
    Key { pk: vault::partition(org), sk: format!("{SIGNUP_TOKENS}{}", escape(waba.as_str())) }
}

pub(crate) fn registration_pin(org: &OrgId, phone: &PhoneNumberId) -> Key {
    Key { pk: vault::partition(org), sk: format!("{PINS}{}", escape(phone.as_str())) }
}

/// The route of the account or number whose secret is under a sort key of the vault.
pub(crate) fn route_of_secret(sk: &str) -> Option<Key> {
    let (class, id) = match (sk.strip_prefix(SIGNUP_TOKENS), sk.strip_prefix(PINS)) {
        (Some(waba), _) => ("WABA", waba),
        (None, Some(phone)) => ("PHONE", phone),
        (None, None) => return None,
    };
    Some(Key { pk: format!("ROUTE#{class}#{id}"), sk: "ROUTE".to_owned() })
}

/// No organisation's: it is about two of them, and an operator looks at all.
pub(crate) fn mismatch(waba: &WabaId, phone: &PhoneNumberId) -> Key {
    Key { pk: "ROUTE#MISMATCH#".to_owned(), sk: format!("{}#{}", escape(waba.as_str()), escape(phone.as_str())) }
}
