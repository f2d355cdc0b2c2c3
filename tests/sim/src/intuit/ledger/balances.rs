use std::collections::HashMap;

use serde_json::Value;

use crate::field::Field as _;
use crate::intuit::amounts;
use crate::intuit::company::Company;
use crate::intuit::entity::Entity;
use crate::xero::money::Units;

/// Writes every customer's balance: open invoices less the money and credit that are applied to none.
pub(crate) fn write(company: &mut Company) {
    let mut own: HashMap<String, Units> = HashMap::new();
    let terms = [
        (Entity::Invoice, "Balance", 1),
        (Entity::CreditMemo, "RemainingCredit", -1),
        (Entity::Payment, "UnappliedAmt", -1),
    ];
    for (entity, field, sign) in terms {
        for row in company.rows(entity) {
            let Some(customer) = row.at("CustomerRef").at("value").as_str() else { continue };
            *own.entry(customer.to_owned()).or_default() += sign * amounts::of(row.at(field));
        }
    }
    let mut with_jobs = own.clone();
    for row in company.rows(Entity::Customer) {
        let (Some(id), Some(parent)) = (row.at("Id").as_str(), row.at("ParentRef").at("value").as_str()) else {
            continue;
        };
        *with_jobs.entry(parent.to_owned()).or_default() += own.get(id).copied().unwrap_or_default();
    }
    for row in company.rows_mut(Entity::Customer) {
        let id = row.at("Id").as_str().unwrap_or_default().to_owned();
        let of =
            |sums: &HashMap<String, Units>| -> Value { amounts::number(sums.get(&id).copied().unwrap_or_default()) };
        row.put("Balance", of(&own));
        row.put("BalanceWithJobs", of(&with_jobs));
    }
}
