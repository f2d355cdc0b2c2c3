use serde_json::{Value, json};

use crate::field::Field as _;
use crate::intuit::amounts;
use crate::intuit::company::{Company, touch};
use crate::intuit::data::payment;
use crate::intuit::entity::{Change, Entity, Operation};
use crate::intuit::ledger::{Moment, give_back, unlink};

/// The fields that a void sets to nothing.
const AMOUNTS: &[&str] = &["TotalAmt", "Balance", "HomeTotalAmt", "HomeBalance", "RemainingCredit", "UnappliedAmt"];

/// Voids a transaction: the row stays with no amounts and says so in its private note.
pub(crate) fn void(company: &mut Company, entity: Entity, id: &str, at: Moment) -> Option<Vec<Change>> {
    let mut changes = vec![Change::new(entity, Operation::Void, id)];
    changes.extend(released(company, entity, id, at)?);
    let row = company.row_mut(entity, id)?;
    voided(row);
    touch(row, at.now_ms);
    Some(changes)
}

/// Turns a transaction into a void one.
pub(crate) fn voided(row: &mut Value) {
    for field in AMOUNTS {
        if row.get(*field).is_some() {
            row.put(field, amounts::number(0));
        }
    }
    for line in row.get_mut("Line").and_then(Value::as_array_mut).into_iter().flatten() {
        line.put("Amount", amounts::number(0));
        if let Some(detail) = line.get_mut("SalesItemLineDetail") {
            detail.put("Qty", amounts::number(0));
        }
    }
    row.put("LinkedTxn", json!([]));
    row.put("PrivateNote", json!("Voided"));
}

/// Deletes a transaction: it is gone from all reads.
pub(crate) fn delete(company: &mut Company, entity: Entity, id: &str, at: Moment) -> Option<Vec<Change>> {
    let mut changes = vec![Change::new(entity, Operation::Delete, id)];
    changes.extend(released(company, entity, id, at)?);
    company.remove(entity, id, at.now_ms)?;
    Some(changes)
}

/// Merges one customer into another: the transactions move, the first one is gone.
pub(crate) fn merge(company: &mut Company, from: &str, into: &str, at: Moment) -> Option<Vec<Change>> {
    let name = company.row(Entity::Customer, into)?.at("DisplayName").clone();
    company.remove(Entity::Customer, from, at.now_ms)?;
    company.mobiles.remove(from);
    for entity in [Entity::Invoice, Entity::CreditMemo, Entity::Payment] {
        let moved = |row: &&mut Value| row.at("CustomerRef").at("value") == from;
        for row in company.rows_mut(entity).iter_mut().filter(moved) {
            row.put("CustomerRef", json!({ "value": into, "name": name }));
            touch(row, at.now_ms);
        }
    }
    touch(company.row_mut(Entity::Customer, into)?, at.now_ms);
    let mut change = Change::new(Entity::Customer, Operation::Merge, into);
    change.deleted_id = Some(from.to_owned());
    Some(vec![change])
}

/// Takes the links away that a transaction has to others.
fn released(company: &mut Company, entity: Entity, id: &str, at: Moment) -> Option<Vec<Change>> {
    let row = company.row(entity, id)?.clone();
    let mut changes = Vec::new();
    if entity == Entity::Payment {
        for (invoice_id, amount) in payment::linked(&row, "Invoice") {
            changes.extend(unlink(company, &invoice_id, id, amount, at));
        }
    }
    if entity == Entity::Invoice {
        for link in row.list("LinkedTxn") {
            let payment_id = link.at("TxnId").as_str().unwrap_or_default();
            changes.extend(give_back(company, payment_id, id, at).map(|(_, change)| change));
        }
    }
    Some(changes)
}
