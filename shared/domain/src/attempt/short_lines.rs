//! The lines of an attempt with their amounts as short texts.

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{attempt::short_money, id::ExternalId, money::Money, plan::decision::InvoiceLine};

/// A line as it is stored; the long form of its amount, of before, is read as well.
#[derive(Serialize, Deserialize)]
struct Line {
    invoice: ExternalId,
    number: String,
    #[serde(with = "short_money")]
    remaining: Money,
    due: Date,
}

pub(super) fn serialize<S: Serializer>(lines: &[InvoiceLine], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(lines.iter().cloned().map(|InvoiceLine { invoice, number, remaining, due }| Line {
        invoice,
        number,
        remaining,
        due,
    }))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<InvoiceLine>, D::Error> {
    let lines = Vec::<Line>::deserialize(deserializer)?.into_iter();
    Ok(lines.map(|Line { invoice, number, remaining, due }| InvoiceLine { invoice, number, remaining, due }).collect())
}
