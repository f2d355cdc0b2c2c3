//! A table that was restored from a backup.

use clap::Args;
use jiff::Timestamp;
use numo_app::{
    error::AppError,
    operator::OperatorPorts,
    restored_table::{self, TakenOver},
};

use crate::command::Signed;

#[derive(Debug, Args)]
pub(crate) struct TakeOver {
    /// The moment that the table was restored to
    #[arg(long, value_name = "YYYY-MM-DDThh:mm:ssZ")]
    restored_to: Timestamp,
    #[command(flatten)]
    signed: Signed,
}

pub(crate) async fn take_over(ports: &OperatorPorts, asked: &TakeOver, now: Timestamp) -> Result<String, AppError> {
    let TakenOver { replayed, erased, organisations, lost } =
        restored_table::take_over(ports, asked.signed.both(), asked.restored_to, now).await?;
    let from = lost.from;
    Ok(format!(
        "{replayed} changes of consents were said again, {erased} customers and {organisations} organisations are erased again; nothing due between {from} and today goes out."
    ))
}
