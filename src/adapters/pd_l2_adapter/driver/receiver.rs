//! The driver of a receiver's rank.

use std::time::Duration;

use super::{
    Rest,
    commits::Commits,
    loads::Loads,
    pace::{Pace, Pause},
    worlds::{LoadId, ReceiverWorld},
};
use crate::{
    adapter::{Bitmap, ObjectKey},
    adapters::pd_l2_adapter::{
        protocol::{CallId, ClosedByPeer, ConnectionNumber, ControlAnswer, ControlCall},
        receiver::{LookupId, ReceiverAction, ReceiverMachine, ReceiverStatus, WantedLayouts},
    },
};

/// A turn later than this shows that the thread or the whole process stood still. Heartbeats that arrived meanwhile are still
/// unread in the sockets, and the leases that they renew have not run out.
const STOOD_STILL: Duration = Duration::from_millis(100);

/// Bytes copied to callers in one turn, and hashed for commits (except that a longer chunk is hashed whole): a tenth of a
/// millisecond each.
const PART_BYTES: u64 = 1 << 20;

/// Events of a receiver's rank: from the server, and from its own ports.
#[derive(Debug)]
pub(in super::super) enum ReceiverEvent {
    LookUp {
        lookup: LookupId,
        keys: Vec<ObjectKey>,
        layouts: WantedLayouts,
    },
    Unlock(Vec<ObjectKey>),
    Delete(Vec<ObjectKey>),
    /// With the length of each chunk's buffer.
    Load {
        load: LoadId,
        chunks: Vec<(ObjectKey, u64)>,
    },
    Call {
        call: CallId,
        request: ControlCall,
    },
    CallAbandoned(CallId),
    PeerClosed(ClosedByPeer),
    ConnectionGone(ConnectionNumber),
    /// The next turn, which is the last, answers everything that waits.
    Close,
}

/// A receiver's rank. Belongs to the rank's thread.
#[derive(Debug)]
pub(in super::super) struct ReceiverDriver {
    machine: ReceiverMachine,
    loads: Loads,
    commits: Commits,
    pace: Pace,
    part_bytes: u64,
    is_replacing: bool,
    is_closing: bool,
    /// When the next turn was due, according to the last `rest`.
    due: Option<Duration>,
    results: Results,
}

/// What callers get at the end of a turn.
#[derive(Debug, Default)]
struct Results {
    answers: Vec<(CallId, ControlAnswer)>,
    lookups: Vec<(LookupId, Bitmap)>,
    loads: Vec<(LoadId, Bitmap)>,
}

impl Results {
    fn is_empty(&self) -> bool {
        self.answers.is_empty() && self.lookups.is_empty() && self.loads.is_empty()
    }
}

impl ReceiverDriver {
    pub(in super::super) fn new(machine: ReceiverMachine) -> Self {
        Self {
            machine,
            loads: Loads::default(),
            commits: Commits::default(),
            pace: Pace::default(),
            part_bytes: PART_BYTES,
            is_replacing: false,
            is_closing: false,
            due: None,
            results: Results::default(),
        }
    }

    /// Copies and hashes this many bytes in one turn.
    #[cfg(test)]
    pub(in super::super) fn with_parts_of(mut self, bytes: u64) -> Self {
        self.part_bytes = bytes;
        self
    }

    /// Takes an event. Its consequences follow in the next [`turn`](Self::turn), which may serve many events.
    pub(in super::super) fn handle(&mut self, now: Duration, event: ReceiverEvent) {
        self.pace.activity(now);
        match event {
            ReceiverEvent::LookUp { lookup, keys, layouts } => self.machine.handle_lookup(now, lookup, keys, layouts),
            ReceiverEvent::Unlock(keys) => self.machine.unlock(now, &keys),
            ReceiverEvent::Delete(keys) => self.machine.delete(now, &keys),
            ReceiverEvent::Load { load, chunks } => self.loads.add(load, chunks),
            ReceiverEvent::Call { call, request } => self.call(now, call, request),
            ReceiverEvent::CallAbandoned(call) => {
                let ended = self.commits.abandon(call, &mut self.machine, now);
                let answers = ended.into_iter().map(|(call, answer)| (call, ControlAnswer::Commit(answer)));
                self.results.answers.extend(answers);
                self.machine.handle_call_abandoned(now, call);
            }
            ReceiverEvent::PeerClosed(closed) => self.machine.handle_peer_closed(now, closed),
            ReceiverEvent::ConnectionGone(connection) => self.machine.handle_connection_gone(connection),
            ReceiverEvent::Close => {
                self.is_closing = true;
                self.machine.close(now);
            }
        }
    }

    fn call(&mut self, now: Duration, call: CallId, request: ControlCall) {
        let answer = match request {
            ControlCall::Handshake(request) => ControlAnswer::Handshake(self.machine.handle_handshake(now, &request)),
            ControlCall::Attach(connection, attachment) => {
                ControlAnswer::Attach(self.machine.handle_attach(now, connection, attachment))
            }
            ControlCall::Reserve(request) => return self.machine.handle_reserve(now, call, request),
            ControlCall::Commit(request, spoken) => {
                if self.machine.must_hash(&request) {
                    return self.commits.add(call, request, spoken);
                }
                ControlAnswer::Commit(self.machine.handle_commit(now, request, &spoken, &[]))
            }
            ControlCall::Cancel(request, spoken) => {
                ControlAnswer::Cancel(self.machine.handle_cancel(now, request, &spoken))
            }
            ControlCall::Heartbeat { epoch, is_probing } => {
                ControlAnswer::Heartbeat(self.machine.handle_heartbeat(now, epoch, is_probing))
            }
        };
        self.results.answers.push((call, answer));
    }

    /// Handles deadlines and performs all actions of the machine; then polls the channel, and hashes and copies one part.
    pub(in super::super) fn turn(&mut self, world: &mut impl ReceiverWorld) {
        self.machine.handle_deadline(world.now());
        self.perform(world);
        if self.machine.must_poll_channel() {
            // What the poll took had arrived by then, however long the poll itself takes.
            let began = world.now();
            let polled = world.poll_channel();
            self.machine.handle_channel_polled(began, &polled);
        }
        self.look_at_replacement(world);
        self.go_on(world);
        self.perform(world);
    }

    fn go_on(&mut self, world: &mut impl ReceiverWorld) {
        let (committed, loaded) = if self.is_closing {
            (self.commits.refuse_all(&mut self.machine, world.now()), self.loads.abandon(&mut self.machine, world))
        } else {
            (
                self.commits.hash_a_part(&mut self.machine, world, self.part_bytes),
                self.loads.copy_a_part(&mut self.machine, world, self.part_bytes),
            )
        };
        let answers = committed.into_iter().map(|(call, answer)| (call, ControlAnswer::Commit(answer)));
        self.results.answers.extend(answers);
        self.results.loads.extend(loaded);
    }

    fn look_at_replacement(&mut self, world: &mut impl ReceiverWorld) {
        let Some(replaced) = self.is_replacing.then(|| world.replaced_region()).flatten() else { return };
        self.is_replacing = false;
        match replaced {
            Ok((region, evidence)) => self.machine.handle_region_replaced(world.now(), region, &evidence),
            Err(error) => self.replacement_failed(world.now(), &error),
        }
    }

    fn replacement_failed(&mut self, now: Duration, error: &str) {
        tracing::warn!(error, "the staging memory could not be replaced: quarantined slots stay quarantined");
        self.machine.handle_region_replacement_failed(now);
    }

    fn perform(&mut self, world: &mut impl ReceiverWorld) {
        self.machine.report_accesses(world.wants_accesses());
        while let Some(action) = self.machine.poll_action() {
            match action {
                ReceiverAction::AnswerReserve { call, answer } => {
                    self.results.answers.push((call, ControlAnswer::Reserve(answer)));
                }
                ReceiverAction::AnswerLookup { lookup, found } => self.results.lookups.push((lookup, found)),
                ReceiverAction::ReplaceRegion => {
                    let begun = world.begin_replacing_region();
                    self.is_replacing = begun.is_ok();
                    if let Err(error) = begun {
                        self.replacement_failed(world.now(), &error);
                    }
                }
                ReceiverAction::KeysStored(keys) => world.keys_stored(keys),
                ReceiverAction::KeysAccessed(keys) => world.keys_accessed(keys),
                ReceiverAction::KeysDeleted(keys) => world.keys_deleted(keys),
            }
        }
        // Status, usage and listeners are updated before the callers get their answers.
        world.publish(self.machine.status());
        self.results.answers.drain(..).for_each(|(call, answer)| world.answer(call, answer));
        self.results.lookups.drain(..).for_each(|(lookup, found)| world.answer_lookup(lookup, found));
        self.results.loads.drain(..).for_each(|(load, loaded)| world.end_load(load, loaded));
    }

    /// Whether the last turn has been taken.
    pub(in super::super) fn is_over(&self) -> bool {
        self.is_closing && self.results.is_empty()
    }

    /// How long to wait before the next turn.
    pub(in super::super) fn rest(&mut self, now: Duration) -> Rest {
        self.due = self.machine.next_deadline();
        let has_work = !self.loads.is_empty() || !self.commits.is_empty();
        let pause = if has_work {
            Pause::None
        } else {
            self.pace.pause(now, self.machine.must_poll_channel() || self.is_replacing)
        };
        Rest { due: self.due, pause }
    }

    /// Whether this turn is so late that what arrived in the sockets must be read first.
    pub(in super::super) fn has_stood_still(&self, now: Duration) -> bool {
        self.due.is_some_and(|due| now > due + STOOD_STILL)
    }

    pub(in super::super) fn status(&self) -> ReceiverStatus {
        self.machine.status()
    }

    /// For checks of the machine's state.
    #[cfg(test)]
    pub(in super::super) fn machine(&self) -> &ReceiverMachine {
        &self.machine
    }

    /// For drivers that are broken on purpose.
    #[cfg(test)]
    pub(in super::super) fn machine_mut(&mut self) -> &mut ReceiverMachine {
        &mut self.machine
    }
}
