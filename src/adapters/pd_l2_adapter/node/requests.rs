//! Which store tasks belong to which request of the serving engine, so that the proxy is told when a request's chunks have
//! all been committed. It decides; the telling is somebody else's.

use std::{collections::BTreeMap, sync::Arc};

/// Requests that are known at once. For one more, the request goes that has been without an open task for longest: its engine will
/// hardly finish it any more. Where all have one, or have failed, the new one is refused and not followed.
const REQUESTS_MAX: usize = 65_536;

/// Follows requests until they are finished. Belongs to the adapter, behind its lock.
#[derive(Debug, Default)]
pub(super) struct RequestTracker {
    requests: BTreeMap<Arc<str>, RequestProgress>,
    /// Requests without an open task, by when they came to that.
    idle: BTreeMap<u64, Arc<str>>,
    next_turn: u64,
    /// Requests that had to go before they were finished.
    forgotten: u64,
}

#[derive(Debug, Default)]
struct RequestProgress {
    /// Store tasks of the request that have not completed.
    open_tasks: usize,
    /// A chunk is missing on the receiver: the proxy must not be told that all are there.
    failed: bool,
    /// The engine has said that no further task belongs to the request.
    finished: bool,
    /// Its place among the idle ones.
    idle_since: Option<u64>,
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
        let Some(progress) = self.follow(request) else { return RequestVerdict::Refused };
        progress.open_tasks += 1;
        let idle_since = progress.idle_since.take();
        idle_since.map(|turn| self.idle.remove(&turn));
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
        let Some(progress) = self.follow(request) else { return RequestVerdict::Refused };
        progress.finished = true;
        self.verdict(request)
    }

    /// The progress of a request, which is followed from now on; `None` where there is no place for it.
    fn follow(&mut self, request: &str) -> Option<&mut RequestProgress> {
        if self.requests.len() >= REQUESTS_MAX && !self.requests.contains_key(request) {
            let (_, oldest) = self.idle.pop_first()?;
            self.requests.remove(&oldest);
            self.forgotten += 1;
            if self.forgotten.is_power_of_two() {
                tracing::warn!(
                    forgotten = self.forgotten,
                    "more requests are open than can be followed: the proxy is not told of those that have been without a store \
                     for longest; call `finish_request` when a request has ended"
                );
            }
        }
        Some(self.requests.entry(request.into()).or_default())
    }

    /// How many requests are followed.
    #[cfg(test)]
    fn len(&self) -> usize {
        self.requests.len()
    }

    fn verdict(&mut self, request: &str) -> RequestVerdict {
        let Some(progress) = self.requests.get(request) else { return RequestVerdict::Wait };
        if progress.open_tasks > 0 {
            return RequestVerdict::Wait;
        }
        if !progress.finished {
            self.rest(request);
            return RequestVerdict::Wait;
        }
        let verdict = if progress.failed { RequestVerdict::Failed } else { RequestVerdict::Notify };
        let progress = self.requests.remove(request);
        progress.and_then(|progress| progress.idle_since).map(|turn| self.idle.remove(&turn));
        verdict
    }

    /// A request has no open task, for now. One that has failed is not forgotten: finished later, it would be taken for a request
    /// without tasks, which is complete.
    fn rest(&mut self, request: &str) {
        let Some((name, progress)) = self.requests.get_key_value(request) else { return };
        if progress.idle_since.is_none() && !progress.failed {
            let turn = self.next_turn;
            self.next_turn += 1;
            self.idle.insert(turn, Arc::clone(name));
            if let Some(progress) = self.requests.get_mut(request) {
                progress.idle_since = Some(turn);
            }
        }
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
    fn one_request_beyond_the_bound_is_refused_while_all_have_open_tasks_and_known_ones_go_on() {
        let mut tracker = RequestTracker::default();
        for request in 0..REQUESTS_MAX {
            assert_eq!(tracker.task_begins(&request.to_string()), RequestVerdict::Wait);
        }
        assert_eq!(tracker.task_begins("one more"), RequestVerdict::Refused);
        assert_eq!(tracker.task_begins("0"), RequestVerdict::Wait);
        // One that has failed keeps its place.
        tracker.task_ends("1", false);
        assert_eq!(tracker.task_begins("one more"), RequestVerdict::Refused);
        assert_eq!(tracker.finish("1"), RequestVerdict::Failed);
        assert_eq!(tracker.task_begins("one more"), RequestVerdict::Wait);
    }

    #[test]
    fn requests_that_are_never_finished_give_way_the_one_that_was_idle_for_longest_first() {
        let mut tracker = RequestTracker::default();
        for request in 0..3 * REQUESTS_MAX {
            let request = request.to_string();
            assert_eq!(tracker.task_begins(&request), RequestVerdict::Wait);
            tracker.task_ends(&request, true);
            // It is stored for again and again.
            tracker.task_begins("busy");
            tracker.task_ends("busy", true);
        }
        assert_eq!(tracker.len(), REQUESTS_MAX);
        assert_eq!(tracker.idle.len(), REQUESTS_MAX);
        assert_eq!(tracker.requests.get("0").map(|_| ()), None);
        assert_eq!(tracker.finish("busy"), RequestVerdict::Notify);
        assert_eq!(tracker.finish(&(3 * REQUESTS_MAX - 1).to_string()), RequestVerdict::Notify);
        assert_eq!((tracker.len(), tracker.idle.len()), (REQUESTS_MAX - 2, REQUESTS_MAX - 2));
    }
}
