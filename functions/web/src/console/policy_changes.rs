//! What somebody else changed about a policy while it was being edited.

use numo_app::{error::AppError, store::Store};
use numo_domain::{
    id::{OrgId, PolicyId},
    policy::Policy,
};

use crate::console::{
    policy_form::{PolicyForm, merge},
    policy_words::{Names, parts},
    sent::Fields,
};

/// A part that is not what it was.
pub(super) struct Change {
    pub(super) part: &'static str,
    pub(super) before: String,
    pub(super) now: String,
}

/// A version of a policy that was saved; the standard one was never saved.
pub(super) async fn version(
    store: &Store,
    org: &OrgId,
    (id, version): (&PolicyId, u32),
) -> Result<Option<Policy>, AppError> {
    let versions = store.policy_versions(org, id).await?;
    let standard =
        (id.is_organisation_default() && version == 1).then(|| Policy::standard(jiff::Timestamp::UNIX_EPOCH));
    Ok(versions.into_iter().find(|one| one.version == version).or(standard))
}

/// What differs between two versions.
pub(super) fn changes(seen: &Policy, now: &Policy, names: &Names) -> Vec<Change> {
    let both = parts(seen, names).into_iter().zip(parts(now, names));
    let differing = both.filter(|((_, before), (_, now))| before != now);
    differing.map(|((part, before), (_, now))| Change { part, before, now }).collect()
}

/// What was typed over one version, as it is shown over a later one.
pub(super) fn over(typed: &Fields, seen: &Policy, now: &Policy) -> PolicyForm {
    PolicyForm::typed(merge(typed, &PolicyForm::of(seen).fields, &PolicyForm::of(now).fields))
}
