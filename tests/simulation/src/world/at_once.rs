//! Jobs that are worked on at the same time, while something else happens.

use std::future::Future;

use futures_util::future::{join, join_all};
use numo_app::{
    error::AppError,
    job::{Job, Work},
};

use crate::world::{Weather, World};

impl World {
    /// Works on everything that is in flight, and on all that it wakes, before any time passes.
    pub async fn finish_all(&mut self) {
        while self.is_anything_in_flight() {
            self.work(Weather::CALM).await;
        }
    }

    fn is_anything_in_flight(&mut self) -> bool {
        self.in_flight.extend(self.queue.take());
        !self.in_flight.is_empty()
    }

    /// Works on every dispatch that is in flight at once, while something else happens; how each of them ended.
    ///
    /// What comes back, and what they wake, stays in flight.
    pub async fn dispatch_at_once(&mut self, meanwhile: impl Future<Output = ()>) -> Vec<Result<(), AppError>> {
        self.in_flight.extend(self.queue.take());
        let is_dispatch = |job: &Job| matches!(job.work, Work::DispatchRun { .. });
        let (jobs, others): (Vec<Job>, Vec<Job>) =
            std::mem::take(&mut self.in_flight).into_iter().partition(is_dispatch);
        self.in_flight = others;
        let work = join_all(jobs.iter().map(|job| self.run_job(job)));
        let (ended, ()) = self.time.run(join(work, meanwhile)).await;
        let failed = jobs.into_iter().zip(&ended).filter(|(_, ended)| ended.is_err());
        self.in_flight.extend(failed.map(|(job, _)| job));
        ended
    }

    /// Works on one job, whoever made it.
    pub async fn take_up(&self, job: &Job) -> Result<(), AppError> {
        self.time.run(self.run_job(job)).await
    }

    /// Every dispatch that is in flight comes twice.
    pub fn double(&mut self) {
        self.in_flight.extend(self.queue.take());
        self.in_flight.extend(self.in_flight.clone());
    }
}
