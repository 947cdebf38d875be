//! Arrivals at the receiver: calls, and the closes that prove a death.

use super::{
    checks::tenancies::Tenant,
    clock::MILLISECOND,
    coverage::Seen,
    memory::{index_of, tags_of},
    network::{Answer, Call, Connection, ConnectionId},
    receiver_world::{Asked, OpenCall},
    sabotage::Sabotage,
    world::{Event, Process, World},
};
use crate::adapters::pd_l2_adapter::{
    driver::ReceiverEvent,
    protocol::{
        Attachment, CallId, ClosedByPeer, CommitAnswer, CommitRequest, CommitResult, ConnectionNumber, ControlAnswer,
        ControlCall, Epoch, HandshakeAnswer, HandshakeRefusal, HandshakeRequest, KeyAnswer, ReserveAnswer,
        ReserveRequest, SlotCommit, SlotTicket, SpokenBySender,
    },
};

/// A sender that the init port has accepted, and that attaches a connection next.
#[derive(Debug, Clone)]
pub(super) struct Handshaken {
    pub(super) attachment: Attachment,
    pub(super) answer: HandshakeAnswer,
}

impl World {
    pub(super) fn call_arrives(&mut self, connection: ConnectionId, number: u64, call: Call) {
        let Connection { receiver_process, close_arrived, .. } = self.connections[connection.0];
        // Messages on a stream arrive before its end, or not at all.
        if receiver_process != self.receiver.process || !self.receiver.runs || close_arrived {
            return;
        }
        let may_be_abandoned = matches!(call, Call::Reserve(_) | Call::Commit(_));
        let (request, asked) = match call {
            Call::Handshake(request, attempt) => {
                let asked = self.handshake(&request, attempt);
                (ControlCall::Handshake(request), asked)
            }
            Call::Reserve(request) => (ControlCall::Reserve(request.clone()), Asked::Reserve(request)),
            Call::Commit(commit) => {
                let tickets = commit.slots.iter().map(|slot| slot.ticket).collect();
                (ControlCall::Commit(commit, SpokenBySender::simulated()), Asked::Commit(tickets))
            }
            Call::Cancel(cancel) => (ControlCall::Cancel(cancel, SpokenBySender::simulated()), Asked::Other),
            Call::Heartbeat(epoch, is_probing) => (ControlCall::Heartbeat { epoch, is_probing }, Asked::Other),
        };
        let call = self.ask_receiver(OpenCall::new(connection, number, asked), request);
        if may_be_abandoned && self.receiver.calls.contains_key(&call) && self.happens(20, |random| &mut random.network)
        {
            self.after(MILLISECOND, Event::CallerHangsUp(self.receiver.process, call));
        }
    }

    fn ask_receiver(&mut self, open: OpenCall, request: ControlCall) -> CallId {
        let call = CallId(self.receiver.next_call);
        self.receiver.next_call += 1;
        self.receiver.calls.insert(call, open);
        self.give_receiver(ReceiverEvent::Call { call, request });
        call
    }

    fn handshake(&self, request: &HandshakeRequest, attempt: u64) -> Asked {
        let HandshakeRequest { epoch, protocol_version, .. } = *request;
        let superseded = self.receiver.machine().map_or(0, |it| it.status().counters.senders_superseded);
        Asked::Handshake { epoch, attempt, protocol_version, superseded }
    }

    pub(super) fn caller_hangs_up(&mut self, process: Process, call: CallId) {
        if self.receiver.process != process {
            return;
        }
        let Some(open) = self.receiver.calls.get_mut(&call) else { return };
        // Its answer may be on its way to the caller, and is checked.
        open.is_abandoned = true;
        self.see(Seen::CallAbandoned);
        self.give_receiver(ReceiverEvent::CallAbandoned(call));
    }

    /// The receiver answers a call, during a turn.
    pub(super) fn answer(&mut self, call: CallId, answer: ControlAnswer) {
        let Some(open) = self.receiver.calls.remove(&call) else { panic!("law: {call:?} is answered twice") };
        let OpenCall { connection, number, asked, is_abandoned } = open;
        let answer = match (asked, answer) {
            (asked @ Asked::Handshake { .. }, ControlAnswer::Handshake(answer)) => {
                return self.handshake_is_answered((connection, number), &asked, answer);
            }
            (Asked::Attach(handshaken), ControlAnswer::Attach(attached)) => match attached {
                Ok(_) => Answer::Handshake(Ok(handshaken.answer)),
                Err(refusal) => {
                    self.see(Seen::AttachedTooLate);
                    Answer::NotAttached(refusal)
                }
            },
            (Asked::Reserve(request), ControlAnswer::Reserve(answer)) => {
                self.check_reserve_answer(&request, &answer);
                Answer::Reserve(answer)
            }
            (Asked::Commit(tickets), ControlAnswer::Commit(answer)) => {
                self.check_commit_answer(&tickets, &answer);
                Answer::Commit(answer)
            }
            (Asked::Other, ControlAnswer::Cancel(answer)) => Answer::Cancel(answer),
            (Asked::Other, ControlAnswer::Heartbeat(answer)) => Answer::Heartbeat(answer),
            (asked, answer) => panic!("law: {asked:?} is answered by {answer:?}"),
        };
        if !is_abandoned {
            self.send_answer(connection, number, answer);
        }
    }

    /// An accepted sender attaches its connection as soon as the turn is over.
    fn handshake_is_answered(
        &mut self,
        (connection, number): (ConnectionId, u64),
        asked: &Asked,
        answer: Result<HandshakeAnswer, HandshakeRefusal>,
    ) {
        let Asked::Handshake { epoch, attempt, protocol_version, superseded } = *asked else { return };
        if self.receiver.status.counters.senders_superseded > superseded {
            self.see(Seen::Superseded);
            self.note_namesakes(epoch);
        }
        match answer {
            Ok(answer) => {
                let attachment = Attachment { epoch, attempt, protocol_version, destination: answer.destination() };
                let handshaken = Handshaken { attachment, answer };
                self.receiver.attaching.push((connection, number, handshaken));
            }
            Err(refusal) => self.send_answer(connection, number, Answer::Handshake(Err(refusal))),
        }
    }

    pub(super) fn attach_those_let_in(&mut self) {
        for (connection, number, handshaken) in std::mem::take(&mut self.receiver.attaching) {
            let request = ControlCall::Attach(number_of(connection), handshaken.attachment);
            let asked = Asked::Attach(handshaken);
            self.ask_receiver(OpenCall::new(connection, number, asked), request);
        }
    }

    /// Other senders of the same name may be alive.
    fn note_namesakes(&mut self, newcomer: Epoch) {
        let others: Vec<Epoch> = self.senders.iter().filter_map(|it| Some(it.machine()?.epoch())).collect();
        if !self.options.one_name {
            return;
        }
        for other in others.into_iter().filter(|epoch| *epoch != newcomer) {
            self.see(Seen::NameSharedByLiving);
            if self.options.sabotage == Some(Sabotage::NameTakenForDeath) {
                self.after(0, Event::TakenForDead(self.receiver.process, other));
            }
        }
    }

    /// A commit publishes exactly what its sender stored.
    fn check_commit_answer(&mut self, tickets: &[SlotTicket], answer: &CommitAnswer) {
        let CommitAnswer::Results(results) = answer else { return };
        let committed = tickets.iter().zip(results).filter(|(_, result)| **result == CommitResult::Committed);
        for (ticket, _) in committed {
            if !self.receiver.committed.insert(*ticket) {
                self.see(Seen::CommitAgain);
                continue;
            }
            let Some((offset_bytes, index)) = self.receiver.granted.get(ticket).copied() else {
                panic!("visibility: {ticket} is committed but was never granted")
            };
            let Some(length_bytes) = self.receiver.stored.remove(&index) else {
                panic!("visibility: {ticket} is committed but its key {index} is not published")
            };
            assert_eq!(
                length_bytes,
                super::memory::length_of(index),
                "bytes: key {index} is stored with another length"
            );
            self.tenancies.check_quiet(offset_bytes, length_bytes, *ticket);
            // Corruption after the hash was computed is detected when the chunk is loaded.
            let hashed = self.receiver.hashed.remove(&offset_bytes).filter(|_| self.options.checksum);
            let tags = hashed.unwrap_or_else(|| self.receiver.memory.read(offset_bytes, length_bytes).to_vec());
            assert_eq!(
                tags,
                tags_of(index),
                "bytes: key {index} is committed in {ticket} with other bytes than were stored"
            );
        }
    }

    /// A slot is granted only if no write may land in it, and a key is reported as present only if it is committed.
    fn check_reserve_answer(&mut self, request: &ReserveRequest, answer: &ReserveAnswer) {
        let ReserveAnswer::Granted { keys: answers, .. } = answer else { return };
        assert_eq!(answers.len(), request.chunks.len(), "law: not every key is answered");
        let mut is_first = true;
        for (chunk, answer) in request.chunks.iter().zip(answers) {
            let key = index_of(&chunk.key);
            match *answer {
                KeyAnswer::Write { ticket, offset_bytes } => {
                    let before = self.receiver.granted.insert(ticket, (offset_bytes, key));
                    if before == Some((offset_bytes, key)) {
                        self.see(Seen::SameSlotsAgain);
                        continue;
                    }
                    assert_eq!(before, None, "tenancy: {ticket} is handed out twice");
                    self.receiver.reserved.insert(ticket, key);
                    let tenant = Tenant { ticket, epoch: request.epoch, key };
                    self.tenancies.granted(offset_bytes, chunk.length_bytes, tenant);
                    if is_first && self.options.sabotage == Some(Sabotage::PublishAtReserve) {
                        self.publish(request, ticket, chunk.length_bytes);
                    }
                    is_first = false;
                }
                KeyAnswer::Present => {
                    let since = self.receiver.batched_since.unwrap_or(self.now);
                    let is_there = self.visibility.could_be_found_since(key, since);
                    assert!(is_there, "visibility: key {key} is reported as present, and is not committed");
                }
                KeyAnswer::Pending => {}
            }
        }
    }

    /// Sabotage: commits for a sender a slot that it has not written yet.
    fn publish(&mut self, request: &ReserveRequest, ticket: SlotTicket, length_bytes: u64) {
        let slots = vec![SlotCommit { ticket, length_bytes, checksum: None, layout: None }];
        let destination = request.destination;
        let commit = CommitRequest { epoch: request.epoch, request: request.request, destination, slots };
        self.after(0, Event::Published(self.receiver.process, commit));
    }

    /// Sabotage: a commit that no sender has made.
    pub(super) fn published(&mut self, process: Process, commit: CommitRequest) {
        if self.receiver.process != process || !self.receiver.runs {
            return;
        }
        let call = CallId(self.receiver.next_call);
        self.receiver.next_call += 1;
        let tickets: Vec<SlotTicket> = commit.slots.iter().map(|slot| slot.ticket).collect();
        let asked = Asked::Commit(tickets);
        // Over a connection that nothing reads.
        let number = self.next_number;
        self.next_number += 1;
        let Some(connection) = self.connections.len().checked_sub(1).map(ConnectionId) else { return };
        self.receiver.calls.insert(call, OpenCall::new(connection, number, asked));
        let request = ControlCall::Commit(commit, SpokenBySender::simulated());
        self.give_receiver(ReceiverEvent::Call { call, request });
    }

    pub(super) fn close_arrives(&mut self, connection: ConnectionId) {
        let closed = &mut self.connections[connection.0];
        if closed.receiver_process != self.receiver.process || !self.receiver.runs {
            return;
        }
        closed.close_arrived = true;
        self.see(Seen::CloseArrived);
        let calls: Vec<CallId> = self
            .receiver
            .calls
            .iter()
            .filter(|(_, call)| {
                call.connection == connection && matches!(call.asked, Asked::Reserve(_) | Asked::Commit(_))
            })
            .map(|(id, _)| *id)
            .collect();
        for call in calls {
            self.caller_hangs_up(self.receiver.process, call);
        }
        let died = self.coverage.count(Seen::IncarnationDied);
        self.give_receiver(ReceiverEvent::PeerClosed(ClosedByPeer::simulated(number_of(connection))));
        if self.receiver.is_settled() && self.coverage.count(Seen::IncarnationDied) == died {
            self.see(Seen::EarlierConnectionClosed);
            if self.options.sabotage == Some(Sabotage::EarlierCloseTakenForDeath) {
                let sender = self.connections[connection.0].sender;
                let epoch = self.senders[sender].machine().map(|machine| machine.epoch());
                epoch.into_iter().for_each(|epoch| self.take_for_dead(epoch));
            }
        }
        self.give_receiver(ReceiverEvent::ConnectionGone(number_of(connection)));
    }
}

fn number_of(connection: ConnectionId) -> ConnectionNumber {
    ConnectionNumber(connection.0 as u64)
}
