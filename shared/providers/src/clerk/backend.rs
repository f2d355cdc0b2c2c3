//! Clerk's Backend API: whether an organisation is there, who belongs to it, and where they are written to.

use std::collections::BTreeMap;

use async_trait::async_trait;
use numo_app::port::{
    organisations::Organisations,
    people::{People, PeopleError, Presence},
    session::Role,
};
use numo_domain::{
    email::EmailAddress,
    id::{OrgId, UserId},
};
use reqwest::{Client, RequestBuilder};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use crate::http::{
    base_url::BaseUrl,
    call::{Answer, Broken, Operation, call},
    retry_after::retry_after,
};

/// Asks in the name of one Clerk instance.
#[derive(Debug, Clone)]
pub struct ClerkBackend {
    http: Client,
    base: BaseUrl,
    key: SecretString,
}

/// The version whose shapes are read (Clerk: API versioning); without the header the instance's own one answers.
const VERSION: (&str, &str) = ("Clerk-API-Version", "2025-11-10");

/// Memberships of one call at most (Clerk: list organization memberships, and those of a user).
const MEMBERS_PER_CALL: usize = 500;

/// Users that one call may name (Clerk: list users).
const USERS_PER_CALL: usize = 100;

/// An organisation with more members than this is not one of ours, and nobody looks after as many.
const MOST_MEMBERS: usize = 5_000;

impl ClerkBackend {
    /// The API below a base, with the instance's secret key.
    pub fn new(http: Client, base: BaseUrl, key: SecretString) -> Self {
        Self { http, base, key }
    }

    async fn get(&self, name: &'static str, url: Url) -> Result<Answer, PeopleError> {
        self.send(name, self.http.get(url)).await
    }

    async fn send(&self, name: &'static str, request: RequestBuilder) -> Result<Answer, PeopleError> {
        let request = request.bearer_auth(self.key.expose_secret()).header(VERSION.0, VERSION.1);
        let answer = call(Operation { provider: "clerk", name }, request).await;
        let answer = answer.map_err(|error| PeopleError::Unavailable(error.boxed()))?;
        match answer.status {
            401 | 403 => Err(PeopleError::Refused),
            429 => Err(PeopleError::RateLimited { retry_after: retry_after(&answer.headers) }),
            _ => Ok(answer),
        }
    }

    /// All rows of a list of memberships, part by part; none below what is gone.
    async fn memberships(&self, name: &'static str, below: &[&str]) -> Result<Vec<Value>, PeopleError> {
        let mut all = Vec::new();
        for offset in (0..MOST_MEMBERS).step_by(MEMBERS_PER_CALL) {
            let mut url = self.base.join(below);
            let (limit, offset) = (MEMBERS_PER_CALL.to_string(), offset.to_string());
            url.query_pairs_mut().append_pair("limit", &limit).append_pair("offset", &offset);
            let answer = self.get(name, url).await?;
            if answer.status == 404 {
                return Ok(Vec::new());
            }
            let body = json(&answer)?;
            let rows = body.get("data").and_then(Value::as_array).ok_or_else(no_list)?;
            all.extend(rows.iter().cloned());
            if rows.len() < MEMBERS_PER_CALL {
                break;
            }
        }
        Ok(all)
    }
}

#[async_trait]
impl Organisations for ClerkBackend {
    async fn delete(&self, org: &OrgId) -> Result<(), PeopleError> {
        let url = self.base.join(&["v1", "organizations", org.as_str()]);
        let answer = self.send("delete_organisation", self.http.delete(url)).await?;
        // One that is gone is deleted (Clerk: delete an organization).
        if answer.is_success() || is_unknown_to_clerk(&answer) {
            return Ok(());
        }
        Err(broken(Broken::Status(answer.status)))
    }
}

#[async_trait]
impl People for ClerkBackend {
    async fn organisation(&self, org: &OrgId) -> Result<Presence, PeopleError> {
        let answer = self.get("organisation", self.base.join(&["v1", "organizations", org.as_str()])).await?;
        if is_unknown_to_clerk(&answer) {
            return Ok(Presence::Gone);
        }
        let body = json(&answer)?;
        let is_asked_for = body.get("id").and_then(Value::as_str) == Some(org.as_str());
        if is_asked_for { Ok(Presence::Present) } else { Err(broken(Broken::Body("the answer is about another one"))) }
    }

    async fn members(&self, org: &OrgId) -> Result<BTreeMap<UserId, Role>, PeopleError> {
        let below = ["v1", "organizations", org.as_str(), "memberships"];
        Ok(self.memberships("memberships", &below).await?.iter().filter_map(member).collect())
    }

    async fn organisations(&self, user: &UserId) -> Result<BTreeMap<OrgId, Role>, PeopleError> {
        let below = ["v1", "users", user.as_str(), "organization_memberships"];
        Ok(self.memberships("organization_memberships", &below).await?.iter().filter_map(organisation).collect())
    }

    async fn addresses(&self, users: &[UserId]) -> Result<BTreeMap<UserId, EmailAddress>, PeopleError> {
        let mut addresses = BTreeMap::new();
        // Without a name the API would list everybody: no chunk is empty.
        for some in users.chunks(USERS_PER_CALL) {
            let mut url = self.base.join(&["v1", "users"]);
            url.query_pairs_mut().append_pair("limit", &USERS_PER_CALL.to_string());
            for user in some {
                url.query_pairs_mut().append_pair("user_id", user.as_str());
            }
            let body = json(&self.get("users", url).await?)?;
            let rows = body.as_array().ok_or_else(no_list)?;
            // An answer about others than who was asked for would reach strangers.
            addresses.extend(rows.iter().filter_map(address).filter(|(user, _)| some.contains(user)));
        }
        Ok(addresses)
    }
}

/// A 404 in Clerk's own words, and not in those of something in between.
fn is_unknown_to_clerk(answer: &Answer) -> bool {
    answer.status == 404 && answer.json().is_some_and(|body| body.get("errors").is_some_and(Value::is_array))
}

fn json(answer: &Answer) -> Result<Value, PeopleError> {
    if !answer.is_success() {
        return Err(broken(Broken::Status(answer.status)));
    }
    answer.json().ok_or_else(|| broken(Broken::Body("the answer is not JSON")))
}

fn no_list() -> PeopleError {
    broken(Broken::Body("the answer has no list"))
}

fn broken(how: Broken) -> PeopleError {
    PeopleError::Unavailable(how.boxed())
}

/// Who has a membership, and as what.
fn member(row: &Value) -> Option<(UserId, Role)> {
    Some((row.pointer("/public_user_data/user_id")?.as_str()?.parse().ok()?, role(row)?))
}

/// Where a membership is, and as what.
fn organisation(row: &Value) -> Option<(OrgId, Role)> {
    Some((row.pointer("/organization/id")?.as_str()?.parse().ok()?, role(row)?))
}

/// A custom role may look, as in a session.
fn role(row: &Value) -> Option<Role> {
    let is_admin = matches!(row.get("role")?.as_str()?, "admin" | "org:admin");
    Some(if is_admin { Role::Admin } else { Role::Member })
}

/// The primary address of a user, if it is verified and the user is not shut out for good.
fn address(row: &Value) -> Option<(UserId, EmailAddress)> {
    if row.get("banned").and_then(Value::as_bool).unwrap_or_default() {
        return None;
    }
    let user = row.get("id")?.as_str()?.parse().ok()?;
    let primary = row.get("primary_email_address_id")?.as_str()?;
    let found =
        row.get("email_addresses")?.as_array()?.iter().find(|known| known.get("id").is_some_and(|id| id == primary))?;
    let is_verified = found.pointer("/verification/status").is_some_and(|status| status == "verified");
    let address = found.get("email_address")?.as_str()?.parse().ok()?;
    is_verified.then_some((user, address))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn user(changed: &Value) -> Value {
        let mut user = json!({
            "id": "user_1", "primary_email_address_id": "idn_2", "banned": false, "locked": true,
            "email_addresses": [
                {"id": "idn_1", "email_address": "old@a.example", "verification": {"status": "verified"}},
                {"id": "idn_2", "email_address": "max@a.example", "verification": {"status": "verified"}},
            ],
        });
        user.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
        user
    }

    #[test]
    fn only_the_primary_address_counts_and_only_if_it_is_verified() {
        let found = address(&user(&json!({}))).unwrap();
        assert_eq!((found.0.as_str(), found.1.as_str()), ("user_1", "max@a.example"));
        let unverified =
            json!([{"id": "idn_2", "email_address": "max@a.example", "verification": {"status": "unverified"}}]);
        let unknown = json!([{"id": "idn_2", "email_address": "max@a.example", "verification": null}]);
        let forged = json!([{"id": "idn_2", "email_address": "max@a.example\r\nBcc: b@c.example", "verification": {"status": "verified"}}]);
        for changed in [
            json!({ "email_addresses": unverified }),
            json!({ "email_addresses": unknown }),
            json!({ "email_addresses": forged }),
            json!({ "email_addresses": [] }),
            json!({ "primary_email_address_id": null }),
            json!({ "banned": true }),
        ] {
            assert_eq!(address(&user(&changed)), None, "{changed}");
        }
    }
}
