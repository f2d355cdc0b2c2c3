use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use serde_json::{Value, json};

use crate::field::Field as _;
use crate::xero::accounting::Resource;
use crate::xero::collection::Collection;
use crate::xero::listing::Listing;
use crate::xero::money::Units;
use crate::xero::state::Tenant;
use crate::xero::{dates, money};

const SEARCHED: &[&str] = &["Name", "FirstName", "LastName", "ContactNumber", "EmailAddress"];
const HEAVY: &[&str] = &["Balances", "ContactPersons", "ContactGroups", "Attachments"];

/// Contacts; archived ones are listed only with `includeArchived=true`.
pub(crate) const CONTACTS: Resource =
    Resource { collection: Collection::Contacts, scope: "accounting.contacts", asks_for, listed, whole };

fn asks_for(listing: &Listing, row: &Value) -> bool {
    (listing.flag("includeArchived") || row.at("ContactStatus") != "ARCHIVED")
        && listing.lists("IDs", row.at("ContactID"))
        && listing.finds(row, SEARCHED)
}

/// Groups and where a merged contact went are told only when paging or by id.
fn listed(tenant: &Tenant, today: Date, listing: &Listing, rows: &mut [Value]) {
    if listing.summary_only {
        for fields in rows.iter_mut().filter_map(Value::as_object_mut) {
            HEAVY.iter().for_each(|name| drop(fields.remove(*name)));
        }
    } else {
        add_balances(tenant, today, rows);
    }
    if listing.is_paged() {
        return;
    }
    for fields in rows.iter_mut().filter_map(Value::as_object_mut) {
        fields.remove("MergedToContactID");
        fields.entry("ContactGroups").and_modify(|groups| *groups = json!([]));
    }
}

pub(crate) fn whole(tenant: &Tenant, today: Date, row: &mut Value) {
    add_balances(tenant, today, std::slice::from_mut(row));
}

/// Raw sums over all currencies, as Xero gives them.
#[derive(Debug, Clone, Copy, Default)]
struct Balance {
    outstanding: Units,
    overdue: Units,
}

impl Balance {
    fn add(&mut self, due: Units, is_overdue: bool) {
        self.outstanding += due;
        self.overdue += if is_overdue { due } else { 0 };
    }

    fn shown(self) -> Value {
        json!({ "Outstanding": money::number(self.outstanding), "Overdue": money::number(self.overdue) })
    }
}

/// Balances come from the documents, so they change without an update of the contact.
fn add_balances(tenant: &Tenant, today: Date, rows: &mut [Value]) {
    let wanted: HashSet<String> =
        rows.iter().filter_map(|row| Some(row.at("ContactID").as_str()?.to_owned())).collect();
    let mut balances: HashMap<&str, [Balance; 2]> = HashMap::new();
    for document in tenant.invoices.iter().filter(|row| row.at("Status") == "AUTHORISED") {
        let contact = document.at("Contact").at("ContactID").as_str().filter(|id| wanted.contains(*id));
        let (Some(contact), Some(due)) = (contact, money::units(document.at("AmountDue"))) else { continue };
        let is_overdue = dates::parse(document.at("DueDate")).is_some_and(|due_ms| due_ms < dates::start_ms(today));
        let [receivable, payable] = balances.entry(contact).or_default();
        let side = if document.at("Type") == "ACCREC" { receivable } else { payable };
        side.add(due, is_overdue);
    }
    for row in rows {
        let found = row.at("ContactID").as_str().and_then(|id| balances.get(id));
        let (Some([receivable, payable]), None) = (found, row.get("Balances")) else { continue };
        row.put("Balances", json!({ "AccountsReceivable": receivable.shown(), "AccountsPayable": payable.shown() }));
    }
}
