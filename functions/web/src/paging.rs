//! Lists in parts: `limit` and `cursor` in the query, `next_cursor` in the answer.

use axum::{extract::FromRequestParts, http::request::Parts};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use numo_app::{number_key::NumberKeys, store::part::Part};
use numo_domain::id::OrgId;
use url::form_urlencoded;

use crate::{failure::Failure, state::AppState};

/// Entries of one answer, unless another number is asked for.
const USUAL: usize = 200;

/// Entries that one answer has at most.
const MOST: usize = 500;

/// The part of a list that a request asks for.
#[derive(Debug)]
pub(crate) struct Paged {
    /// The list, by its path: a cursor is good for no other.
    list: String,
    limit: Option<usize>,
    cursor: Option<String>,
    /// What else the query has.
    rest: Vec<(String, String)>,
    keys: NumberKeys,
}

/// The query of a list, as it is described.
#[cfg(feature = "openapi")]
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only described")]
pub(crate) struct PartQuery {
    /// Entries of one answer at most; 200 where it is not given.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
    /// `next_cursor` of the answer before; good for the same list alone.
    cursor: Option<String>,
}

impl FromRequestParts<AppState> for Paged {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        let (mut limit, mut cursor, mut rest) = (None, None, Vec::new());
        for (name, value) in form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned() {
            let known = match name.as_str() {
                "limit" => &mut limit,
                "cursor" => &mut cursor,
                _ => {
                    rest.push((name, value));
                    continue;
                }
            };
            if known.replace(value).is_some() {
                return Err(Failure::invalid(name, "it is given twice"));
            }
        }
        let limit = limit.map(|text| read_limit(&text)).transpose()?;
        let (list, keys) = (parts.uri.path().to_owned(), state.forget.number_keys.clone());
        Ok(Self { list, limit, cursor, rest, keys })
    }
}

fn read_limit(text: &str) -> Result<usize, Failure> {
    let limit = text.parse().ok().filter(|limit| (1..=MOST).contains(limit));
    limit.ok_or_else(|| Failure::invalid("limit", format!("a number from 1 to {MOST} is needed")))
}

impl Paged {
    /// The same list from where a form says, since its address has no personal data.
    pub(crate) fn after(self, cursor: Option<&str>) -> Self {
        Self { cursor: cursor.map(str::to_owned), ..self }
    }

    /// The part, where the query has nothing else.
    pub(crate) fn part(&self, org: &OrgId) -> Result<Part, Failure> {
        self.part_for(org, "")
    }

    /// The part of somebody's own list, where the query has nothing else.
    pub(crate) fn part_for(&self, org: &OrgId, whose: &str) -> Result<Part, Failure> {
        match self.rest.first() {
            Some((name, _)) => Err(Failure::invalid(name.as_str(), "this query takes \"limit\" and \"cursor\" alone")),
            None => self.part_of(org, whose),
        }
    }

    /// The part of the list as a filter has it, or as one version of it is.
    pub(crate) fn part_of(&self, org: &OrgId, filter: &str) -> Result<Part, Failure> {
        let after = self.cursor.as_deref().map(|cursor| {
            let wrong = || Failure::invalid("cursor", "it is no cursor of this list; begin again without one");
            self.opened(org, filter, cursor).ok_or_else(wrong)
        });
        Ok(Part { limit: self.limit.unwrap_or(USUAL), after: after.transpose()? })
    }

    /// The part of a list that is a file, where the query has nothing but a cursor.
    pub(crate) fn part_of_file(&self, org: &OrgId, most: usize) -> Result<Part, Failure> {
        if self.limit.is_some() {
            return Err(Failure::invalid("limit", "this query takes \"cursor\" alone"));
        }
        Ok(Part { limit: most, ..self.part(org)? })
    }

    /// The parts of another list, to which this one leads.
    pub(crate) fn of_list(&self, path: &str) -> Self {
        Self { list: path.to_owned(), limit: None, cursor: None, rest: Vec::new(), keys: self.keys.clone() }
    }

    /// What else the query has.
    pub(crate) fn rest(&self) -> &[(String, String)] {
        &self.rest
    }

    /// The cursor of what follows a part, for this organisation and list alone.
    pub(crate) fn next(&self, org: &OrgId, filter: &str, next: Option<String>) -> Option<String> {
        let place = next?;
        let seal = self.keys.place_seal(org, &self.named(filter), &place);
        Some(format!("{}.{seal}", BASE64_URL_SAFE_NO_PAD.encode(place)))
    }

    fn opened(&self, org: &OrgId, filter: &str, cursor: &str) -> Option<String> {
        let (place, seal) = cursor.split_once('.')?;
        let place = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(place).ok()?).ok()?;
        (self.keys.place_seal(org, &self.named(filter), &place) == seal).then_some(place)
    }

    fn named(&self, filter: &str) -> String {
        format!("{}?{filter}", self.list)
    }
}

/// The place of something in a list that has the newest first.
pub(crate) fn newest_first(at: Timestamp, id: &str) -> String {
    format!("{:020}#{id}", i64::MAX.saturating_sub(at.as_microsecond()))
}
