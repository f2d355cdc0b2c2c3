//! ETags: what was read, and that it is changed only as it was read.
//!
//! A tag is the revision of the item that changes, a point, and a hash of the whole answer: `"7.1f2e…"`.
//! `If-None-Match` compares all of it, `If-Match` the revision, since nobody can change the rest.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use axum::{
    extract::{FromRequestParts, MatchedPath, Request},
    http::{HeaderMap, HeaderName, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use numo_app::{error::AppError, store::expected::Subject, wake::Waker};
use numo_domain::id::OrgId;
use serde::Serialize;

use crate::{failure::Failure, state::AppState};

/// The changes that may be bound to what was read, by method and path below `/v1`, with where that is read.
pub(crate) const GUARDED: [(&str, &str, &str); 19] = [
    ("PUT", "/organisation/pause", "/organisation"),
    ("PUT", "/organisation/ramp", "/organisation"),
    ("PUT", "/organisation/pace", "/organisation"),
    ("PUT", "/organisation/language", "/organisation"),
    ("PUT", "/organisation/explicit-opt-in-only", "/organisation"),
    ("PUT", "/cost/rates", "/cost"),
    ("PUT", "/cost/cap", "/cost"),
    ("DELETE", "/cost/cap", "/cost"),
    ("PUT", "/mails", "/mails"),
    ("PUT", "/me/digest", "/mails"),
    ("DELETE", "/me/number", "/me/number"),
    ("PUT", "/policies/{policy}", "/policies/{policy}"),
    ("DELETE", "/policies/{policy}", "/policies/{policy}"),
    ("PUT", "/connections/{id}/sender", "/connections/{id}"),
    ("DELETE", "/connections/{id}", "/connections/{id}"),
    ("PUT", "/customers/{connection}/{contact}/number", "/customers/{connection}/{contact}/number"),
    ("DELETE", "/customers/{connection}/{contact}/number", "/customers/{connection}/{contact}/number"),
    ("POST", "/customers/{connection}/{contact}/consent", "/customers/{connection}/{contact}/consent"),
    ("POST", "/customers/{connection}/{contact}/file", "/customers/{connection}/{contact}/file"),
];

/// An answer about something that has a revision.
#[derive(Debug)]
pub(crate) struct Tagged<T> {
    revision: u64,
    view: T,
}

impl<T> Tagged<T> {
    pub(crate) const fn new(revision: u64, view: T) -> Self {
        Self { revision, view }
    }
}

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        let Ok(body) = serde_json::to_vec(&self.view) else {
            return Failure::from(AppError::Internal("an answer cannot be written".to_owned())).into_response();
        };
        let mut hash = DefaultHasher::new();
        body.hash(&mut hash);
        let tag = format!("\"{}.{:016x}\"", self.revision, hash.finish());
        ([(header::CONTENT_TYPE, "application/json".to_owned()), (header::ETAG, tag)], body).into_response()
    }
}

/// The revisions over which a change may be written; none where any will do.
#[derive(Debug)]
pub(crate) struct IfMatch(Option<Vec<u64>>);

impl FromRequestParts<AppState> for IfMatch {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _state: &AppState) -> Result<Self, Failure> {
        let tags = tags(&parts.headers, &header::IF_MATCH)?;
        Ok(Self(match tags {
            None | Some(Tags::Any) => None,
            Some(Tags::These(tags)) => Some(tags.iter().filter_map(|tag| revision_in(tag)).collect()),
        }))
    }
}

impl IfMatch {
    /// What changes one thing of an organisation over these revisions alone.
    pub(crate) fn waker(&self, state: &AppState, org: &OrgId, subject: Subject<'_>) -> Waker {
        let waker = state.waker().clone();
        match &self.0 {
            None => waker,
            Some(revisions) => Waker { store: waker.store.expecting(org, subject, revisions.clone()), ..waker },
        }
    }
}

/// The tags that a condition names.
#[derive(Debug, PartialEq, Eq)]
enum Tags {
    Any,
    /// As they were told, weak ones with their `W/`.
    These(Vec<String>),
}

/// Refuses conditions that cannot be read, or cannot be held here.
pub(crate) fn check(parts: &Parts) -> Result<(), Failure> {
    let path = parts.extensions.get::<MatchedPath>().map(MatchedPath::as_str).unwrap_or_default();
    let is_guarded = |(method, guarded, _): &(&str, &str, &str)| {
        parts.method == *method && path.strip_prefix("/v1") == Some(*guarded)
    };
    if tags(&parts.headers, &header::IF_MATCH)?.is_some() && !GUARDED.iter().any(is_guarded) {
        return Err(Failure::invalid("If-Match", "what this address changes has no ETag"));
    }
    if tags(&parts.headers, &header::IF_NONE_MATCH)?.is_some() && parts.method != Method::GET {
        return Err(Failure::invalid("If-None-Match", "only a GET takes it"));
    }
    Ok(())
}

/// Answers 304 where nothing has changed since it was read.
pub(crate) async fn not_modified(request: Request, next: Next) -> Response {
    let asked = request.headers().get_all(header::IF_NONE_MATCH);
    let asked = asked.iter().map(|line| (header::IF_NONE_MATCH, line.clone())).collect();
    unless_known(&asked, next.run(request).await)
}

/// The answer, or 304 to whoever has it already.
pub(crate) fn unless_known(asked: &HeaderMap, answer: Response) -> Response {
    let known = tags(asked, &header::IF_NONE_MATCH).ok().flatten();
    let tag = answer.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok());
    // RFC 9110, 8.8.3.2: whether one of them is weak makes no difference here.
    let strong = |tag: &str| tag.trim_start_matches("W/").to_owned();
    let is_known = match (known, tag) {
        (None, _) | (_, None) => false,
        (Some(Tags::Any), Some(_)) => true,
        (Some(Tags::These(known)), Some(tag)) => known.iter().any(|known| strong(known) == strong(tag)),
    };
    if !is_known {
        return answer;
    }
    // What a cache has to know stays: how long the answer is good, and for whom.
    let stays = [header::ETAG, header::CACHE_CONTROL, header::VARY, header::CONTENT_SECURITY_POLICY];
    let stays = stays.into_iter().filter_map(|name| Some((name.clone(), answer.headers().get(&name)?.clone())));
    (StatusCode::NOT_MODIFIED, stays.collect::<HeaderMap>()).into_response()
}

fn tags(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Tags>, Failure> {
    let shown = if *name == header::IF_MATCH { "If-Match" } else { "If-None-Match" };
    let wrong = || Failure::invalid(shown, "ETags in quotes with commas between them are needed, or one *");
    let lines: Result<Vec<&str>, Failure> =
        headers.get_all(name).iter().map(|line| line.to_str().map_err(|_unreadable| wrong())).collect();
    match lines?.as_slice() {
        [] => Ok(None),
        ["*"] => Ok(Some(Tags::Any)),
        lines => list(&lines.join(",")).map(Tags::These).map(Some).ok_or_else(wrong),
    }
}

/// The tags of a list (RFC 9110, 8.8.3).
fn list(text: &str) -> Option<Vec<String>> {
    let (mut rest, mut tags) = (text.trim(), Vec::new());
    loop {
        let weak = if rest.starts_with("W/") { "W/" } else { "" };
        let (tag, after) = rest.trim_start_matches("W/").strip_prefix('"')?.split_once('"')?;
        if !tag.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        tags.push(format!("{weak}\"{tag}\""));
        rest = after.trim_start();
        if rest.is_empty() {
            return Some(tags);
        }
        rest = rest.strip_prefix(',')?.trim_start();
    }
}

/// The revision in a tag that we gave; a weak one, or another's, has none.
fn revision_in(tag: &str) -> Option<u64> {
    let (revision, hash) = tag.strip_prefix('"')?.strip_suffix('"')?.split_once('.')?;
    let is_hash = hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    revision.parse().ok().filter(|_| is_hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    use axum::http::HeaderValue;

    fn read(lines: &[&str]) -> Option<Option<Tags>> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::IF_MATCH, HeaderValue::from_str(line).unwrap());
        }
        tags(&headers, &header::IF_MATCH).ok()
    }

    #[test]
    fn tags_are_read_one_by_one_and_nothing_else_is() {
        let these = |tags: &[&str]| Some(Some(Tags::These(tags.iter().map(|tag| (*tag).to_owned()).collect())));
        assert_eq!(read(&[]), Some(None));
        assert_eq!(read(&["*"]), Some(Some(Tags::Any)));
        assert_eq!(read(&["\"a\""]), these(&["\"a\""]));
        assert_eq!(read(&["\"a,b\" , W/\"c\"", "\"\""]), these(&["\"a,b\"", "W/\"c\"", "\"\""]));
        for wrong in [&[""] as &[&str], &["a"], &["\"a"], &["\"a\" \"b\""], &["\"a\","], &["*", "\"a\""], &["\"a b\""]]
        {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn only_a_tag_of_ours_has_a_revision() {
        assert_eq!(revision_in("\"12.00112233aabbccdd\""), Some(12));
        for other in
            ["\"12\"", "\"12.\"", "W/\"12.00112233aabbccdd\"", "\"x.00112233aabbccdd\"", "\"12.zz112233aabbccdd\""]
        {
            assert_eq!(revision_in(other), None, "{other}");
        }
    }
}
