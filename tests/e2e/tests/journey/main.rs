//! Journeys through the deployed product, in order, on one local stack.
//!
//! Each scenario builds upon what those before it left behind, so this test has a main of its own:
//! it reports every scenario by name, and a filter runs everything up to the last match.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may panic, and one with a main of its own prints its result"
)]

mod consents;
mod described;
mod dispatch_faults;
mod exports;
mod gulf;
mod harbour;
mod jobs;
mod ledger;
mod letters;
mod logs;
mod mails;
mod manual;
mod numbers;
mod operators;
mod outbound;
mod palm;
mod peers;
mod permissions;
mod restore;
mod rotation;
mod sessions;
mod signup;
mod strangers;
mod sync_faults;
mod table;
mod talk;
mod tenants;
mod webhooks;
mod world;

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;

use numo_e2e::wait::clear_of_midnight;

use crate::world::World;

type Scenario = for<'a> fn(&'a mut World) -> Pin<Box<dyn Future<Output = ()> + 'a>>;

macro_rules! scenarios {
    ($($module:ident::$name:ident,)+) => {
        &[$((concat!(stringify!($module), "::", stringify!($name)), |world| Box::pin($module::$name(world))),)+]
    };
}

const SCENARIOS: &[(&str, Scenario)] = scenarios![
    sessions::only_a_valid_session_token_of_an_organisation_opens_the_api,
    webhooks::metas_handshake_is_answered_for_the_right_token_only,
    webhooks::a_webhook_without_the_right_signature_stores_nothing,
    consents::a_consent_of_an_unknown_expired_or_foreign_state_connects_nothing,
    harbour::a_ledger_is_connected_and_read,
    harbour::malformed_rows_are_skipped_and_counted_and_the_rest_is_kept,
    consents::a_replayed_callback_connects_nothing,
    signup::an_account_is_connected_through_metas_window_and_ended_again,
    signup::a_person_who_removes_the_app_ends_the_access_that_they_gave,
    consents::a_ledger_organisation_has_one_owner,
    harbour::the_plan_names_everyone_who_owes_and_why_others_get_nothing,
    harbour::a_payment_an_opt_out_and_a_dead_number_change_what_goes_out,
    talk::a_stop_is_confirmed_and_an_owner_answers_a_customer,
    strangers::what_a_stranger_writes_rests_in_no_item_and_no_queue,
    mails::meta_tells_something_that_cannot_wait,
    manual::an_owner_reminds_one_customer_now_and_no_second_time,
    manual::a_pay_button_leads_to_the_page_of_the_ledger,
    logs::what_follows_from_a_call_has_the_trace_of_the_call_in_every_function,
    operators::what_operators_stop_their_people_cannot_let_go_on,
    rotation::a_new_signing_key_is_put_beside_the_former_one,
    harbour::a_sync_of_the_unchanged_ledger_writes_nothing,
    sync_faults::a_rate_limit_postpones_a_sync,
    letters::what_queues_gave_up_is_told_sent_again_and_discarded,
    gulf::a_quickbooks_company_is_connected_and_read,
    operators::a_ledger_that_operators_want_read_is_due_at_once,
    gulf::a_quickbooks_company_sends_reminders_like_any_other,
    operators::a_ledger_that_operators_wanted_read_was_read,
    gulf::a_webhook_of_a_ledger_brings_its_sync_forward,
    gulf::a_disconnected_company_keeps_its_history_and_loses_its_tokens,
    tenants::an_organisation_sees_and_reaches_its_own_data_only,
    exports::an_archive_has_everything_of_its_organisation_and_nothing_else,
    ledger::a_real_ledger_arrives_row_by_row,
    dispatch_faults::a_ledger_that_fails_at_the_dispatch_sends_nothing,
    restore::a_copy_of_the_table_is_restored_beside_it,
    dispatch_faults::a_lost_answer_is_settled_by_its_status_and_never_sent_again,
    ledger::each_customer_who_owes_gets_exactly_one_message,
    numbers::a_number_is_typed_read_and_taken_back,
    jobs::doubled_and_stale_jobs_change_nothing,
    rotation::a_new_signing_key_counts_and_its_rotation_is_finished_and_taken_back,
    mails::the_owner_gets_one_alert_and_one_digest_and_no_customer_is_in_them,
    restore::a_drill_with_the_copy_brings_nobody_back_and_sends_nothing_twice,
    palm::a_business_does_everything_in_a_browser,
    described::whatever_is_sent_to_the_api_is_answered_as_it_is_described,
    permissions::what_a_role_may_do_is_done_and_nothing_else_is_allowed,
    logs::no_log_names_a_secret_a_person_or_a_message,
    outbound::nothing_leaves_but_what_people_are_told_of,
    outbound::no_function_talks_to_anybody_but_the_stack,
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--list") {
        SCENARIOS.iter().for_each(|(name, _)| println!("{name}: test"));
        return ExitCode::SUCCESS;
    }
    let filter = arguments.iter().find(|argument| !argument.starts_with('-'));
    let matches = |name: &str| filter.is_none_or(|filter| name.contains(filter.as_str()));
    let n_run = SCENARIOS.iter().rposition(|(name, _)| matches(name)).map_or(0, |last| last + 1);
    println!("\nrunning {n_run} tests");
    let began = Instant::now();
    let failed = run(&SCENARIOS[..n_run]).await;
    let verdict = if failed.is_empty() { "ok" } else { "FAILED" };
    println!(
        "\ntest result: {verdict}. {} passed; {} failed; 0 ignored; 0 measured; {} filtered out; finished in {:.2}s\n",
        n_run - failed.len(),
        failed.len(),
        SCENARIOS.len() - n_run,
        began.elapsed().as_secs_f64()
    );
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// All scenarios take less; those that plan and send must stay within one day of their business.
const WHOLE_RUN: Duration = Duration::from_secs(900);

/// Runs scenarios until one fails; those that build upon it have failed with it.
async fn run(scenarios: &[(&'static str, Scenario)]) -> Vec<&'static str> {
    if scenarios.is_empty() {
        return Vec::new();
    }
    clear_of_midnight(&["Asia/Dubai", "Europe/London", "America/Toronto"], WHOLE_RUN).await;
    let mut world = World::start().await;
    for (place, (name, scenario)) in scenarios.iter().enumerate() {
        let began = Instant::now();
        let passed = AssertUnwindSafe(scenario(&mut world)).catch_unwind().await.is_ok();
        println!("test {name} ... {} ({:.1} s)", if passed { "ok" } else { "FAILED" }, began.elapsed().as_secs_f64());
        if !passed {
            world.keep_logs().await;
            let rest = scenarios[place + 1..].iter().map(|(name, _)| *name);
            rest.clone().for_each(|name| println!("test {name} ... FAILED (not reached)"));
            return std::iter::once(*name).chain(rest).collect();
        }
    }
    Vec::new()
}
