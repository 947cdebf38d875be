//! The requests of the serving engine: their keys, the receivers of their chunks, and when the proxy is notified. It decides;
//! storing and notifying are its caller's tasks.
//!
//! A key of a request is *settled* once a store task with it has ended. A request is over when it has ended and all its keys are
//! settled. The proxy is notified of every request once, of a failed one with the reason: a request that waits for too long is over,
//! too. Requests for other receivers are followed only to know their keys, which may come more than once, until nothing more of
//! them has come for a while.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use l2_adapter_schema::counted;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use super::words::RequestWords;
use crate::adapter::ObjectKey;

mod limits;
#[cfg(test)]
mod tests;

pub(super) use self::limits::RequestLimits;

/// Follows requests until they are over. Belongs to the adapter, behind its lock.
#[derive(Debug, Default)]
pub(super) struct RequestTracker {
    /// The name by which requests address this sender's receiver. Without a name every request is for it.
    receiver_name: Option<String>,
    limits: RequestLimits,
    requests: BTreeMap<Arc<str>, RequestProgress>,
    /// Keys that a request expects, or that are in an open store task.
    keys: BTreeMap<ObjectKey, KeyProgress>,
    /// The keys of all requests, counted once for each request.
    expected_keys: usize,
    /// When each request is given up, or forgotten: one entry for each.
    deadlines: BTreeSet<(Duration, Arc<str>)>,
    notices: Vec<Notice>,
    counters: RequestCounters,
}

#[derive(Debug, Default)]
struct RequestProgress {
    words: RequestWords,
    /// Each key of the request, and whether it is settled.
    keys: BTreeMap<ObjectKey, bool>,
    /// Keys that are not settled.
    open_keys: usize,
    /// The first failure.
    failure: Option<String>,
    is_announced: bool,
    /// It was announced before, for the receiver of another sender, which notifies the proxy: at its close, if it is removed.
    is_left_to_another: bool,
    /// No sender has the receiver that it names: this one notifies the proxy all the same.
    is_rejected: bool,
    /// The engine has reported that no further key belongs to the request.
    has_ended: bool,
    /// It is over, and remembered for a while.
    is_over: bool,
    deadline: Duration,
}

#[derive(Debug, Default)]
struct KeyProgress {
    requests: BTreeSet<Arc<str>>,
    open_tasks: usize,
}

/// The proxy is to be notified of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Notice {
    /// The id by which the proxy knows it.
    pub(super) request: String,
    /// Why not all of its chunks are at the receiver.
    pub(super) failure: Option<String>,
}

/// The outcomes of requests since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct RequestCounters {
    /// Requests that are followed and not over.
    pub(crate) open: u64,
    /// Requests that were over without all of their chunks at the receiver.
    pub(crate) failed: u64,
    /// Chunks of requests for which no store task came in time.
    pub(crate) missing_chunks: u64,
}

impl RequestTracker {
    pub(super) fn new(receiver_name: Option<String>, limits: RequestLimits) -> Self {
        Self { receiver_name, limits, ..Self::default() }
    }

    /// These keys belong to a request. Returns whether the request is for this sender.
    pub(super) fn expect(
        &mut self,
        now: Duration,
        request: &str,
        keys: impl IntoIterator<Item = ObjectKey>,
        words: &RequestWords,
    ) -> bool {
        let name = self.follow(now, request);
        let Some(progress) = self.requests.get_mut(&name) else { return true };
        progress.is_left_to_another = progress.is_announced && !is_for(self.receiver_name.as_deref(), &progress.words);
        progress.is_announced = true;
        progress.words.hear(words);
        let is_ours = is_for(self.receiver_name.as_deref(), &progress.words);
        for key in keys {
            self.expect_key(&name, key);
        }
        self.advance(now, &name);
        is_ours
    }

    fn expect_key(&mut self, name: &Arc<str>, key: ObjectKey) {
        let Some(progress) = self.requests.get_mut(name).filter(|progress| !progress.keys.contains_key(&key)) else {
            return;
        };
        if self.expected_keys >= self.limits.keys_max {
            let limit = self.limits.keys_max;
            progress.fail(&format!(
                "more than {} of open requests: not all of its chunks could be followed",
                counted(limit, "chunk")
            ));
            return;
        }
        self.expected_keys += 1;
        self.keys.entry(key.clone()).or_default().requests.insert(Arc::clone(name));
        progress.open_keys += 1;
        progress.keys.insert(key, false);
    }

    /// A store task with this key begins. Returns whether the key is for this sender.
    pub(super) fn key_begins(&mut self, now: Duration, key: &ObjectKey) -> bool {
        let of_key = self.keys.entry(key.clone()).or_default();
        let is_wanted = |request| {
            let progress: Option<&RequestProgress> = self.requests.get(request);
            progress.is_some_and(|progress| is_for(self.receiver_name.as_deref(), &progress.words))
        };
        if of_key.requests.is_empty() || of_key.requests.iter().any(is_wanted) {
            of_key.open_tasks += 1;
            return true;
        }
        self.settle(now, std::slice::from_ref(key), None);
        false
    }

    /// A store task has ended; `keys` are those that were for this sender.
    pub(super) fn task_ends(&mut self, now: Duration, keys: &[ObjectKey], failure: Option<&str>) {
        let mut settled = Vec::with_capacity(keys.len());
        for key in keys {
            let Some(of_key) = self.keys.get_mut(key) else { continue };
            of_key.open_tasks = of_key.open_tasks.saturating_sub(1);
            // A second task of the key may still store it.
            if failure.is_none() || of_key.open_tasks == 0 {
                settled.push(key.clone());
            }
        }
        self.settle(now, &settled, failure);
        keys.iter().for_each(|key| self.drop_unused_key(key));
    }

    /// No further key belongs to a request.
    pub(super) fn finish(&mut self, now: Duration, request: &str) {
        let name = self.follow(now, request);
        if let Some(progress) = self.requests.get_mut(&name) {
            progress.has_ended = true;
        }
        self.advance(now, &name);
    }

    /// The request fails, and this sender notifies the proxy of it; not if a sender that was removed meanwhile has done so.
    pub(super) fn reject(&mut self, now: Duration, request: &str, reason: &str) {
        let name = self.follow(now, request);
        let is_ours = |progress: &&mut RequestProgress| progress.is_rejected || !progress.is_left_to_another;
        if let Some(progress) = self.requests.get_mut(&name).filter(is_ours) {
            progress.is_rejected = true;
            progress.fail(reason);
        }
        self.advance(now, &name);
    }

    /// Keys of a request that are in no store task will come in none.
    pub(super) fn fail_keys(&mut self, now: Duration, request: &str, keys: &[ObjectKey], reason: &str) {
        let Some((name, _)) = self.requests.get_key_value(request) else { return };
        let name = Arc::clone(name);
        for key in keys.iter().filter(|key| self.keys.get(*key).is_some_and(|of_key| of_key.open_tasks == 0)) {
            if let Some(progress) = self.requests.get_mut(&name)
                && let Some(is_settled @ false) = progress.keys.get_mut(key)
            {
                *is_settled = true;
                progress.open_keys -= 1;
                progress.fail(reason);
            }
        }
        self.advance(now, &name);
    }

    /// Keys of a request that are for this sender, are not settled, and are in no store task.
    pub(super) fn unclaimed(&self, request: &str) -> Vec<ObjectKey> {
        let Some(progress) = self.requests.get(request) else { return Vec::new() };
        if !is_for(self.receiver_name.as_deref(), &progress.words) {
            return Vec::new();
        }
        let open = progress.keys.iter().filter(|(_, is_settled)| !**is_settled).map(|(key, _)| key);
        open.filter(|key| !self.is_in_task(key)).cloned().collect()
    }

    /// Ends requests whose time is over.
    pub(super) fn expire(&mut self, now: Duration) {
        while let Some((deadline, name)) = self.deadlines.first().cloned()
            && deadline <= now
        {
            self.deadlines.pop_first();
            let Some(progress) = self.requests.get(&name) else { continue };
            if progress.is_over || !self.is_told_of(progress) {
                self.forget(&name);
                continue;
            }
            // The task ends in any case.
            if progress.keys.iter().any(|(key, is_settled)| !is_settled && self.is_in_task(key)) {
                self.advance(now, &name);
                continue;
            }
            self.give_up(now, &name);
        }
    }

    /// Ends all requests, since nothing more will be stored.
    pub(super) fn close(&mut self, now: Duration) {
        let names: Vec<_> = self.requests.keys().cloned().collect();
        for name in names {
            self.end(now, &name, Some("the adapter was closed"));
        }
    }

    /// When to call [`expire`](Self::expire) next.
    pub(super) fn next_deadline(&self) -> Option<Duration> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    /// The notifications of the proxy, each once.
    pub(super) fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    pub(super) fn counters(&self) -> RequestCounters {
        let is_open = |progress: &&RequestProgress| !progress.is_over && self.is_told_of(progress);
        let open = self.requests.values().filter(is_open).count() as u64;
        RequestCounters { open, ..self.counters }
    }

    fn is_in_task(&self, key: &ObjectKey) -> bool {
        self.keys.get(key).is_some_and(|of_key| of_key.open_tasks > 0)
    }

    /// The name of a request that is followed from now on.
    fn follow(&mut self, now: Duration, request: &str) -> Arc<str> {
        if let Some((name, _)) = self.requests.get_key_value(request) {
            return Arc::clone(name);
        }
        if self.requests.len() >= self.limits.requests_max
            && let Some((_, name)) = self.deadlines.pop_first()
        {
            let reason = format!(
                "the limit of {} is reached: this one was idle for longest",
                counted(self.requests.len(), "open request")
            );
            self.end(now, &name, Some(&reason));
            self.forget(&name);
        }
        let name: Arc<str> = request.into();
        let deadline = now + self.limits.before_end;
        self.requests.insert(Arc::clone(&name), RequestProgress { deadline, ..RequestProgress::default() });
        self.deadlines.insert((deadline, Arc::clone(&name)));
        name
    }

    /// Settles keys for all requests that expect them.
    fn settle(&mut self, now: Duration, keys: &[ObjectKey], failure: Option<&str>) {
        let mut touched = BTreeSet::new();
        for key in keys {
            let Some(of_key) = self.keys.get(key) else { continue };
            for name in &of_key.requests {
                let Some(progress) = self.requests.get_mut(name) else { continue };
                if let Some(is_settled @ false) = progress.keys.get_mut(key) {
                    *is_settled = true;
                    progress.open_keys -= 1;
                    if let Some(failure) = failure {
                        progress.fail(failure);
                    }
                    touched.insert(Arc::clone(name));
                }
            }
        }
        touched.iter().for_each(|name| self.advance(now, name));
    }

    /// A request has had an event: it is over, or has more time.
    fn advance(&mut self, now: Duration, name: &Arc<str>) {
        let Some(progress) = self.requests.get(name) else { return };
        let is_settled = progress.is_rejected || progress.open_keys == 0;
        if !progress.is_over && progress.has_ended && is_settled && self.is_told_of(progress) {
            return self.end(now, name, None);
        }
        let wait = match (progress.is_over, progress.has_ended) {
            (true, _) => self.limits.after_notice,
            (false, true) => self.limits.after_end,
            (false, false) => self.limits.before_end,
        };
        self.set_deadline(name, now + wait);
    }

    fn give_up(&mut self, now: Duration, name: &Arc<str>) {
        let Some(progress) = self.requests.get(name) else { return };
        let (open, all) = (progress.open_keys, progress.keys.len());
        let reason = if progress.has_ended {
            format!(
                "{open} of its {all} chunks were not stored within {} s after the request's end: the request was aborted, or \
                 LMCache had no room for them in L1",
                self.limits.after_end.as_secs()
            )
        } else {
            format!("it has not ended, and nothing of it was stored for {} s", self.limits.before_end.as_secs())
        };
        self.counters.missing_chunks += open as u64;
        self.end(now, name, Some(&reason));
    }

    /// The request is over: the proxy is notified, once.
    fn end(&mut self, now: Duration, name: &Arc<str>, failure: Option<&str>) {
        let Some(progress) = self.requests.get(name).filter(|progress| !progress.is_over) else { return };
        let is_told_of = self.is_told_of(progress);
        let Some(progress) = self.requests.get_mut(name) else { return };
        progress.is_over = true;
        if let Some(failure) = failure {
            progress.fail(failure);
        }
        let failure = progress.failure.take();
        let request = progress.words.proxy_request.clone().unwrap_or_else(|| name.to_string());
        // A key of a rejected request may still come, and goes to no receiver.
        if !progress.is_rejected {
            self.drop_keys_of(name);
        }
        self.set_deadline(name, now + self.limits.after_notice);
        if is_told_of {
            self.counters.failed += u64::from(failure.is_some());
            self.notices.push(Notice { request, failure });
        }
    }

    /// Whether the proxy is notified of a request by this sender.
    fn is_told_of(&self, progress: &RequestProgress) -> bool {
        progress.is_rejected || is_for(self.receiver_name.as_deref(), &progress.words)
    }

    fn set_deadline(&mut self, name: &Arc<str>, deadline: Duration) {
        if let Some(progress) = self.requests.get_mut(name) {
            self.deadlines.remove(&(progress.deadline, Arc::clone(name)));
            progress.deadline = deadline;
            self.deadlines.insert((deadline, Arc::clone(name)));
        }
    }

    fn forget(&mut self, name: &Arc<str>) {
        self.drop_keys_of(name);
        if let Some(progress) = self.requests.remove(name) {
            self.deadlines.remove(&(progress.deadline, Arc::clone(name)));
        }
    }

    fn drop_keys_of(&mut self, name: &Arc<str>) {
        let Some(progress) = self.requests.get_mut(name) else { return };
        progress.open_keys = 0;
        let keys = std::mem::take(&mut progress.keys);
        self.expected_keys -= keys.len();
        for key in keys.into_keys() {
            if let Some(of_key) = self.keys.get_mut(&key) {
                of_key.requests.remove(name);
            }
            self.drop_unused_key(&key);
        }
    }

    fn drop_unused_key(&mut self, key: &ObjectKey) {
        let is_unused = |of_key: &KeyProgress| of_key.requests.is_empty() && of_key.open_tasks == 0;
        if self.keys.get(key).is_some_and(is_unused) {
            self.keys.remove(key);
        }
    }
}

impl RequestProgress {
    /// The first failure is the one that is reported.
    fn fail(&mut self, reason: &str) {
        self.failure.get_or_insert_with(|| reason.to_owned());
    }
}

/// Whether a request is for the sender to this receiver.
fn is_for(receiver_name: Option<&str>, words: &RequestWords) -> bool {
    match (receiver_name, words.receiver.as_deref()) {
        (Some(ours), Some(named)) => ours == named,
        (None, _) | (_, None) => true,
    }
}
