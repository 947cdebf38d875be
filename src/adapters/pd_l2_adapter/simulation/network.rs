//! Connections and their traffic: calls and answers that are lost, duplicated, late or reordered, and the one message that
//! proves a death: the close that a kernel sends.

use super::{
    clock::{MILLISECOND, Micros},
    coverage::Seen,
    world::{Event, Process, World},
};
use crate::adapters::pd_l2_adapter::protocol::{
    CancelRequest, CommitAnswer, CommitRequest, Epoch, HandshakeAnswer, HandshakeRefusal, HandshakeRequest, Refusal,
    RegionNumber, ReserveAnswer, ReserveRequest,
};

pub(super) const TO_RECEIVER: usize = 0;
pub(super) const TO_SENDER: usize = 1;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ConnectionId(pub(super) usize);

/// One control connection. Invariant of its sender: its socket is not closed while a write is in flight.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) sender: usize,
    pub(super) sender_process: Process,
    pub(super) receiver_process: Process,
    /// The sender's socket is open.
    pub(super) is_open: bool,
    /// The receiver's kernel knows that the sender's socket is closed.
    pub(super) close_arrived: bool,
    /// No message passes any more.
    pub(super) is_broken: bool,
    /// The close does not pass either.
    pub(super) is_half_open: bool,
}

#[derive(Debug, Clone)]
pub(super) enum Call {
    /// With the number of the attempt. It represents the calls on both ports.
    Handshake(HandshakeRequest, u64),
    Reserve(ReserveRequest),
    Commit(CommitRequest),
    Cancel(CancelRequest),
    Heartbeat(Epoch, bool),
}

#[derive(Debug, Clone)]
pub(super) enum Answer {
    Handshake(Result<HandshakeAnswer, HandshakeRefusal>),
    /// The handshake was accepted, but the connection was not attached.
    NotAttached(Refusal),
    Reserve(ReserveAnswer),
    Commit(CommitAnswer),
    Cancel(Result<(), Refusal>),
    Heartbeat(Result<RegionNumber, Refusal>),
}

impl World {
    pub(super) fn send_call(&mut self, connection: ConnectionId, number: u64, call: Call) {
        let may_double = !matches!(call, Call::Handshake(..));
        self.send(connection, TO_RECEIVER, may_double, Event::CallArrives { connection, number, call });
    }

    pub(super) fn send_answer(&mut self, connection: ConnectionId, number: u64, answer: Answer) {
        let Connection { sender, sender_process: process, .. } = self.connections[connection.0];
        self.send(connection, TO_SENDER, true, Event::AnswerArrives { sender, process, number, answer });
    }

    fn send(&mut self, connection: ConnectionId, direction: usize, may_double: bool, event: Event) {
        if may_double && self.happens(self.options.duplicate, |random| &mut random.network) {
            self.see(Seen::MessageDuplicated);
            self.send_once(connection, direction, event.clone());
        }
        self.send_once(connection, direction, event);
    }

    fn send_once(&mut self, connection: ConnectionId, direction: usize, event: Event) {
        let Connection { sender, is_broken, is_open, .. } = self.connections[connection.0];
        if is_broken || !is_open || self.happens(self.options.lose, |random| &mut random.network) {
            return self.see(Seen::MessageLost);
        }
        let delay = self.delay();
        let cut_until = self.cuts[sender][direction];
        if cut_until > self.now {
            // A kernel's retransmissions arrive when the cut is over, unless the connection is given up before.
            if self.random.network.bool() {
                return self.see(Seen::MessageCut);
            }
            self.see(Seen::MessageAfterCut);
            return self.at(cut_until + delay, event);
        }
        self.after(delay, event);
    }

    fn delay(&mut self) -> Micros {
        if !self.has_faults {
            return self.random.network.u64(50..MILLISECOND);
        }
        let delay = self.random.network.u64(50..=self.options.delay_max);
        if self.happens(self.options.overtake, |random| &mut random.network) {
            self.see(Seen::MessageOvertaken);
            return delay * 10;
        }
        delay
    }

    /// The sender's kernel closes a socket: the process closed it, or has died.
    pub(super) fn close_connection(&mut self, id: ConnectionId) {
        let connection = &mut self.connections[id.0];
        if !std::mem::replace(&mut connection.is_open, false) || connection.is_half_open {
            return;
        }
        let sender = connection.sender;
        let delay = self.delay();
        let cut_until = self.cuts[sender][TO_RECEIVER];
        if cut_until <= self.now {
            return self.after(delay, Event::CloseArrives(id));
        }
        self.see(Seen::CloseCut);
        if self.random.network.bool() {
            self.at(cut_until + delay, Event::CloseArrives(id));
        }
    }

    /// Every connection of a process, in whatever state.
    pub(super) fn connections_of(&self, sender: usize, process: Process) -> Vec<ConnectionId> {
        let is_its = |connection: &Connection| connection.sender == sender && connection.sender_process == process;
        (0..self.connections.len()).filter(|id| is_its(&self.connections[*id])).map(ConnectionId).collect()
    }
}
