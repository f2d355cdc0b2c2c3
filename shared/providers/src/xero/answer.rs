//! The body of a successful answer: its parts, its time, its id, and what is left of the limits.

use std::collections::BTreeMap;

use jiff::Timestamp;
use numo_app::port::ledger::{LedgerError, reader::Room};
use reqwest::header::HeaderMap;
use serde::Deserialize;
use serde_json::{error::Category, value::RawValue};

use crate::{
    http::{
        call::{Answer, Broken},
        retry_after,
    },
    xero::date,
};

/// A body as JSON of a shape.
///
/// What is no JSON, or not all of it, is an edge's page or was cut off: the next try may have it.
pub(crate) fn json<'a, T: Deserialize<'a>>(answer: &'a Answer) -> Result<T, LedgerError> {
    serde_json::from_slice(&answer.body).map_err(|error| match error.classify() {
        Category::Data => LedgerError::Malformed(String::from("the body has another shape")),
        Category::Io | Category::Syntax | Category::Eof => {
            LedgerError::Unavailable(Broken::Body("the answer is no whole JSON").boxed())
        }
    })
}

/// The parts of an answer by their names, still as text: rows are read one by one, never as one tree.
#[derive(Debug)]
pub(crate) struct Parts<'a>(BTreeMap<String, &'a RawValue>);

impl<'a> Parts<'a> {
    /// The parts of a successful answer.
    pub(crate) fn of(answer: &'a Answer) -> Result<Self, LedgerError> {
        json(answer).map(Self)
    }

    /// A part of a shape, if it is there and has it.
    pub(crate) fn get<T: Deserialize<'a>>(&self, name: &str) -> Option<T> {
        serde_json::from_str(self.0.get(name)?.get()).ok()
    }

    /// The rows of a list.
    pub(crate) fn rows(&self, name: &str) -> Result<Vec<&'a RawValue>, LedgerError> {
        self.get(name).ok_or_else(|| LedgerError::Malformed(format!("{name} is not a list")))
    }

    /// Xero's id of the call, for its support.
    pub(crate) fn request_id(&self) -> Option<String> {
        self.get("Id")
    }

    /// Xero's clock at the answer: a watermark taken from our own could skip a change.
    pub(crate) fn read_at(&self, answer: &Answer) -> Result<Timestamp, LedgerError> {
        let of_body = self.get::<String>("DateTimeUTC").as_deref().and_then(date::instant);
        let of_headers = || retry_after::date(&answer.headers);
        of_body.or_else(of_headers).ok_or_else(|| LedgerError::Malformed(String::from("DateTimeUTC: missing")))
    }
}

/// What is left of the limits (Xero: FAQ, limits).
pub(crate) fn room(headers: &HeaderMap) -> Room {
    let left = |name| headers.get(name)?.to_str().ok()?.trim().parse().ok();
    Room {
        minute: left("x-minlimit-remaining"),
        day: left("x-daylimit-remaining"),
        app_minute: left("x-appminlimit-remaining"),
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::{DATE, HeaderValue};

    use super::*;

    fn answer(body: &str) -> Answer {
        Answer { status: 200, headers: HeaderMap::new(), body: body.as_bytes().to_vec() }
    }

    #[test]
    fn only_whole_json_of_another_shape_is_malformed() {
        for body in ["[]", "\"text\"", "7", "null"] {
            assert!(matches!(Parts::of(&answer(body)), Err(LedgerError::Malformed(_))), "{body}");
        }
        for body in ["", "<html>", "<?xml version=\"1.0\"?>", "Bad gateway", "{\"Id\":\"x\",", "{\"Id\":\"x\"} tail"] {
            assert!(matches!(Parts::of(&answer(body)), Err(LedgerError::Unavailable(_))), "{body}");
        }
    }

    #[test]
    fn the_time_of_an_answer_comes_from_xero_or_the_answer_is_refused() {
        let read_at = |answer: &Answer| Parts::of(answer).unwrap().read_at(answer);
        let mut silent = answer("{}");
        assert_eq!(
            read_at(&silent).unwrap_err().to_string(),
            "the ledger's answer cannot be read: DateTimeUTC: missing"
        );
        silent.headers.insert(DATE, HeaderValue::from_static("Mon, 23 Nov 2026 06:00:00 GMT"));
        assert_eq!(read_at(&silent).unwrap(), "2026-11-23T06:00:00Z".parse().unwrap());
        assert_eq!(
            read_at(&answer(r#"{"DateTimeUTC":"\/Date(1000)\/"}"#)).unwrap(),
            Timestamp::from_second(1).unwrap()
        );
    }

    #[test]
    fn the_id_is_told_and_a_part_of_another_shape_is_none() {
        let told = |body| Parts::of(&answer(body)).unwrap().request_id();
        assert_eq!(told(r#"{"Id":"a-1","Rows":{}}"#).as_deref(), Some("a-1"));
        assert_eq!((told("{}"), told(r#"{"Id":7}"#)), (None, None));
        let body = answer(r#"{"Rows":{}}"#);
        assert!(matches!(Parts::of(&body).unwrap().rows("Rows"), Err(LedgerError::Malformed(_))));
    }

    #[test]
    fn what_is_left_of_the_limits_is_read_where_it_is_told() {
        let mut headers = HeaderMap::new();
        assert_eq!(room(&headers), Room::default());
        headers.insert("X-MinLimit-Remaining", HeaderValue::from_static("59"));
        headers.insert("X-DayLimit-Remaining", HeaderValue::from_static("4998"));
        headers.insert("X-AppMinLimit-Remaining", HeaderValue::from_static("many"));
        assert_eq!(room(&headers), Room { minute: Some(59), day: Some(4_998), app_minute: None });
    }
}
