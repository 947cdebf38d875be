//! Which store tasks belong to which request of the serving engine, so that the proxy is told when a request's chunks have
//! all been committed. It decides; the telling is somebody else's.

use std::collections::BTreeMap;

/// Requests that are known at once. One more is refused, and not followed.
const REQUESTS_MAX: usize = 65_536;

/// Follows requests until they are finished. Belongs to the adapter, behind its lock.
#[derive(Debug, Default)]
pub(super) struct RequestTracker {
    requests: BTreeMap<Box<str>, RequestProgress>,
}

#[derive(Debug, Default)]
struct RequestProgress {
    /// Store tasks of the request that have not completed.
    open_tasks: usize,
    /// A chunk is missing on the receiver: the proxy must not be told that all are there.
    failed: bool,
    /// The engine has said that no further task belongs to the request.
    finished: bool,
}

/// What is to be done about a request now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RequestVerdict {
    /// Nothing yet: tasks are open, or the engine has not finished it.
    Wait,
    /// All its chunks are committed: tell the proxy.
    Notify,
    /// It is over and some of its chunks are missing: the proxy is not told.
    Failed,
    /// Too many requests are open: this one is not followed.
    Refused,
}

impl RequestTracker {
    /// A store task of a request begins.
    pub(super) fn task_begins(&mut self, request: &str) -> RequestVerdict {
        if self.requests.len() >= REQUESTS_MAX && !self.requests.contains_key(request) {
            return RequestVerdict::Refused;
        }
        self.requests.entry(request.into()).or_default().open_tasks += 1;
        RequestVerdict::Wait
    }

    /// A store task of a request has completed.
    pub(super) fn task_ends(&mut self, request: &str, succeeded: bool) -> RequestVerdict {
        let Some(progress) = self.requests.get_mut(request) else { return RequestVerdict::Wait };
        progress.open_tasks = progress.open_tasks.saturating_sub(1);
        progress.failed |= !succeeded;
        self.verdict(request)
    }

    /// No further task belongs to the request. One that has no tasks is complete at once.
    pub(super) fn finish(&mut self, request: &str) -> RequestVerdict {
        if self.requests.len() >= REQUESTS_MAX && !self.requests.contains_key(request) {
            return RequestVerdict::Refused;
        }
        self.requests.entry(request.into()).or_default().finished = true;
        self.verdict(request)
    }

    /// How many requests are followed.
    #[cfg(test)]
    fn len(&self) -> usize {
        self.requests.len()
    }

    fn verdict(&mut self, request: &str) -> RequestVerdict {
        let Some(progress) = self.requests.get(request) else { return RequestVerdict::Wait };
        if progress.open_tasks > 0 || !progress.finished {
            return RequestVerdict::Wait;
        }
        let verdict = if progress.failed { RequestVerdict::Failed } else { RequestVerdict::Notify };
        self.requests.remove(request);
        verdict
    }
}

#[cfg(test)]
mod tests {
    use super::{REQUESTS_MAX, RequestTracker, RequestVerdict};

    #[test]
    fn the_proxy_is_told_after_the_last_commit() {
        let mut tracker = RequestTracker::default();
        tracker.task_begins("r");
        tracker.task_begins("r");
        assert_eq!(tracker.task_ends("r", true), RequestVerdict::Wait);
        assert_eq!(tracker.finish("r"), RequestVerdict::Wait);
        assert_eq!(tracker.task_ends("r", true), RequestVerdict::Notify);
        assert_eq!(tracker.len(), 0);
    }

    #[test]
    fn a_request_with_a_failed_task_is_not_told() {
        let mut tracker = RequestTracker::default();
        tracker.task_begins("r");
        tracker.task_ends("r", false);
        assert_eq!(tracker.finish("r"), RequestVerdict::Failed);
        assert_eq!(tracker.len(), 0);
    }

    #[test]
    fn a_request_without_tasks_is_complete_when_it_is_finished() {
        assert_eq!(RequestTracker::default().finish("r"), RequestVerdict::Notify);
    }

    #[test]
    fn one_request_beyond_the_bound_is_refused_and_known_ones_go_on() {
        let mut tracker = RequestTracker::default();
        for request in 0..REQUESTS_MAX {
            assert_eq!(tracker.task_begins(&request.to_string()), RequestVerdict::Wait);
        }
        assert_eq!(tracker.task_begins("one more"), RequestVerdict::Refused);
        assert_eq!(tracker.task_begins("0"), RequestVerdict::Wait);
    }
}
