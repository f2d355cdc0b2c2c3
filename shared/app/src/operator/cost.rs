//! What the messages of organisations cost in a month.

use jiff::{Timestamp, civil::Date};
use numo_domain::{
    account_bill::{AccountBill, ToldBill},
    cost::Cost,
    delivery_report::pricing::PriceCategory,
    id::OrgId,
};

use crate::{
    error::AppError,
    month_cost::{MonthCost, month_cost},
    store::Store,
};

/// An organisation and its month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganisationCost {
    /// Which.
    pub org: OrgId,
    /// What its own people see.
    pub cost: MonthCost,
}

impl OrganisationCost {
    /// Messages and answers that Meta told it bills in a category.
    pub fn billed(&self, category: PriceCategory) -> u64 {
        let of = |tally: &numo_domain::cost::Tally| tally.billed.get(&category).copied().unwrap_or_default();
        of(&self.cost.told) + self.cost.answers.values().map(|answers| of(&answers.told)).sum::<u64>()
    }

    /// Those that it told are free.
    pub fn free(&self) -> u64 {
        self.cost.told.free + self.cost.answers.values().map(|answers| answers.told.free).sum::<u64>()
    }

    /// Those of which it has told nothing yet.
    pub fn untold(&self) -> u64 {
        self.cost.told.untold + self.cost.answers.values().map(|answers| answers.told.untold).sum::<u64>()
    }

    /// What Meta billed the accounts, in the currency of each.
    pub fn bills(&self) -> Vec<Cost> {
        let known = |bill: &AccountBill| matches!(bill.told, ToldBill::Known(_));
        let known = self.cost.bills.iter().filter(|bill| known(bill));
        known.filter_map(|bill| bill.cost_of(self.cost.month)).collect()
    }
}

/// The month of a day, or the present one by each organisation's date, of every organisation or of one.
pub async fn costs(
    store: &Store,
    (only, day): (Option<&OrgId>, Option<Date>),
    now: Timestamp,
) -> Result<Vec<OrganisationCost>, AppError> {
    let all = match only {
        Some(org) => [org.clone()].into(),
        None => store.every_organisation().await?,
    };
    let mut costs = Vec::new();
    for org in all {
        let Some(organisation) = store.known_organisation(&org).await? else { continue };
        let day = day.unwrap_or_else(|| organisation.zone.date(now));
        costs.push(OrganisationCost { org, cost: month_cost(store, &organisation, day).await? });
    }
    match only {
        Some(_) if costs.is_empty() => Err(AppError::NotFound("organisation")),
        Some(_) | None => Ok(costs),
    }
}
