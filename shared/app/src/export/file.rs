//! The files of an archive, and how their lines are written.

use serde_json::Value;

use crate::{
    csv_cell,
    error::AppError,
    export::{
        fields::Fields,
        kinds::{self, Kind},
        rows::{Reader, Row},
    },
    store::export::ExportPlace,
};

/// A part of a file: the items of which the keys begin with one text.
pub(super) struct Section {
    pub(super) kind: &'static Kind,
    pub(super) prefix: String,
    form: Form,
    fields: Fields,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    JsonLines,
    Csv,
}

/// The parts of all files, in the order of the archive; a file of which nothing is wanted is not there.
pub(super) fn sections(reader: &Reader<'_>) -> Vec<Section> {
    let mut sections = Vec::new();
    for kind in kinds::all() {
        for form in [Form::JsonLines, Form::Csv] {
            let parts = reader.prefixes(kind).into_iter();
            sections.extend(parts.map(|prefix| Section { kind, prefix, form, fields: Fields::of(kind.fields) }));
        }
    }
    sections
}

impl Section {
    /// What its file is called.
    pub(super) fn file(&self) -> String {
        let ending = match self.form {
            Form::JsonLines => "jsonl",
            Form::Csv => "csv",
        };
        format!("{}.{ending}", self.kind.file)
    }

    /// How many items its lines count for: each is in both forms and counts once.
    pub(super) const fn counts(&self, rows: usize) -> usize {
        match self.form {
            Form::JsonLines => rows,
            Form::Csv => 0,
        }
    }

    /// With what its file begins.
    pub(super) fn head(&self) -> String {
        match self.form {
            Form::JsonLines => String::new(),
            Form::Csv => csv_cell::line(&self.fields.heads()),
        }
    }

    /// Its lines, with the fields that leave.
    pub(super) fn lines(&self, rows: &[Row]) -> String {
        let mut lines = String::new();
        for row in rows {
            let picked = self.fields.pick(row);
            match self.form {
                Form::JsonLines => {
                    lines.push_str(&Value::Object(picked).to_string());
                    lines.push('\n');
                }
                Form::Csv => lines.push_str(&csv_cell::line(&self.fields.cells(Some(&picked)))),
            }
        }
        lines
    }
}

/// The part of a file with which an archive begins, and the sort key after which it does.
pub(super) fn begins_at(
    sections: &[Section],
    place: Option<&ExportPlace>,
) -> Result<(usize, Option<String>), AppError> {
    let Some(place) = place else { return Ok((0, None)) };
    let is_it = |section: &Section| section.file() == place.file && section.prefix == place.prefix;
    let found = sections.iter().position(is_it);
    // The files are others than when it was begun: it is given up in time, and asked for again.
    let found = found.ok_or_else(|| AppError::Internal(format!("there is no file {} any more", place.file)))?;
    Ok((found, place.after.clone()))
}

/// What an archive says about itself.
pub(super) fn readme(reader: &Reader<'_>, whose: &str, asked_at: &str, number: usize) -> String {
    let mut text = format!(
        "Numo: {whose}\n\nAsked for at {asked_at}, archive {number}.\n\n\
         Each kind is there twice: as JSON lines (.jsonl, one object a line) and as a table (.csv, RFC 4180, UTF-8).\n\
         Both have the same fields; in a table `a.b` is field b of a, and a list is JSON within its cell.\n\
         Times are ISO 8601 in UTC; days are dates of the organisation, whose time zone is in `organisation`.\n\
         Amounts are decimal text with the currency (ISO 4217) beside it; what a message costs has six decimals.\n\
         A cell that a spreadsheet would calculate begins with an apostrophe.\n\
         Ids of customers, invoices and payments are those of the accounting system; `attempt` joins reminders and attempts.\n\
         Tokens, keys and hashes are ours alone and in no file.\n\
         A large export has several archives: a file that is in two of them goes on in the second.\n\n"
    );
    for kind in kinds::all().filter(|kind| !reader.prefixes(kind).is_empty()) {
        let fields = Fields::of(kind.fields).heads().join(", ");
        text.push_str(&format!("{}: {}.\n    {fields}\n\n", kind.file, kind.about));
    }
    text
}
