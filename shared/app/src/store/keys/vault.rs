//! Keys of what only the vault reads.

use numo_domain::{credential::GrantRef, id::OrgId};

use crate::{port::table::Key, store::keys::escape};

pub(crate) fn partition(org: &OrgId) -> String {
    format!("VAULT#{org}#")
}

pub(crate) fn grant(org: &OrgId, grant: &GrantRef) -> Key {
    Key { pk: partition(org), sk: format!("GRANT#{}#{}", grant.provider.as_str(), escape(grant.holder.as_str())) }
}

pub(crate) fn data_key(org: &OrgId) -> Key {
    Key { pk: partition(org), sk: "KEY".to_owned() }
}
