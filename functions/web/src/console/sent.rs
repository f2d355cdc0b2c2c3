//! Forms of our own pages: from the same site, with the page's token, and read field by field.

use std::str::FromStr;

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts as _, Request},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use numo_app::{store::expected::Subject, wake::Waker};
use url::form_urlencoded;

use crate::{
    auth::BEING_ERASED,
    console::{notice::Notice, problem::Problem, viewer::Viewer},
    csrf,
    failure::Failure,
    state::AppState,
};

/// A form that somebody sent.
pub(super) struct Sent {
    pub(super) viewer: Viewer,
    pub(super) fields: Fields,
}

/// What is in a form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Fields(Vec<(String, String)>);

/// Where the token of a page stands in its forms.
const TOKEN: &str = "form_token";

impl FromRequest<AppState> for Sent {
    type Rejection = Response;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let viewer = Viewer::from_request_parts(&mut parts, state).await?;
        if !csrf::is_same_origin(&parts.headers, &state.site.public_url) {
            return Err(foreign().into_response());
        }
        let bytes = Bytes::from_request(Request::from_parts(parts, body), state).await;
        let bytes = bytes.map_err(|refused| {
            Problem::from(Failure::unreadable(refused.status(), Failure::CUT_OFF)).into_response()
        })?;
        let fields = Fields(form_urlencoded::parse(&bytes).into_owned().collect());
        let token = fields.optional(TOKEN).unwrap_or_default();
        if !csrf::is_ours(state.number_keys(), &viewer.session, token) {
            return Err(foreign().into_response());
        }
        match state.store().is_being_erased(&viewer.session.org).await {
            Ok(false) => {}
            Ok(true) => return Err(Problem::from(BEING_ERASED).into_response()),
            Err(error) => return Err(Problem::from(error).into_response()),
        }
        Ok(Self { viewer, fields })
    }
}

fn foreign() -> Problem {
    let message = "this form does not come from a page that was opened by you in this organisation; open it again";
    Failure::unreadable(StatusCode::FORBIDDEN, message).into()
}

impl Sent {
    /// What changes something over the revision alone that the page showed, where its form says which.
    pub(super) fn waker(&self, state: &AppState, subject: Subject<'_>) -> Result<Waker, Failure> {
        let (waker, seen) =
            (state.waker().clone(), self.fields.read_optional::<u64>("revision", "open the page again")?);
        Ok(match seen {
            None => waker,
            Some(seen) => {
                Waker { store: waker.store.expecting(&self.viewer.session.org, subject, vec![seen]), ..waker }
            }
        })
    }

    /// Shows the page from which the form was sent, or another one of ours, with what was done.
    pub(super) fn done(&self, fallback: &str, notice: Notice) -> Redirect {
        let back = self.fields.optional("back").filter(|back| is_ours(back)).unwrap_or(fallback);
        let sign = if back.contains('?') { '&' } else { '?' };
        Redirect::to(&format!("{back}{sign}done={}", notice.code()))
    }
}

/// An address on this site, and no other that a browser could take for one.
fn is_ours(address: &str) -> bool {
    address.starts_with('/') && !address.starts_with("//") && address.chars().all(|c| c.is_ascii_graphic() && c != '\\')
}

impl Fields {
    /// A form that nobody has sent yet.
    pub(super) const fn new(fields: Vec<(String, String)>) -> Self {
        Self(fields)
    }

    /// Every field, in the order of the form.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// What is in a field, without what surrounds it; nothing where that is all.
    pub(super) fn optional(&self, name: &str) -> Option<&str> {
        let value = self.0.iter().find(|(field, _)| field == name).map(|(_, value)| value.trim());
        value.filter(|value| !value.is_empty())
    }

    /// What is in every field of a name, as of boxes that were ticked.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.trim())
    }

    /// What is in a field that has to be filled in.
    pub(super) fn text(&self, name: &str) -> Result<&str, Failure> {
        self.optional(name).ok_or_else(|| Failure::invalid(name, "it has to be filled in"))
    }

    /// What a field says, read as what it has to be.
    pub(super) fn read<T: FromStr>(&self, name: &str, needed: &str) -> Result<T, Failure> {
        self.text(name)?.parse().map_err(|_unreadable| Failure::invalid(name, needed))
    }

    /// The same for a field that may be left empty.
    pub(super) fn read_optional<T: FromStr>(&self, name: &str, needed: &str) -> Result<Option<T>, Failure> {
        match self.optional(name) {
            Some(_) => self.read(name, needed).map(Some),
            None => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_on_this_site_is_gone_back_to() {
        let told =
            ["/", "/plan?day=2026-11-24", "//evil.example", "/\\evil.example", "https://evil.example", "/\tx", ""];
        assert_eq!(told.map(is_ours), [true, true, false, false, false, false, false]);
    }
}
