//! What a part of a list of the API costs `web`: its process in release form on the local stack, warm, with all that the
//! ledger has.

use numo_e2e::product::Product;
use serde_json::Value;

use crate::{Failure, row::Row, usage::Function};

/// A part of the customers.
pub(crate) const PART: &str = "/v1/customers?limit=50";

/// Parts that are read before counting starts, and those that count: below the calls that an organisation may make in a
/// minute.
const WARM_UP: u64 = 50;
const TIMES: u64 = 100;

pub(crate) async fn measure(product: &Product, web: &Function<'_>) -> Result<Row, Failure> {
    read(product, WARM_UP).await?;
    let before = web.usage()?.cpu_us;
    read(product, TIMES).await?;
    let used = web.usage()?.cpu_us - before;
    Ok(Row::new("api_read_cpu_us.customers", used / TIMES, "us", 5_000))
}

async fn read(product: &Product, times: u64) -> Result<(), Failure> {
    for _ in 0..times {
        let part: Value = product.get(PART).await?.json()?;
        let customers = part["customers"].as_array().map_or(0, Vec::len);
        if customers != 50 {
            return Err(format!("a part of 50 customers has {customers}").into());
        }
    }
    Ok(())
}
