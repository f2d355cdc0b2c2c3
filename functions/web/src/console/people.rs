//! The people of an organisation, by their address where Clerk tells it.

use std::collections::BTreeMap;

use numo_app::port::{people::PeopleError, session::Role};
use numo_domain::id::{OrgId, UserId};

use crate::state::AppState;

/// Somebody who belongs to the organisation at this moment.
pub(super) struct PersonText {
    pub(super) id: UserId,
    pub(super) name: String,
    pub(super) is_admin: bool,
}

/// Everybody of an organisation, by name.
pub(super) async fn members(state: &AppState, org: &OrgId) -> Result<Vec<PersonText>, PeopleError> {
    let members = state.people.members(org).await?;
    let ids: Vec<UserId> = members.keys().cloned().collect();
    let names = names(state, &ids).await;
    let person =
        |(id, role): (UserId, Role)| PersonText { name: name_of(&names, &id), is_admin: role == Role::Admin, id };
    let mut people: Vec<PersonText> = members.into_iter().map(person).collect();
    people.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(people)
}

/// The addresses of people; while Clerk tells none, each is shown by the id.
pub(super) async fn names(state: &AppState, users: &[UserId]) -> BTreeMap<UserId, String> {
    if users.is_empty() {
        return BTreeMap::new();
    }
    match state.people.addresses(users).await {
        Ok(known) => known.into_iter().map(|(id, address)| (id, address.as_str().to_owned())).collect(),
        Err(error) => {
            tracing::warn!(error = %error, "people are shown by their ids");
            BTreeMap::new()
        }
    }
}

/// Somebody's address, or id.
pub(super) fn name_of(names: &BTreeMap<UserId, String>, user: &UserId) -> String {
    names.get(user).cloned().unwrap_or_else(|| user.as_str().to_owned())
}
