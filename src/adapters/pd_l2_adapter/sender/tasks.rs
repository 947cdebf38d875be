//! Store tasks: from the caller's chunks to one result each.

use l2_adapter_schema::counted;
use std::{collections::BTreeSet, time::Duration};

use super::{
    ChunkSource, ChunkToStore, SenderAction, SenderCall, SenderMachine, link::Up, peer::PeerTrouble, requests::Request,
};
use crate::{
    adapter::{StoreResult, TaskId},
    adapters::pd_l2_adapter::protocol::{LayoutFingerprint, RequestId, ReserveRequest, WantedChunk},
};

/// Busy answers in a row that lengthen the delay: to at most 32 times the first one.
const BUSY_ANSWERS_COUNTED_MAX: u32 = 5;

/// An open task.
#[derive(Debug)]
pub(super) struct Task {
    /// Distinct keys.
    pub(super) chunks: Vec<TaskChunk>,
    /// The open request; `None` if it has none. Cancelled requests belong to no task.
    pub(super) request: Option<RequestId>,
    /// Another request is writing the remaining keys, so reserving them may take a while.
    pub(super) waits_for_others: bool,
    /// Busy answers in a row.
    pub(super) busy_answers: u32,
    pub(super) written_bytes: u64,
    /// Why it was not stored the last time.
    pub(super) setback: Option<&'static str>,
    deadline: Duration,
}

#[derive(Debug)]
pub(super) struct TaskChunk {
    pub(super) wanted: WantedChunk,
    /// Its index in the caller's list.
    pub(super) index: usize,
    pub(super) layout: Option<LayoutFingerprint>,
    pub(super) source: ChunkSource,
    pub(super) is_stored: bool,
}

impl SenderMachine {
    /// Stores chunks. The task ends by its deadline, whatever happens.
    pub(crate) fn submit_store(&mut self, now: Duration, task: TaskId, chunks: Vec<ChunkToStore>) {
        let mut keys = BTreeSet::new();
        let chunks: Vec<TaskChunk> = chunks
            .into_iter()
            .enumerate()
            .filter(|(_, chunk)| keys.insert(chunk.key.clone()))
            .map(|(index, ChunkToStore { key, length_bytes, layout, source })| TaskChunk {
                wanted: WantedChunk { key, length_bytes },
                index,
                layout,
                source,
                is_stored: false,
            })
            .collect();
        if let Some(reason) = self.reason_to_refuse(&chunks) {
            self.counters.failed_tasks += 1;
            return self.actions.push_back(SenderAction::Complete { task, result: StoreResult::failure(reason) });
        }
        let deadline = now + self.settings.store_deadline;
        let open = Task {
            chunks,
            request: None,
            waits_for_others: false,
            busy_answers: 0,
            written_bytes: 0,
            setback: None,
            deadline,
        };
        self.tasks.insert(task, open);
        self.due.tasks.set(task, deadline);
        self.due.reserves.set(task, now);
        self.complete_if_stored(task);
        self.keep_link(now);
        self.advance(now);
    }

    fn reason_to_refuse(&self, chunks: &[TaskChunk]) -> Option<String> {
        if self.is_closed {
            return Some("the adapter is closed".to_owned());
        }
        if self.tasks.len() >= self.settings.tasks_max {
            return Some(format!(
                "the limit of {} is reached: store again later",
                counted(self.tasks.len(), "open store task")
            ));
        }
        if chunks.len() > self.settings.keys_per_task_max {
            let limit = self.settings.keys_per_task_max;
            return Some(format!(
                "the task has {}, the limit is {limit}: store them in parts",
                counted(chunks.len(), "key")
            ));
        }
        let capacity = self.staging.capacity_bytes();
        chunks.iter().find_map(|chunk| match (chunk.wanted.length_bytes, chunk.source) {
            (0, _) => Some(format!("the chunk {} has no bytes", chunk.wanted.key)),
            (length, ChunkSource::Caller) if length > capacity => Some(format!(
                "a chunk of {} does not fit into the staging buffer of {}: raise `buffer_size`",
                counted(length, "byte"),
                counted(capacity, "byte")
            )),
            _ => None,
        })
    }

    /// Reserves slots for every task that needs some and may reserve now.
    pub(super) fn reserve_for_tasks(&mut self, now: Duration) {
        let Some(up) = self.link.up().filter(|_| self.may_write()) else { return };
        let (destination, region_bytes) = (up.destination, up.region.probe_offset_bytes);
        while let Some(id) = self.due.reserves.pop_due(now) {
            let Some(task) = self.tasks.get_mut(&id) else { continue };
            let missing = || task.chunks.iter().enumerate().filter(|(_, chunk)| !chunk.is_stored);
            let total_bytes = missing().map(|(_, chunk)| chunk.wanted.length_bytes).fold(0, u64::saturating_add);
            if total_bytes > region_bytes {
                self.fail_task(now, id, too_large(total_bytes, region_bytes));
                continue;
            }
            let request = self.next_request;
            self.next_request = RequestId(request.0 + 1);
            let chunks: Vec<usize> = missing().map(|(position, _)| position).collect();
            let wanted = missing().map(|(_, chunk)| chunk.wanted.clone()).collect();
            task.request = Some(request);
            let wait = self.settings.reserve_wait.min(task.deadline.saturating_sub(now));
            self.requests.insert(request, Request::new(id, destination, chunks));
            self.call(SenderCall::Reserve(ReserveRequest {
                epoch: self.epoch,
                request,
                destination,
                chunks: wanted,
                wait_ms: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
            }));
        }
    }

    /// The task's request has ended or was cancelled: another one is made after a delay.
    pub(super) fn ask_again(&mut self, now: Duration, id: TaskId) {
        if let Some(task) = self.tasks.get_mut(&id) {
            task.request = None;
            let delay = self.settings.retry_delay * (1 << task.busy_answers.min(BUSY_ANSWERS_COUNTED_MAX));
            self.due.reserves.set(id, now + delay);
        }
    }

    /// Completes a task whose keys are all at the receiver.
    pub(super) fn complete_if_stored(&mut self, id: TaskId) {
        if self.tasks.get(&id).is_some_and(|task| task.chunks.iter().all(|chunk| chunk.is_stored))
            && let Some(task) = self.forget_task(id)
        {
            self.counters.stored_tasks += 1;
            let result = StoreResult::success(task.written_bytes);
            self.actions.push_back(SenderAction::Complete { task: id, result });
        }
    }

    /// Ends the task as failed. Its request is cancelled; writes in progress continue without it.
    pub(super) fn fail_task(&mut self, now: Duration, id: TaskId, reason: String) {
        let Some(task) = self.forget_task(id) else { return };
        self.counters.failed_tasks += 1;
        if let Some(request) = task.request {
            self.give_up_request(now, request);
        }
        let result = StoreResult { bytes_transferred: task.written_bytes, failure: Some(reason) };
        self.actions.push_back(SenderAction::Complete { task: id, result });
    }

    fn forget_task(&mut self, id: TaskId) -> Option<Task> {
        self.due.tasks.remove(id);
        self.due.reserves.remove(id);
        self.tasks.remove(&id)
    }

    pub(super) fn fail_late_tasks(&mut self, now: Duration) {
        while let Some(id) = self.due.tasks.pop_due(now) {
            let Some(task) = self.tasks.get(&id) else { continue };
            let (waits_for_others, setback) = (task.waits_for_others, task.setback);
            let reason = match (self.peer_trouble().filter(|_| self.link.up().is_some()), setback) {
                (Some(trouble), _) => format!("the chunks were not stored in time: {trouble}"),
                (None, Some(setback)) => setback.to_owned(),
                (None, None) => too_late(self.link.up(), self.link.last_failure(), waits_for_others),
            };
            self.fail_task(now, id, reason);
        }
        while let Some(id) = self.due.writes.pop_due(now) {
            let Some(write) = self.writes.get(&id) else { continue };
            let (peer, task) = (write.peer, self.requests.get(&write.request).and_then(|request| request.task));
            let deadline = self.settings.write_deadline.as_secs_f64();
            let reason = format!(
                "a write did not end within {deadline} s: check the network to the receiver, and that the receiver is \
                 not stopped; a slow network needs a longer `write_seconds`"
            );
            if let Some(task) = task {
                self.fail_task(now, task, reason.clone());
            }
            let since = now.saturating_sub(self.settings.write_deadline);
            self.doubt_peer(now, peer, PeerTrouble { since, reason });
        }
    }
}

fn too_late(up: Option<&Up>, last_failure: Option<String>, waits_for_others: bool) -> String {
    match (up, waits_for_others) {
        (None, _) => format!(
            "the receiver was not reached in time: {}; check that it runs, and that `peer_host` and the ports lead to it",
            last_failure.unwrap_or_else(|| "it has not responded".to_owned())
        ),
        (Some(_), true) => {
            "another store was writing the same chunk and did not finish in time: store the chunk again".to_owned()
        }
        (Some(_), false) => {
            "the chunks were not stored in time: the receiver is full, or slow; raise its `buffer_size`, \
                             or look for requests whose chunks it never loads"
                .to_owned()
        }
    }
}

pub(super) fn too_large(requested_bytes: u64, capacity_bytes: u64) -> String {
    format!(
        "the task's {requested_bytes} bytes do not fit into the receiver's buffer of {capacity_bytes} bytes: raise its \
         `buffer_size`, or store less at once"
    )
}
