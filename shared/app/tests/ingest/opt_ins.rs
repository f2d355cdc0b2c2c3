//! An import of opt-ins that meets a STOP, or a table that fails.

use numo_app::{
    error::AppError,
    import_opt_ins::{OptInRow, import_opt_ins},
    import_report::RowOutcome,
    wake::Waker,
};
use numo_domain::consent::{Consent, ConsentState};
use numo_testkit::{
    counting_ids::CountingIds,
    faulty_table::{Fault, FaultyTable, Plan},
    meddled_table::MeddledTable,
    recording_queue::RecordingQueue,
};

use super::*;

/// Imports one opt-in of the customer over a table.
async fn import(table: Arc<dyn Table>) -> Result<Vec<RowOutcome>, AppError> {
    let (store, queue) = (Store::with_journal(table, Arc::new(MemoryTable::new())), Arc::new(RecordingQueue::new()));
    let waker = Waker { store, queue, ids: Arc::new(CountingIds::new(1)) };
    let (number, source) = ("+971501234567".to_owned(), "Webform".to_owned());
    let row = OptInRow { customer: customer(), number, source, given_on: jiff::civil::date(2026, 3, 1) };
    import_opt_ins(&waker, &org(), &"user_ann".parse().unwrap(), vec![Ok(row)], now()).await
}

fn stop() -> Delivery {
    let written = inbound(Some("+971501234567"), None, "STOP");
    Delivery { waba: waba(), updates: vec![written], skipped: Vec::new() }
}

/// What is recorded of the number and of the customer: the state, and how many imports.
fn recorded(table: &MemoryTable) -> Vec<(ConsentState, usize)> {
    let consents = table.items().into_iter().filter_map(|item| item.body.get("consent").cloned());
    let consents = consents.map(|consent| serde_json::from_value::<Consent>(consent).unwrap());
    let imports = |consent: &Consent| consent.history.iter().filter(|change| change.by.is_import()).count();
    consents.map(|consent| (consent.state, imports(&consent))).collect()
}

#[tokio::test]
async fn a_stop_wins_wherever_it_meets_the_import_of_an_opt_in() {
    let mut outcomes = Vec::new();
    loop {
        let memory = Arc::new(MemoryTable::new());
        let way = Arc::new(MeddledTable::new(memory.clone()));
        let stopped = scene_over(memory.clone(), memory.clone()).await.ports;
        way.meddle(outcomes.len() as u64 + 1, async move {
            ingest_delivery(&stopped, &stop()).await.unwrap();
        });
        let outcome = import(way.clone()).await.unwrap().remove(0);
        if !way.is_meddled() {
            break;
        }
        let states: Vec<ConsentState> = recorded(&memory).into_iter().map(|(state, _)| state).collect();
        assert_eq!(states, [ConsentState::OptedOut; 2], "met at call {}", outcomes.len() + 1);
        outcomes.push(outcome == RowOutcome::Accepted);
    }
    // What came before the write is refused, what came after it was recorded first.
    let n_refused = outcomes.iter().filter(|is_recorded| !**is_recorded).count();
    assert_eq!(n_refused, 6, "{outcomes:?}");
    assert!(outcomes.len() > 6 && outcomes.is_sorted(), "{outcomes:?}");
}

#[tokio::test]
async fn an_import_that_comes_in_the_middle_of_a_stop_does_not_undo_it() {
    let mut call = 1;
    loop {
        let memory = Arc::new(MemoryTable::new());
        let way = Arc::new(MeddledTable::new(memory.clone()));
        let scene = scene_over(memory.clone(), way.clone()).await;
        let table = memory.clone();
        way.meddle(call, async move {
            import(table).await.unwrap();
        });
        ingest_delivery(&scene.ports, &stop()).await.unwrap();
        if !way.is_meddled() {
            break;
        }
        let states: Vec<ConsentState> = recorded(&memory).into_iter().map(|(state, _)| state).collect();
        assert_eq!(states, [ConsentState::OptedOut; 2], "met at call {call}");
        call += 1;
    }
    assert!(call > 5, "{call}");
}

#[tokio::test]
async fn wherever_the_table_fails_an_import_says_so_and_importing_again_records_every_opt_in_once() {
    for fault in [Fault::Before, Fault::After] {
        let mut n_failed = 0;
        for call in 1.. {
            let memory = Arc::new(MemoryTable::new());
            scene_over(memory.clone(), memory.clone()).await;
            let way = Arc::new(FaultyTable::new(memory.clone()));
            way.reset(Plan::Once { call, fault });
            let outcome = import(way.clone()).await;
            if way.calls() < call {
                break;
            }
            match outcome {
                // A row that is in doubt is told as such; only what is not about a row fails as a whole.
                Ok(outcomes) => assert_eq!(outcomes, [RowOutcome::Failed], "{fault:?} at call {call}"),
                Err(error) => assert!(matches!(error, AppError::AwsUnavailable(_)), "{error}"),
            }
            n_failed += 1;
            let again = import(memory.clone()).await.unwrap().remove(0);
            assert!(matches!(again, RowOutcome::Accepted | RowOutcome::Unchanged), "{again:?}");
            assert_eq!(recorded(&memory), [(ConsentState::OptedIn, 1); 2], "{fault:?} at call {call}");
        }
        assert!(n_failed > 6, "{n_failed}");
    }
}
