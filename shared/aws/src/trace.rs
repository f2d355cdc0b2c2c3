//! The trace that work belongs to: it begins with a call from outside, and queues carry it on.

use std::future::Future;

tokio::task_local! {
    static HEADER: Option<String>;
}

/// Does work on behalf of a trace, told by its header; messages that the work sends carry it on.
pub async fn within<F: Future>(header: Option<String>, work: F) -> F::Output {
    HEADER.scope(header, work).await
}

/// The header of the trace that the present work belongs to.
pub fn header() -> Option<String> {
    HEADER.try_with(Clone::clone).ok().flatten()
}

/// The id in a header, which every line of the log about the trace has.
///
/// X-Ray: tracing header, `Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1`.
pub fn id(header: &str) -> Option<&str> {
    header.split(';').find_map(|part| part.trim().strip_prefix("Root="))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_trace_is_known_while_its_work_is_done_and_not_after() {
        let seen = within(Some("Root=1-a-b".to_owned()), async { header() }).await;
        assert_eq!((seen.as_deref(), header()), (Some("Root=1-a-b"), None));
    }

    #[test]
    fn the_id_of_a_trace_is_its_root() {
        assert_eq!(id("Self=1-x-y;Root=1-67891233-abc;Parent=53995c3f42cd8ad8;Sampled=1"), Some("1-67891233-abc"));
        assert_eq!(id("Parent=53995c3f42cd8ad8"), None);
    }
}
