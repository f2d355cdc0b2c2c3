//! Keys of what Facebook users connected, and asked us to forget.

use numo_domain::id::{ConfirmationCode, MetaUserKey, OrgId, WabaId};

use crate::{
    port::table::Key,
    store::keys::{escape, of_org},
};

/// No organisation's: a Facebook user may have connected accounts of several.
pub(crate) fn meta_user_partition(user: &MetaUserKey) -> String {
    format!("FORGET#USER#{user}#")
}

pub(crate) fn signup_of(user: &MetaUserKey, org: &OrgId, waba: &WabaId) -> Key {
    Key { pk: meta_user_partition(user), sk: format!("{org}#{}", escape(waba.as_str())) }
}

/// From an organisation to what a Facebook user connected for it, so that it is found from either side.
pub(crate) fn signup_link(user: &MetaUserKey, org: &OrgId, waba: &WabaId) -> Key {
    of_org(org, format!("SIGNEDUP#{user}#{}", escape(waba.as_str())))
}

/// Outside the organisation's own partitions: it stays while they are erased, and keeps them empty.
pub(crate) fn organisation(org: &OrgId) -> Key {
    Key { pk: format!("FORGET#ORG#{org}#"), sk: "ERASURE".to_owned() }
}

/// No organisation's: who it was is a keyed hash.
pub(crate) fn certificate(code: &ConfirmationCode) -> Key {
    Key { pk: format!("FORGET#CODE#{code}#"), sk: "CERTIFICATE".to_owned() }
}

/// No organisation's: whoever has the code is nobody that we know.
pub(crate) fn forget_request(code: &ConfirmationCode) -> Key {
    Key { pk: format!("FORGET#CODE#{code}#"), sk: "REQUEST".to_owned() }
}
