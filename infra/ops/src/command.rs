//! The commands; each group says in its own file what it does and what it tells.

use clap::{Args, Parser, Subcommand};
use jiff::Timestamp;
use numo_app::{error::AppError, operator::OperatorPorts};
use numo_domain::id::{OperatorId, OrgId};

use crate::{
    connections::{self, Reauth, Sync},
    cost::{self, OfMonth},
    dead_letters::{self, DeadLetters},
    explain::{self, Explain},
    means::{Means, Need},
    organisation::{self, Erase},
    restored::{self, RestoreDrill, TakeOver},
    rotate::{self, Rotate},
    sending::{self, GoOn, Stop},
};

/// What an operator wants.
#[derive(Debug, Parser)]
#[command(name = "numo-ops", version, about = ABOUT)]
pub(crate) struct Command {
    #[command(subcommand)]
    action: Action,
}

const ABOUT: &str = "What Numo's operators do by hand; the table is NUMO_TABLE's, its journal NUMO_JOURNAL's, the account that of AWS_REGION and the AWS keys; queues and secret are those of the stage NUMO_STAGE";

#[derive(Debug, Subcommand)]
enum Action {
    /// Let nothing go out, within ten seconds
    Stop(Stop),
    /// Let what operators stopped go on; a pause of the organisation's own people stays
    GoOn(GoOn),
    /// Say whether everybody is stopped
    Show,
    /// Say why somebody was, is or is not reminded: ids, dates, states and reasons, and no personal data
    Explain(Explain),
    /// Have a ledger read with the next sweep
    Sync(Sync),
    /// What has to be connected again by its owner
    #[command(subcommand)]
    Reauth(Reauth),
    /// What the messages of organisations cost in a month
    Cost(OfMonth),
    /// What queues gave up
    #[command(subcommand)]
    DeadLetters(DeadLetters),
    /// Secrets of the stage
    #[command(subcommand)]
    Rotate(Rotate),
    /// Take a table into use that was restored from a backup; until then nothing goes out from it
    TakeOver(TakeOver),
    /// Rehearse that with a copy that was restored beside the table in use: what it would keep, and what it would send again
    RestoreDrill(RestoreDrill),
    /// Erase everything of an organisation: at once if Clerk was found not to know it, else after seven days in which its admins can withdraw it
    Erase(Erase),
    /// Find out whether the activity log of an organisation is what was sealed day by day
    VerifyActivity {
        /// The organisation, by its id
        #[arg(long, value_name = "ORG")]
        organisation: OrgId,
    },
}

/// Who does something, and why.
#[derive(Debug, Args)]
pub(crate) struct Signed {
    /// Who you are, for the activity log
    #[arg(long, env = "NUMO_OPERATOR", value_name = "NAME")]
    by: OperatorId,
    /// Why, for the activity log; no personal data
    #[arg(long)]
    reason: String,
}

impl Signed {
    /// As the use cases take it.
    pub(crate) fn both(&self) -> (&OperatorId, &str) {
        (&self.by, &self.reason)
    }
}

impl Command {
    /// What has to be typed before it is carried out, as a question: what is not for a list of processes, and a word
    /// before what cannot be taken back.
    pub(crate) fn question(&self) -> Option<String> {
        match &self.action {
            Action::Erase(erase) => Some(erase.question()),
            Action::Explain(explain) => explain.question(),
            Action::DeadLetters(asked) => asked.question(),
            Action::Rotate(asked) => asked.question(),
            Action::Stop(_)
            | Action::GoOn(_)
            | Action::Show
            | Action::Sync(_)
            | Action::Reauth(_)
            | Action::Cost(_)
            | Action::TakeOver(_)
            | Action::RestoreDrill(_)
            | Action::VerifyActivity { .. } => None,
        }
    }

    /// What it takes besides the table.
    pub(crate) fn needs(&self) -> &'static [Need] {
        match &self.action {
            Action::Explain(explain) => explain.needs(),
            Action::DeadLetters(_) => &[Need::DeadLetters],
            Action::Rotate(_) => &[Need::StageSecret],
            Action::Stop(_)
            | Action::GoOn(_)
            | Action::Show
            | Action::Sync(_)
            | Action::Reauth(_)
            | Action::Cost(_)
            | Action::TakeOver(_)
            | Action::RestoreDrill(_)
            | Action::Erase(_)
            | Action::VerifyActivity { .. } => &[],
        }
    }

    /// The copy of the table that it works with beside the table in use.
    pub(crate) fn copy(&self) -> Option<&str> {
        if let Action::RestoreDrill(asked) = &self.action { Some(asked.copy()) } else { None }
    }
}

/// Carries a command out, with what was typed to the question; what to tell whoever gave it.
pub(crate) async fn carry_out(
    means: &Means,
    command: Command,
    typed: &str,
    now: Timestamp,
) -> Result<String, AppError> {
    let ports: &OperatorPorts = &means.operator;
    match command.action {
        Action::Stop(stop) => sending::stop(ports, &stop, now).await,
        Action::GoOn(go_on) => sending::go_on(ports, &go_on, now).await,
        Action::Show => sending::show(ports, now).await,
        Action::Explain(asked) => explain::explain(means, &asked, typed, now).await,
        Action::Sync(asked) => connections::sync(ports, &asked, now).await,
        Action::Reauth(asked) => connections::reauth(ports, &asked, now).await,
        Action::Cost(asked) => cost::cost(ports, &asked, now).await,
        Action::DeadLetters(asked) => dead_letters::dead_letters(means, &asked, typed, now).await,
        Action::Rotate(asked) => rotate::rotate(means, &asked, typed, now).await,
        Action::TakeOver(asked) => restored::take_over(ports, &asked, now).await,
        Action::RestoreDrill(asked) => restored::restore_drill(means, &asked, now).await,
        Action::Erase(erase) => organisation::erase(ports, &erase, typed, now).await,
        Action::VerifyActivity { organisation } => organisation::verify(ports, &organisation).await,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Six o'clock on a Tuesday.
    pub(crate) fn now() -> Timestamp {
        "2026-11-24T06:00:00Z".parse().unwrap()
    }

    /// A command by its words.
    pub(crate) fn command(words: &str) -> Command {
        Command::try_parse_from(["numo-ops"].into_iter().chain(words.split(' '))).unwrap()
    }

    /// Whether a command is refused before anything is done.
    pub(crate) fn is_refused(words: &str) -> bool {
        Command::try_parse_from(["numo-ops"].into_iter().chain(words.split(' '))).is_err()
    }

    /// What a command says, with what was typed to its question.
    pub(crate) async fn says_to(means: &Means, words: &str, typed: &str) -> String {
        carry_out(means, command(words), typed, now()).await.unwrap()
    }

    /// What a command says that asks nothing.
    pub(crate) async fn says(means: &Means, words: &str) -> String {
        says_to(means, words, "").await
    }
}
