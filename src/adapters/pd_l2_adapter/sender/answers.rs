//! Handling of the receiver's answers to reserve and commit calls.

use l2_adapter_schema::counted;
use std::time::Duration;

use super::{
    CallFailure, SenderMachine,
    requests::{Grant, Stage},
    tasks::too_large,
};
use crate::{
    adapter::TaskId,
    adapters::pd_l2_adapter::protocol::{CommitAnswer, CommitResult, KeyAnswer, Refusal, RequestId, ReserveAnswer},
};

impl SenderMachine {
    /// A reserve call was answered or has failed.
    pub(crate) fn handle_reserve_answer(
        &mut self,
        now: Duration,
        id: RequestId,
        answer: Result<ReserveAnswer, CallFailure>,
    ) {
        if answer.is_ok() {
            self.link.answered(now);
        }
        let Some(request) = self.requests.get_mut(&id).filter(|request| request.stage == Stage::Reserving) else {
            // Cancelled meanwhile: the receiver has been told.
            return self.advance(now);
        };
        let Some(task) = request.task else { return };
        match answer {
            Ok(ReserveAnswer::Granted { destination, .. }) if destination != request.destination => {
                self.misdirected(now, id, task);
            }
            Ok(ReserveAnswer::Granted { keys, .. }) if keys.len() == request.chunks.len() => {
                self.granted(now, id, task, &keys);
            }
            Ok(ReserveAnswer::Granted { keys, .. }) => {
                let (asked, got) = (request.chunks.len(), keys.len());
                self.fail_task(
                    now,
                    task,
                    format!("the receiver returned {} for {}", counted(got, "result"), counted(asked, "key")),
                );
            }
            Ok(ReserveAnswer::Busy { .. }) => {
                self.counters.busy_answers += 1;
                self.is_receiver_full = true;
                self.requests.remove(&id);
                if let Some(task) = self.tasks.get_mut(&task) {
                    task.busy_answers = task.busy_answers.saturating_add(1);
                }
                self.ask_again(now, task);
            }
            Ok(ReserveAnswer::TooLarge { requested_bytes, capacity_bytes }) => {
                self.requests.remove(&id);
                self.fail_task(now, task, too_large(requested_bytes, capacity_bytes));
            }
            Ok(ReserveAnswer::Refused(Refusal::Malformed(reason))) => {
                self.requests.remove(&id);
                self.fail_task(now, task, format!("the receiver refuses the task: {reason}"));
            }
            Ok(ReserveAnswer::Refused(refusal)) => {
                // An earlier copy of the call may have been handled, and its slots quarantined meanwhile.
                self.give_up_request(now, id);
                self.ask_again(now, task);
                self.handle_failure(now, &CallFailure::Refused(refusal));
            }
            Err(failure) => {
                // The call may have been handled and slots granted: they are released before others are reserved.
                self.give_up_request(now, id);
                self.ask_again(now, task);
                self.handle_failure(now, &failure);
            }
        }
        self.advance(now);
    }

    /// A commit was answered or has failed.
    pub(crate) fn handle_commit_answer(
        &mut self,
        now: Duration,
        id: RequestId,
        answer: Result<CommitAnswer, CallFailure>,
    ) {
        let Some(request) = self.requests.get(&id).filter(|request| request.stage == Stage::Committing) else {
            return self.advance(now);
        };
        let Some(task) = request.task else { return };
        match answer {
            Ok(CommitAnswer::Results(results)) if results.len() == request.written.len() => {
                self.committed(now, id, task, &results);
            }
            Ok(CommitAnswer::Results(_)) => {
                self.fail_task(now, task, "the receiver did not return a result for every committed chunk".to_owned());
            }
            Ok(CommitAnswer::Refused(refusal)) => {
                self.give_up_request(now, id);
                self.ask_again(now, task);
                self.handle_failure(now, &CallFailure::Refused(refusal));
            }
            Err(failure) => {
                // If the commit was handled, the keys are present in the next reserve answer; if not, the slots are released.
                self.give_up_request(now, id);
                self.ask_again(now, task);
                self.handle_failure(now, &failure);
            }
        }
        self.advance(now);
    }

    /// The granted slots lie in other memory than was requested: nothing may be written with such a grant, nor over such a
    /// connection.
    fn misdirected(&mut self, now: Duration, id: RequestId, task: TaskId) {
        self.give_up_request(now, id);
        self.ask_again(now, task);
        self.link_down(now, "the receiver granted memory of another TP rank, receiver or region".to_owned());
    }

    fn granted(&mut self, now: Duration, id: RequestId, task_id: TaskId, answers: &[KeyAnswer]) {
        let Some(request) = self.requests.get_mut(&id) else { return };
        let Some(task) = self.tasks.get_mut(&task_id) else { return };
        task.waits_for_others = false;
        // Another task's grant is no evidence about a task that waits for more room.
        self.is_receiver_full &= task.busy_answers == 0;
        task.busy_answers = 0;
        for (position, answer) in request.chunks.iter().zip(answers) {
            let Some(chunk) = task.chunks.get_mut(*position) else { continue };
            match *answer {
                KeyAnswer::Write { ticket, offset_bytes } => {
                    request.to_write.push_back(Grant { chunk: *position, ticket, offset_bytes });
                }
                KeyAnswer::Present => {
                    chunk.is_stored = true;
                    self.counters.present_chunks += 1;
                }
                KeyAnswer::Pending => task.waits_for_others = true,
            }
        }
        if !request.to_write.is_empty() {
            request.stage = Stage::Writing;
            self.ready.insert(id);
            return;
        }
        self.requests.remove(&id);
        self.go_on(now, task_id);
    }

    fn committed(&mut self, now: Duration, id: RequestId, task_id: TaskId, results: &[CommitResult]) {
        let Some(request) = self.requests.get_mut(&id) else { return };
        let Some(task) = self.tasks.get_mut(&task_id) else { return };
        let mut failure = request.failure.take();
        for ((position, slot), result) in std::mem::take(&mut request.written).into_iter().zip(results) {
            let Some(chunk) = task.chunks.get_mut(position) else { continue };
            match result {
                CommitResult::Committed => {
                    chunk.is_stored = true;
                    task.written_bytes += slot.length_bytes;
                    self.counters.stored_chunks += 1;
                    self.counters.stored_bytes += slot.length_bytes;
                }
                CommitResult::Stale => {
                    request.is_cut_short = true;
                    task.setback = Some(LOST_LEASE);
                }
                refused => {
                    failure.get_or_insert_with(|| refused_commit(*refused));
                }
            }
        }
        match failure {
            None => {
                if request.is_cut_short {
                    // The slots whose write failed are released before others are reserved.
                    self.give_up_request(now, id);
                } else {
                    self.requests.remove(&id);
                }
                self.go_on(now, task_id);
            }
            // The task's end cancels the rest of the request.
            Some(reason) => self.fail_task(now, task_id, reason),
        }
    }

    /// Completes the task, or lets it wait for keys that other senders are writing.
    fn go_on(&mut self, now: Duration, task_id: TaskId) {
        self.complete_if_stored(task_id);
        // The receiver has already let the call wait for the others, so this is not a busy loop.
        self.ask_again(now, task_id);
    }
}

const LOST_LEASE: &str = "the receiver had reclaimed the chunk's slot: it heard nothing from this node for longer than the \
                          lease; raise `lease_seconds` if that happens often";

fn refused_commit(result: CommitResult) -> String {
    match result {
        CommitResult::WrongChecksum => {
            "the checksum of a chunk does not match: its bytes changed on the way; check the network and the memory of \
             both nodes"
        }
        CommitResult::WrongLength => {
            "the receiver had reserved another length for a chunk: run the same release on both nodes"
        }
        CommitResult::Stale | CommitResult::Committed => LOST_LEASE,
    }
    .to_owned()
}
