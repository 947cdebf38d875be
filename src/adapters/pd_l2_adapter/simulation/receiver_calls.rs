//! What arrives at the receiver: calls, and the closes that prove a death.

use super::{
    clock::MILLISECOND,
    coverage::Seen,
    memory::{index_of, length_of, tags_of},
    network::{Answer, Call, Connection, ConnectionId},
    sabotage::Sabotage,
    world::{Event, Process, World},
};
use crate::{
    adapter::ObjectKey,
    adapters::pd_l2_adapter::{
        protocol::{
            Attachment, CallId, ClosedByPeer, CommitAnswer, CommitRequest, CommitResult, ConnectionNumber, Epoch,
            HandshakeRequest, ReserveRequest, SlotTicket,
        },
        sender::SenderMachine,
    },
};

impl World {
    pub(super) fn call_arrives(&mut self, connection: ConnectionId, number: u64, call: Call) {
        let Connection { receiver_process, close_arrived, .. } = self.connections[connection.0];
        // What comes over a stream comes before its end, or not at all.
        if receiver_process != self.receiver.process || self.receiver.machine.is_none() || close_arrived {
            return;
        }
        let answer = match call {
            Call::Handshake(request, attempt) => {
                return self.handshake_arrives((connection, number), &request, attempt);
            }
            Call::Reserve(request) => return self.reserve_arrives(connection, number, request),
            Call::Commit(commit) => Answer::Commit(self.commit(commit)),
            Call::Cancel(cancel) => {
                let answer = self.tell_receiver(|machine, now, _| machine.handle_cancel(now, cancel));
                Answer::Cancel(answer.expect("the receiver runs"))
            }
            Call::Heartbeat(epoch, is_probing) => {
                let answer = self.tell_receiver(|machine, now, _| machine.handle_heartbeat(now, epoch, is_probing));
                Answer::Heartbeat(answer.expect("the receiver runs"))
            }
        };
        self.send_answer(connection, number, answer);
    }

    fn reserve_arrives(&mut self, connection: ConnectionId, number: u64, request: ReserveRequest) {
        let call = CallId(self.receiver.next_call);
        self.receiver.next_call += 1;
        self.receiver.calls.insert(call, (connection, number, request.clone()));
        self.tell_receiver(|machine, now, _| machine.handle_reserve(now, call, request));
        if self.receiver.calls.contains_key(&call) && self.happens(20, |random| &mut random.network) {
            self.after(MILLISECOND, Event::CallerHangsUp(self.receiver.process, call));
        }
    }

    pub(super) fn caller_hangs_up(&mut self, process: Process, call: CallId) {
        if self.receiver.process == process && self.receiver.calls.remove(&call).is_some() {
            self.see(Seen::CallAbandoned);
            self.tell_receiver(|machine, now, _| machine.handle_call_abandoned(now, call));
        }
    }

    pub(super) fn commit(&mut self, commit: CommitRequest) -> CommitAnswer {
        let tickets: Vec<SlotTicket> = commit.slots.iter().map(|slot| slot.ticket).collect();
        self.receiver.committing.clone_from(&tickets);
        let answer = self.tell_receiver(|machine, now, memory| machine.handle_commit(now, commit, memory));
        let answer = answer.expect("the receiver runs");
        if let CommitAnswer::Results(results) = &answer {
            for (ticket, result) in tickets.into_iter().zip(results) {
                if *result == CommitResult::Committed && !self.receiver.committed.insert(ticket) {
                    self.see(Seen::CommitAgain);
                }
            }
        }
        answer
    }

    /// A commit publishes exactly what its sender stored.
    pub(super) fn check_stored(&mut self, key: &ObjectKey, length_bytes: u64) {
        let index = index_of(key);
        assert_eq!(length_bytes, length_of(index), "bytes: {key} is stored with another length");
        self.visibility.stored(index);
        let granted = |ticket: &SlotTicket| {
            self.receiver.granted.get(ticket).filter(|(_, key)| *key == index).map(|(offset, _)| (*ticket, *offset))
        };
        let Some((ticket, offset_bytes)) = self.receiver.committing.iter().find_map(granted) else {
            panic!("visibility: key {index} is published, and none of its slots is committed")
        };
        self.tenancies.check_quiet(offset_bytes, length_bytes, ticket);
        let tags = self.receiver.memory.read(offset_bytes, length_bytes);
        assert_eq!(
            tags,
            tags_of(index),
            "bytes: key {index} is committed in {ticket} with other bytes than were stored"
        );
    }

    /// The sender introduces itself, and then attaches the connection.
    fn handshake_arrives(
        &mut self,
        (connection, number): (ConnectionId, u64),
        request: &HandshakeRequest,
        attempt: u64,
    ) {
        let superseded =
            |world: &Self| world.receiver.machine.as_ref().map_or(0, |it| it.status().counters.senders_superseded);
        let before = superseded(self);
        let answer = self.tell_receiver(|machine, now, _| machine.handle_handshake(now, request));
        let answer = answer.expect("the receiver runs");
        if superseded(self) > before {
            self.see(Seen::Superseded);
            self.note_namesakes(request);
        }
        let Ok(welcome) = &answer else { return self.send_answer(connection, number, Answer::Handshake(answer)) };
        let HandshakeRequest { epoch, protocol_version, .. } = *request;
        let attachment = Attachment { epoch, attempt, protocol_version, destination: welcome.destination() };
        let attached =
            self.tell_receiver(|machine, now, _| machine.handle_attach(now, number_of(connection), attachment));
        match attached.expect("the receiver runs") {
            Ok(_) => self.send_answer(connection, number, Answer::Handshake(answer)),
            Err(refusal) => {
                self.see(Seen::AttachedTooLate);
                self.send_answer(connection, number, Answer::NotAttached(refusal));
            }
        }
    }

    /// Others may live under the name.
    fn note_namesakes(&mut self, request: &HandshakeRequest) {
        let others: Vec<Epoch> = self.senders.iter().filter_map(|it| Some(it.machine.as_ref()?.epoch())).collect();
        if !self.options.one_name {
            return;
        }
        for other in others.into_iter().filter(|epoch| *epoch != request.epoch) {
            self.see(Seen::NameSharedByLiving);
            if self.options.sabotage == Some(Sabotage::NameTakenForDeath) {
                self.tell_receiver(|machine, now, _| machine.take_for_dead(now, other));
            }
        }
    }

    pub(super) fn close_arrives(&mut self, connection: ConnectionId) {
        let closed = &mut self.connections[connection.0];
        if closed.receiver_process != self.receiver.process || self.receiver.machine.is_none() {
            return;
        }
        closed.close_arrived = true;
        self.see(Seen::CloseArrived);
        let calls: Vec<CallId> =
            self.receiver.calls.iter().filter(|(_, call)| call.0 == connection).map(|(id, _)| *id).collect();
        for call in calls {
            self.caller_hangs_up(self.receiver.process, call);
        }
        let closed = ClosedByPeer::simulated(number_of(connection));
        let dead = self.tell_receiver(|machine, now, _| machine.handle_peer_closed(now, closed)).flatten();
        self.see(if dead.is_some() { Seen::IncarnationDied } else { Seen::EarlierConnectionClosed });
        if dead.is_none() && self.options.sabotage == Some(Sabotage::EarlierCloseTakenForDeath) {
            let sender = self.connections[connection.0].sender;
            let epoch = self.senders[sender].machine.as_ref().map(SenderMachine::epoch);
            epoch.map(|epoch| self.tell_receiver(|machine, now, _| machine.take_for_dead(now, epoch)));
        }
        self.tell_receiver(|machine, _, _| machine.handle_connection_gone(number_of(connection)));
    }
}

fn number_of(connection: ConnectionId) -> ConnectionNumber {
    ConnectionNumber(connection.0 as u64)
}
