//! Store tasks: from the caller's chunks to one result each.

use std::{collections::BTreeSet, time::Duration};

use super::{ChunkSource, ChunkToStore, SenderAction, SenderMachine, requests::Request};
use crate::{
    adapter::{StoreResult, TaskId},
    adapters::pd_l2_adapter::protocol::{RequestId, ReserveRequest, WantedChunk},
};

/// A task that is not over.
#[derive(Debug)]
pub(super) struct Task {
    /// Distinct keys.
    pub(super) chunks: Vec<TaskChunk>,
    pub(super) deadline: Duration,
    /// When it asks for slots; `None` while a request of it is open.
    pub(super) reserve_at: Option<Duration>,
    /// Keys are left that another request is writing: asking for them may take a while.
    pub(super) waits_for_others: bool,
    pub(super) written_bytes: u64,
}

#[derive(Debug)]
pub(super) struct TaskChunk {
    pub(super) wanted: WantedChunk,
    /// Its place in the caller's list.
    pub(super) index: usize,
    pub(super) source: ChunkSource,
    pub(super) is_stored: bool,
}

impl SenderMachine {
    /// Stores chunks. The task is over by its deadline, whatever happens.
    pub(crate) fn submit_store(&mut self, now: Duration, task: TaskId, chunks: Vec<ChunkToStore>) {
        let mut keys = BTreeSet::new();
        let chunks: Vec<TaskChunk> = chunks
            .into_iter()
            .enumerate()
            .filter(|(_, chunk)| keys.insert(chunk.key.clone()))
            .map(|(index, ChunkToStore { key, length_bytes, source })| TaskChunk {
                wanted: WantedChunk { key, length_bytes },
                index,
                source,
                is_stored: false,
            })
            .collect();
        if let Some(reason) = self.reason_to_refuse(&chunks) {
            self.counters.failed_tasks += 1;
            return self.actions.push_back(SenderAction::Complete { task, result: StoreResult::failure(reason) });
        }
        let deadline = now + self.settings.store_deadline;
        let open = Task { chunks, deadline, reserve_at: Some(now), waits_for_others: false, written_bytes: 0 };
        self.tasks.insert(task, open);
        self.complete_if_stored(task);
        self.keep_link(now);
        self.advance(now);
    }

    fn reason_to_refuse(&self, chunks: &[TaskChunk]) -> Option<String> {
        if self.is_closed {
            return Some("the adapter is closed".to_owned());
        }
        if self.tasks.len() >= self.settings.tasks_max {
            return Some(format!("{} store tasks are open already, which is the limit", self.tasks.len()));
        }
        if chunks.len() > self.settings.keys_per_task_max {
            let limit = self.settings.keys_per_task_max;
            return Some(format!("the task has {} keys, the limit is {limit}: store them in parts", chunks.len()));
        }
        let capacity = self.staging.capacity_bytes();
        chunks.iter().find_map(|chunk| match (chunk.wanted.length_bytes, chunk.source) {
            (0, _) => Some(format!("the chunk {} has no bytes", chunk.wanted.key)),
            (length, ChunkSource::Caller) if length > capacity => Some(format!(
                "a chunk of {length} bytes does not fit into the staging buffer of {capacity} bytes: raise `buffer_size`"
            )),
            _ => None,
        })
    }

    /// Asks for slots for every task that needs some and may ask now.
    pub(super) fn reserve_for_tasks(&mut self, now: Duration) {
        let Some((receiver, region)) = self.link.up().map(|up| (up.receiver, up.region.clone())) else { return };
        let due: Vec<TaskId> = self
            .tasks
            .iter()
            .filter(|(_, task)| task.reserve_at.is_some_and(|at| at <= now))
            .map(|(id, _)| *id)
            .collect();
        for id in due {
            let Some(task) = self.tasks.get_mut(&id) else { continue };
            let missing = || task.chunks.iter().enumerate().filter(|(_, chunk)| !chunk.is_stored);
            let total_bytes: u64 = missing().map(|(_, chunk)| chunk.wanted.length_bytes).sum();
            if total_bytes > region.length_bytes {
                self.fail_task(now, id, too_large(total_bytes, region.length_bytes));
                continue;
            }
            let request = self.next_request;
            self.next_request = RequestId(request.0 + 1);
            let chunks: Vec<usize> = missing().map(|(position, _)| position).collect();
            let wanted = missing().map(|(_, chunk)| chunk.wanted.clone()).collect();
            task.reserve_at = None;
            let left = task.deadline.saturating_sub(now);
            let wait = self.settings.reserve_wait.min(left);
            self.requests.insert(request, Request::new(id, receiver, region.number, chunks));
            self.actions.push_back(SenderAction::Reserve(ReserveRequest {
                epoch: self.epoch,
                request,
                region: region.number,
                chunks: wanted,
                wait_ms: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
            }));
        }
    }

    /// A task that has all its keys at the receiver is over.
    pub(super) fn complete_if_stored(&mut self, id: TaskId) {
        if self.tasks.get(&id).is_some_and(|task| task.chunks.iter().all(|chunk| chunk.is_stored))
            && let Some(task) = self.tasks.remove(&id)
        {
            self.counters.stored_tasks += 1;
            let result = StoreResult::success(task.written_bytes);
            self.actions.push_back(SenderAction::Complete { task: id, result });
        }
    }

    /// The task is over without success. Its requests are given up; writes that are under way go on without it.
    pub(super) fn fail_task(&mut self, now: Duration, id: TaskId, reason: String) {
        let Some(task) = self.tasks.remove(&id) else { return };
        self.counters.failed_tasks += 1;
        let requests: Vec<RequestId> =
            self.requests.iter().filter(|(_, request)| request.task == Some(id)).map(|(request, _)| *request).collect();
        for request in requests {
            self.give_up_request(now, request);
        }
        let result = StoreResult { bytes_transferred: task.written_bytes, failure: Some(reason) };
        self.actions.push_back(SenderAction::Complete { task: id, result });
    }

    pub(super) fn fail_late_tasks(&mut self, now: Duration) {
        let late: Vec<TaskId> = self.tasks.iter().filter(|(_, task)| task.deadline <= now).map(|(id, _)| *id).collect();
        for id in late {
            let waits_for_others = self.tasks.get(&id).is_some_and(|task| task.waits_for_others);
            let reason = match (self.link.up(), waits_for_others) {
                (None, _) => format!(
                    "the receiver was not reached in time: {}",
                    self.link.last_failure().unwrap_or_else(|| "it has not answered".to_owned())
                ),
                (Some(_), true) => "another sender's write of the same chunk did not end in time".to_owned(),
                (Some(_), false) => "the chunks were not stored in time: the receiver is full, or slow".to_owned(),
            };
            self.fail_task(now, id, reason);
        }
        let stuck: Vec<(RequestId, Option<TaskId>)> = self
            .requests
            .iter()
            .filter(|(_, request)| request.write_by().is_some_and(|by| by <= now))
            .map(|(id, request)| (*id, request.task))
            .collect();
        for (_, task) in stuck {
            if let Some(task) = task {
                self.fail_task(now, task, "a write did not end in time".to_owned());
            }
        }
    }
}

pub(super) fn too_large(requested_bytes: u64, capacity_bytes: u64) -> String {
    format!(
        "the task's {requested_bytes} bytes do not fit into the receiver's buffer of {capacity_bytes} bytes: raise its \
         `buffer_size`, or store less at once"
    )
}
