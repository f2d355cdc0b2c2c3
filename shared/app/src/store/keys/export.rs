//! Keys of exports, and where their archives lie in the bucket.

use numo_domain::id::{ExportId, OrgId};

use crate::{
    port::table::Key,
    store::keys::{escape, of_org},
};

/// Begins the keys of all exports of an organisation.
pub(crate) const EXPORTS: &str = "EXPORT#";

pub(crate) fn export(org: &OrgId, export: ExportId) -> Key {
    of_org(org, format!("{EXPORTS}{export}"))
}

/// When exports were asked for of late: whoever asks for one replaces it.
pub(crate) fn book(org: &OrgId) -> Key {
    of_org(org, "EXPORTBOOK".to_owned())
}

/// Begins the names of all archives of an organisation.
pub(crate) fn archives(org: &OrgId) -> String {
    // A slash would make one organisation's folder the folder of another.
    format!("exports/{}/", escape(org.as_str()).replace('/', "%2F"))
}

/// Begins the names of all archives of an export.
pub(crate) fn archives_of(org: &OrgId, export: ExportId) -> String {
    format!("{}{export}/", archives(org))
}

/// An archive of an export, counted from 1.
pub(crate) fn archive(org: &OrgId, export: ExportId, number: usize) -> String {
    format!("{}{number}.zip", archives_of(org, export))
}
