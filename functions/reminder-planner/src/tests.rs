use std::sync::Arc;

use aws_lambda_events::sqs::SqsEvent;
use numo_app::{
    clerk_news::ClerkPorts,
    job::Cause,
    mail_owner::Mailer,
    number_key::NumberKeys,
    port::session::Role,
    store::{Store, task::TaskAbout},
    wake::Waker,
};
use numo_domain::{
    id::{OrgId, PolicyId},
    policy::{Policy, PolicyState},
};
use numo_runtime::{env::Env, sqs::run_batch};
use numo_testkit::{
    counting_ids::CountingIds,
    faulty_table::{Fault, FaultyTable, Plan},
    fixed_clock::FixedClock,
    memory_people::MemoryPeople,
    memory_table::MemoryTable,
    recording_mail::RecordingMail,
    recording_queue::RecordingQueue,
};

use super::*;
use crate::config::Config;

struct Fixture {
    table: Arc<FaultyTable>,
    queue: Arc<RecordingQueue>,
    waker: Waker,
    ports: PlannerPorts,
    mail: Arc<RecordingMail>,
    people: Arc<MemoryPeople>,
}

fn now() -> Timestamp {
    "2026-11-23T06:00:00Z".parse().unwrap()
}

fn org() -> OrgId {
    "org_a".parse().unwrap()
}

fn fixture() -> Fixture {
    let table = Arc::new(FaultyTable::new(Arc::new(MemoryTable::new())));
    let queue = Arc::new(RecordingQueue::new());
    let store = Store::new(table.clone());
    let waker = Waker { store, queue: queue.clone(), ids: Arc::new(CountingIds::new(1)) };
    let (mail, people) = (Arc::new(RecordingMail::new()), Arc::new(MemoryPeople::new()));
    people.join(&org(), &"user_ann".parse().unwrap(), Role::Admin);
    let mailer = Mailer {
        mail: mail.clone(),
        people: people.clone(),
        keys: NumberKeys::new(vec![7; 32]).unwrap(),
        public_url: "https://numo.example".to_owned(),
    };
    let mail_ports = MailPorts { waker: waker.clone(), clock: Arc::new(FixedClock::at(now())), mailer: Some(mailer) };
    let clerk = ClerkPorts { store: waker.store.clone(), ids: waker.ids.clone() };
    let ports = PlannerPorts { mail: mail_ports, check: CheckPorts { clerk, people: people.clone() } };
    Fixture { table, queue, waker, ports, mail, people }
}

impl Fixture {
    async fn activate(&self) {
        let policy = Policy { state: PolicyState::Active, ..Policy::standard(now()) };
        let based_on = self.waker.store.policies(&org()).await.unwrap().organisation_default.version;
        let default = PolicyId::organisation_default();
        self.waker.store.save_policy(&org(), (&default, based_on), policy, now()).await.unwrap();
    }

    async fn job(&self) -> Job {
        self.waker.wake(&org(), &Work::PlanDay {}, Cause::Due, now()).await.unwrap();
        self.queue.take().pop().unwrap()
    }

    /// How many records of a batch of one job come back.
    async fn work(&self, job: &Job) -> usize {
        let mut batch: SqsEvent = serde_json::from_str(include_str!("../tests/fixtures/sqs.json")).unwrap();
        batch.records[0].body = Some(serde_json::to_string(job).unwrap());
        let handle = |job: Job, deadline| handle(&self.ports, job, deadline);
        run_batch(&FixedClock::at(now()), batch, Timestamp::MAX, &handle).await.batch_item_failures.len()
    }

    async fn generation(&self) -> Option<u32> {
        let header = self.waker.store.plan_header(&org(), "2026-11-23".parse().unwrap()).await.unwrap();
        header.map(|header| header.value.generation)
    }
}

#[tokio::test]
async fn a_job_plans_the_day_and_its_double_does_not_plan_it_again() {
    let fixture = fixture();
    fixture.activate().await;
    let job = fixture.job().await;
    assert_eq!((fixture.work(&job).await, fixture.generation().await), (0, Some(1)));
    assert_eq!((fixture.work(&job).await, fixture.generation().await), (0, Some(1)));
    assert_eq!(handle(&fixture.ports, job, Timestamp::MAX).await.unwrap(), Done("nothing_to_plan"));
}

#[tokio::test]
async fn a_table_that_is_down_leaves_the_job_to_the_queue() {
    let fixture = fixture();
    fixture.activate().await;
    let job = fixture.job().await;
    fixture.table.reset(Plan::Once { call: 2, fault: Fault::Before });
    assert_eq!((fixture.work(&job).await, fixture.generation().await), (1, None));
    assert_eq!((fixture.work(&job).await, fixture.generation().await), (0, Some(1)));
}

#[tokio::test]
async fn a_job_without_a_claim_or_of_another_queue_is_quarantined() {
    let fixture = fixture();
    let job = fixture.job().await;
    let other = Work::DispatchRun { date: "2026-11-23".parse().unwrap() };
    assert_eq!(fixture.work(&Job { claim: None, ..job.clone() }).await, 1);
    assert_eq!(fixture.work(&Job { work: other, ..job }).await, 1);
}

#[tokio::test]
async fn a_job_mails_what_is_to_be_told_and_its_double_mails_nothing() {
    let fixture = fixture();
    let store = &fixture.waker.store;
    store.change_organisation(&org(), now(), |profile| profile.name = "Harbour".to_owned()).await.unwrap();
    let before = now() - jiff::SignedDuration::from_mins(1);
    store.open_task(&org(), TaskAbout::SenderBlocked("200".parse().unwrap()), before).await.unwrap();
    fixture.waker.wake(&org(), &Work::MailOwner {}, Cause::Due, now()).await.unwrap();
    let job = fixture.queue.take().pop().unwrap();
    assert_eq!(fixture.work(&job).await, 0);
    assert_eq!(handle(&fixture.ports, job, Timestamp::MAX).await.unwrap(), Done("stale"));
    let subjects: Vec<String> = fixture.mail.take().into_iter().map(|letter| letter.subject).collect();
    assert_eq!(subjects, ["Numo: WhatsApp does not let a number send"]);
}

#[tokio::test]
async fn a_job_asks_clerk_about_the_organisation_and_its_double_does_not() {
    let fixture = fixture();
    let store = &fixture.waker.store;
    store.change_organisation(&org(), now(), |profile| profile.name = "Harbour".to_owned()).await.unwrap();
    fixture.waker.wake(&org(), &Work::CheckOrganisation {}, Cause::Due, now()).await.unwrap();
    let job = fixture.queue.take().pop().unwrap();
    assert_eq!(handle(&fixture.ports, job.clone(), Timestamp::MAX).await.unwrap(), Done("present"));
    let n_calls = fixture.people.n_calls();
    assert_eq!(handle(&fixture.ports, job, Timestamp::MAX).await.unwrap(), Done("stale"));
    assert_eq!(fixture.people.n_calls(), n_calls);
}

#[test]
fn a_configuration_error_lists_every_key() {
    assert_eq!(
        Config::read(Env::given([])).unwrap_err().to_string(),
        "configuration: NUMO_TABLE is missing; NUMO_QUEUE_DISPATCH is missing; NUMO_SECRETS_ID is missing; \
         NUMO_CLERK_API_BASE is missing"
    );
}
