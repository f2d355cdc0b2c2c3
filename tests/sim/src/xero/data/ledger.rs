use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::error::SimError;
use crate::field::Field as _;
use crate::xero::data::contact::{Contact, Side};
use crate::xero::data::document::{Document, Kind};
use crate::xero::data::organisation::{self, Demo, Facts};
use crate::xero::data::phones;
use crate::xero::state::{Books, Tenant};
use crate::xero::{dates, money};

/// A real ledger, anonymised, from CSV files; its phone numbers are made up.
pub(crate) fn tenant(folder: &Path, now_ms: i64) -> Result<Tenant, SimError> {
    let organisations: Vec<OrganisationLine> = read(&folder.join("xero_organization_data.csv"))?;
    let people: Vec<ContactLine> = read(&folder.join("xero_contact_data.csv"))?;
    let lines: Vec<InvoiceLine> = read(&folder.join("xero_invoice_data.csv"))?;
    let id = organisations.into_iter().next().map(|line| line.organisation_id).unwrap_or_default();
    let facts = Facts {
        id,
        name: String::from("Anonymised Ledger"),
        country: "CA",
        currency: "CAD",
        zone: "EASTERNSTANDARDTIME",
        demo_company: Demo::No,
    };
    let names: HashMap<&str, &str> = people.iter().map(|line| (line.contact_id.as_str(), line.name.as_str())).collect();
    let mut mobiles = BTreeMap::new();
    let contacts = people
        .iter()
        .enumerate()
        .map(|(index, line)| {
            let number = phones::canadian(index);
            mobiles.insert(line.contact_id.clone(), number.e164());
            contact(line, index, &number, now_ms)
        })
        .collect();
    let invoices = lines.iter().map(|line| line.row(&names)).collect();
    Ok(Tenant::new("ledger", Books { organisation: organisation::row(&facts), contacts, invoices, mobiles }))
}

#[derive(Debug, Deserialize)]
struct OrganisationLine {
    organisation_id: String,
}

#[derive(Debug, Deserialize)]
struct ContactLine {
    contact_id: String,
    name: String,
}

#[derive(Debug, Deserialize)]
struct InvoiceLine {
    invoice_id: String,
    contact_id: String,
    date: Date,
    updated_date_utc: String,
    due_date: Option<Date>,
    fully_paid_on_date: Option<Date>,
    amount_credited: String,
    amount_due: String,
    amount_paid: String,
    sub_total: String,
    total: String,
    currency_code: String,
    invoice_number: String,
    reference: String,
    status: String,
    #[serde(rename = "type")]
    kind: String,
}

impl InvoiceLine {
    fn row(&self, names: &HashMap<&str, &str>) -> Value {
        let amount = |text: &str| money::parse(text).unwrap_or_default();
        let known = ["AUTHORISED", "PAID", "VOIDED", "DELETED", "DRAFT", "SUBMITTED"];
        let status = known.into_iter().find(|status| *status == self.status).unwrap_or("DRAFT");
        let mut row = Document {
            id: self.invoice_id.clone(),
            number: self.invoice_number.clone(),
            kind: if self.kind == "ACCREC" { Kind::Sale } else { Kind::Bill },
            status,
            contact_id: json!(self.contact_id),
            contact_name: json!(names.get(self.contact_id.as_str())),
            date: self.date,
            due: self.due_date,
            currency: self.currency_code.clone(),
            sub_total: amount(&self.sub_total),
            total: amount(&self.total),
            paid: amount(&self.amount_paid),
            credited: amount(&self.amount_credited),
            paid_on: self.fully_paid_on_date,
            updated_ms: instant(&self.updated_date_utc),
            reference: self.reference.clone(),
        }
        .row();
        row.put("AmountDue", money::number(amount(&self.amount_due)));
        row
    }
}

fn contact(line: &ContactLine, index: usize, number: &phones::Number, now_ms: i64) -> Value {
    Contact {
        id: line.contact_id.clone(),
        index,
        name: line.name.clone(),
        status: "ACTIVE",
        phones: phones::written(number, 0),
        side: Side::Customer,
        updated_ms: now_ms - 86_400_000,
    }
    .row()
}

/// `2020-04-26 14:45:34.083 UTC`, as the warehouse writes instants.
fn instant(text: &str) -> i64 {
    let iso = text.replace(" UTC", "Z").replacen(' ', "T", 1);
    iso.parse::<Timestamp>()
        .map_or_else(|_invalid| dates::start_ms(Date::constant(2020, 1, 1)), |at| at.as_millisecond())
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, SimError> {
    let failed = |source| SimError::Ledger { path: path.to_owned(), source };
    let mut reader = csv::Reader::from_path(path).map_err(failed)?;
    reader.deserialize().collect::<Result<_, _>>().map_err(failed)
}
