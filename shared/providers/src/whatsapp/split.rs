//! Splits a webhook body by account and by size; no update is lost, and none is rewritten.

use std::collections::BTreeMap;

use numo_domain::id::WabaId;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use crate::whatsapp::{
    changes::{Change, Changes, CutValue},
    delivery::Malformed,
    parse::id,
};

/// Largest message: a queue takes 256 KB, of which the envelope and its escapes need some.
pub(crate) const MAX_BYTES: usize = 200 * 1024;

/// Brackets around a list.
const BRACKETS: usize = 2;

/// The lists of a change's value that can be cut.
const CUTTABLE: [&str; 6] = ["statuses", "messages", "contacts", "errors", "message_echoes", "user_preferences"];

/// What a webhook is about that is for us.
const OBJECT: &str = "whatsapp_business_account";

#[derive(Deserialize)]
struct Body<'a> {
    /// Some of Meta's own samples have none; another one's is never for us.
    #[serde(default = "our_object")]
    object: String,
    #[serde(borrow)]
    entry: Vec<Entry<'a>>,
}

#[derive(Deserialize)]
struct Entry<'a> {
    id: Value,
    #[serde(borrow)]
    changes: Vec<&'a RawValue>,
}

fn our_object() -> String {
    OBJECT.to_owned()
}

pub(crate) fn split(raw_body: &[u8]) -> Result<Vec<(WabaId, Changes<'_>)>, Malformed> {
    let body: Body<'_> = serde_json::from_slice(raw_body).or(Err(Malformed))?;
    if body.object != OBJECT {
        return Err(Malformed);
    }
    let mut accounts: BTreeMap<WabaId, Vec<&RawValue>> = BTreeMap::new();
    for entry in body.entry {
        let waba: WabaId = id(&entry.id).and_then(|id| id.parse().ok()).ok_or(Malformed)?;
        accounts.entry(waba).or_default().extend(entry.changes);
    }
    let messages = accounts.into_iter().flat_map(|(waba, changes)| {
        let pieces = changes.into_iter().flat_map(pieces);
        packed(pieces).into_iter().map(move |message| (waba.clone(), message))
    });
    Ok(messages.collect())
}

/// A change that fits into a message, and the bytes that it takes there.
struct Piece<'a> {
    change: Change<'a>,
    n_bytes: usize,
}

impl<'a> Piece<'a> {
    fn new(change: Change<'a>) -> Self {
        // What could not be written fits nowhere.
        let n_bytes = serde_json::to_string(&change).map_or(MAX_BYTES, |text| text.len());
        Self { change, n_bytes }
    }

    const fn fits(&self) -> bool {
        self.n_bytes <= MAX_BYTES - BRACKETS
    }
}

/// What a change is cut by.
#[derive(Default, Deserialize)]
struct Parts<'a> {
    #[serde(borrow)]
    field: Option<&'a RawValue>,
    #[serde(borrow)]
    value: Option<&'a RawValue>,
}

/// A change as pieces that fit into a message, in its own order.
fn pieces(change: &RawValue) -> Vec<Piece<'_>> {
    let whole = Piece { change: Change::Whole(change), n_bytes: change.get().len() };
    if whole.fits() {
        return vec![whole];
    }
    let Parts { field, value } = of(change).unwrap_or_default();
    let too_large = || Piece::new(Change::TooLarge { field, too_large_bytes: whole.n_bytes });
    let Some(mut frame) = value.and_then(of::<BTreeMap<String, &RawValue>>) else { return vec![too_large()] };
    let lists = CUTTABLE.map(|name| (name, frame.remove(name)));
    let cut = |name, rows: &[_]| {
        let list = BTreeMap::from([(name, rows.to_vec())]);
        Piece::new(Change::Cut { field, value: CutValue { frame: frame.clone(), list } })
    };
    let room = MAX_BYTES.saturating_sub(cut("statuses", &[]).n_bytes + BRACKETS);
    let mut pieces = Vec::new();
    for (name, list) in lists {
        let rows: Vec<&RawValue> = list.and_then(of).unwrap_or_default();
        for rows in runs(&rows, room) {
            let piece = cut(name, rows);
            pieces.push(if piece.fits() { piece } else { too_large() });
        }
    }
    // Not its lists make it large, so there is nothing to cut.
    if pieces.is_empty() { vec![too_large()] } else { pieces }
}

/// Reads what a text holds, if it holds that.
fn of<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Option<T> {
    serde_json::from_str(raw.get()).ok()
}

/// Runs of rows that take no more than some bytes; a row that does alone is a run of its own.
fn runs<'a, 'b>(rows: &'b [&'a RawValue], room: usize) -> Vec<&'b [&'a RawValue]> {
    let mut runs = Vec::new();
    let (mut start, mut size) = (0, 0);
    for (at, row) in rows.iter().enumerate() {
        let length = row.get().len() + 1;
        if at > start && size + length > room {
            runs.extend(rows.get(start..at));
            (start, size) = (at, 0);
        }
        size += length;
    }
    runs.extend(rows.get(start..).filter(|rest| !rest.is_empty()));
    runs
}

/// Pieces joined to lists that fit into a message.
fn packed<'a>(pieces: impl Iterator<Item = Piece<'a>>) -> Vec<Changes<'a>> {
    let mut messages = Vec::new();
    let (mut open, mut size) = (Vec::new(), BRACKETS);
    for Piece { change, n_bytes } in pieces {
        // A comma before it.
        if !open.is_empty() && size + 1 + n_bytes > MAX_BYTES {
            messages.push(Changes(std::mem::take(&mut open)));
            size = BRACKETS;
        }
        size += n_bytes + usize::from(!open.is_empty());
        open.push(change);
    }
    if !open.is_empty() {
        messages.push(Changes(open));
    }
    messages
}

#[cfg(test)]
mod tests;
