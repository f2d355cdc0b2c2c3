//! The accounting system: connected, read, and silent itself.

use numo_app::error::AppError;
use numo_domain::connection::{Connection, ConnectionStatus};

use crate::{
    console::{
        checklist::Step,
        viewer::Viewer,
        words::{ledger_name, status_problem},
    },
    state::AppState,
};

/// Connected, and read once from its beginning to its end.
pub(super) async fn connected(state: &AppState, viewer: &Viewer, known: &[Connection]) -> Result<Step, AppError> {
    let title = "Connect your accounting system";
    let in_use: Vec<_> = known.iter().filter(|one| one.status != ConnectionStatus::Disconnected).collect();
    let Some(first) = in_use.iter().find(|one| one.status == ConnectionStatus::Active).or(in_use.first()) else {
        let text = "Numo reads customers and open invoices from Xero or QuickBooks.";
        return Ok(Step::needed(title, text).at("/connections", "Connect"));
    };
    if let Some(problem) = status_problem(first.status) {
        return Ok(Step::needed(title, problem).at("/connections", "Connect again"));
    }
    if in_use.iter().any(|one| one.last_synced_at.is_some()) {
        return Ok(Step::done(title, format!("{} is connected and read.", ledger_name(first.provider))));
    }
    let run = state.store().sync_runs(&viewer.session.org, first.id, 1).await?.into_iter().next();
    let so_far = run.map_or_else(String::new, |run| {
        format!(" {} customers and {} invoices so far.", run.contacts_read, run.invoices_read)
    });
    let text = format!("Connected; it is being read for the first time.{so_far}");
    Ok(Step::needed(title, text).at("/connections", "See how far it is"))
}

/// Customers hear from one of the two.
pub(super) fn own_reminders(known: &[Connection]) -> Option<Step> {
    let title = "Switch off your accounting system’s own reminders";
    let in_use = || known.iter().filter(|one| one.status == ConnectionStatus::Active);
    let with = |own: Option<bool>| in_use().find(|one| one.own_reminders == own);
    let (loud, silent) = (with(Some(true)), with(None));
    Some(match (loud, silent) {
        (Some(loud), _) => {
            let text = format!(
                "{} sends reminders of its own as well, so that customers may get both.",
                ledger_name(loud.provider)
            );
            Step::advised(title, text).at(format!("/connections/{}", loud.id), "Where to switch them off")
        }
        (None, Some(silent)) => {
            let text =
                format!("{} does not tell Numo whether it sends some. Look there once.", ledger_name(silent.provider));
            Step::advised(title, text).at(format!("/connections/{}", silent.id), "Where to look")
        }
        (None, None) => {
            in_use().next()?;
            Step::done(title, "They are off.")
        }
    })
}
