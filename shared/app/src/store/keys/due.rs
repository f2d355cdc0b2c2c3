//! Keys of due work, and its places in the index that the sweep asks.

use jiff::Timestamp;
use numo_domain::id::OrgId;

use crate::{port::table::Key, store::keys::of_org};

pub(crate) fn item(org: &OrgId, kind: &str, subject: &str) -> Key {
    of_org(org, format!("DUE#{kind}#{subject}"))
}

/// The kind of work of a due item.
pub(crate) fn kind_of(key: &Key) -> &str {
    key.sk.split('#').nth(1).unwrap_or_default()
}

/// Partitions of the index of due work, for all kinds together: each can take a thousand changes a second.
pub(crate) const SHARDS: u32 = 16;

pub(crate) fn partition(shard: u32) -> String {
    format!("DUE#{shard}")
}

/// The position of a due item: fixed-width milliseconds, so that text order is time order.
pub(crate) fn place(key: &Key, at: Timestamp) -> Key {
    let shard = key
        .pk
        .bytes()
        .chain(key.sk.bytes())
        .fold(2_166_136_261_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(16_777_619))
        % SHARDS;
    Key { pk: partition(shard), sk: time(at) }
}

pub(crate) fn time(at: Timestamp) -> String {
    format!("{:015}", at.as_millisecond().max(0))
}
