//! One planned unit that was cancelled.

use jiff::civil::Date;
use numo_domain::{id::OrgId, plan::decision::Unit};

use crate::{
    error::AppError,
    store::{Store, keys, plan::Cancelled},
};

impl Store {
    /// Why what was planned for a unit on a day was taken back, if it was.
    pub async fn cancelled(&self, org: &OrgId, date: Date, unit: &Unit) -> Result<Option<Cancelled>, AppError> {
        Ok(self.read(&keys::plan_edit(org, date, unit)).await?.map(|stored| stored.value))
    }
}
