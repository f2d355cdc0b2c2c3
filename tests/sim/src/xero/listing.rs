use std::collections::HashMap;

use axum::http::{HeaderMap, header};
use serde_json::{Value, json};

use crate::answer::Refusal;
use crate::field::Field as _;
use crate::xero::filter::Filter;
use crate::xero::{dates, errors, money};

/// What a list call asked for, common to all resources.
#[derive(Debug)]
pub(crate) struct Listing {
    page: Option<usize>,
    page_size: usize,
    filter: Option<Filter>,
    modified_since_ms: Option<i64>,
    order: Option<(String, bool)>,
    pub(crate) summary_only: bool,
    asked: HashMap<String, String>,
}

/// One page of rows, with the `pagination` object if a page was asked for.
#[derive(Default)]
pub(crate) struct Page {
    pub(crate) rows: Vec<Value>,
    pub(crate) pagination: Option<Value>,
}

const DEFAULT_PAGE_SIZE: usize = 100;
const LARGEST_PAGE_SIZE: usize = 1000;

impl Listing {
    pub(crate) fn parse(asked: HashMap<String, String>, headers: &HeaderMap) -> Result<Self, Refusal> {
        let number = |name: &str| -> Result<Option<usize>, Refusal> {
            let Some(text) = asked.get(name) else { return Ok(None) };
            let refused = |_invalid| errors::query(&format!("{name} is not a number"));
            text.parse().map(Some).map_err(refused)
        };
        let page_size = number("pageSize")?.unwrap_or(DEFAULT_PAGE_SIZE);
        if page_size == 0 || page_size > LARGEST_PAGE_SIZE {
            return Err(errors::query("pageSize must be between 1 and 1000"));
        }
        Ok(Self {
            page: number("page")?.map(|page| page.max(1)),
            page_size,
            filter: asked.get("where").map(|text| Filter::parse(text)).transpose()?,
            modified_since_ms: modified_since(headers)?,
            order: asked.get("order").map(|text| order(text)),
            summary_only: asked.get("summaryOnly").is_some_and(|text| text.eq_ignore_ascii_case("true")),
            asked,
        })
    }

    pub(crate) fn is_paged(&self) -> bool {
        self.page.is_some()
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.asked.get(name).is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }

    /// Whether a row passes `where` and `If-Modified-Since`.
    pub(crate) fn accepts(&self, row: &Value) -> bool {
        let updated_ms = dates::parse(row.at("UpdatedDateUTC")).unwrap_or_default();
        self.modified_since_ms.is_none_or(|since_ms| updated_ms >= since_ms)
            && self.filter.as_ref().is_none_or(|filter| filter.accepts(row))
    }

    /// Whether a value is in a comma list parameter, or the parameter is absent.
    pub(crate) fn lists(&self, name: &str, value: &Value) -> bool {
        let Some(list) = self.asked.get(name) else { return true };
        let Some(value) = value.as_str() else { return false };
        list.split(',').any(|item| item.trim().eq_ignore_ascii_case(value))
    }

    /// Whether a `searchTerm` occurs in one of the fields.
    pub(crate) fn finds(&self, row: &Value, fields: &[&str]) -> bool {
        let Some(term) = self.asked.get("searchTerm") else { return true };
        let term = term.to_lowercase();
        fields.iter().any(|field| row.at(field).as_str().is_some_and(|text| text.to_lowercase().contains(&term)))
    }

    /// Orders the rows and cuts the page out of them.
    pub(crate) fn page(&self, mut rows: Vec<&Value>) -> Page {
        if let Some((field, descending)) = &self.order {
            rows.sort_by_cached_key(|row| sort_key(row.at(field.as_str())));
            if *descending {
                rows.reverse();
            }
        }
        let Some(page) = self.page else {
            return Page { rows: rows.into_iter().cloned().collect(), pagination: None };
        };
        let total = rows.len();
        let pagination = json!({
            "page": page, "pageSize": self.page_size,
            "pageCount": total.div_ceil(self.page_size), "itemCount": total,
        });
        let rows = rows.into_iter().skip((page - 1) * self.page_size).take(self.page_size).cloned().collect();
        Page { rows, pagination: Some(pagination) }
    }
}

fn modified_since(headers: &HeaderMap) -> Result<Option<i64>, Refusal> {
    let Some(value) = headers.get(header::IF_MODIFIED_SINCE) else { return Ok(None) };
    let parsed = value.to_str().ok().and_then(dates::modified_since);
    parsed.map(Some).ok_or_else(|| errors::precondition("If-Modified-Since is not a UTC timestamp"))
}

fn order(text: &str) -> (String, bool) {
    let mut words = text.split_whitespace();
    let field = words.next().unwrap_or_default().to_owned();
    (field, words.next().is_some_and(|word| word.eq_ignore_ascii_case("DESC")))
}

/// Dates and amounts sort by size, everything else as text.
fn sort_key(value: &Value) -> (i64, String) {
    let size = dates::parse(value).or_else(|| money::units(value));
    (size.unwrap_or_default(), value.as_str().unwrap_or_default().to_owned())
}
