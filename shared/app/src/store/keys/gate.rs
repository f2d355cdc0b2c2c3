//! Where gates are.

use numo_domain::{
    connection::LedgerProvider,
    id::{ConnectionId, OrgId},
};

use crate::{port::table::Key, store::keys::of_org};

pub(crate) fn of_connection(org: &OrgId, connection: ConnectionId) -> Key {
    of_org(org, format!("GATE#{connection}"))
}

/// No organisation's: the limit is our app's.
pub(crate) fn of_app(provider: LedgerProvider) -> Key {
    Key { pk: format!("GATE#{}#", provider.as_str()), sk: "GATE".to_owned() }
}

/// No organisation's: it holds up all of them.
pub(crate) fn messaging() -> Key {
    Key { pk: "GATE#whatsapp#".to_owned(), sk: "GATE".to_owned() }
}
