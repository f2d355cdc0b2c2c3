//! Keys of what Facebook users connected, and asked us to forget.

use numo_domain::id::{ConfirmationCode, MetaUserKey, OrgId, WabaId};

use crate::{port::table::Key, store::keys::escape};

/// No organisation's: a Facebook user may have connected accounts of several.
pub(crate) fn meta_user_partition(user: &MetaUserKey) -> String {
    format!("FORGET#USER#{user}#")
}

pub(crate) fn signup_of(user: &MetaUserKey, org: &OrgId, waba: &WabaId) -> Key {
    Key { pk: meta_user_partition(user), sk: format!("{org}#{}", escape(waba.as_str())) }
}

/// No organisation's: whoever has the code is nobody that we know.
pub(crate) fn forget_request(code: &ConfirmationCode) -> Key {
    Key { pk: format!("FORGET#CODE#{code}#"), sk: "REQUEST".to_owned() }
}
