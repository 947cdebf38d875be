//! A sender's connections and calls, and how each call ends.

use super::{
    clock::MILLISECOND,
    coverage::Seen,
    network::{Answer, Call, ConnectionId},
    sabotage::Sabotage,
    sender_world::{Asked, OpenCall},
    world::{Event, Process, World},
};
use crate::adapters::pd_l2_adapter::{
    driver::{Answered, SenderEvent},
    protocol::{CommitAnswer, CommitResult, HandshakeAnswer, HandshakeRefusal, KeyAnswer, Refusal, ReserveAnswer},
    sender::{CallFailure, ConnectFailure},
};

impl World {
    pub(super) fn call_current(&mut self, sender: usize, what: Asked, call: Call) {
        self.call(sender, self.senders[sender].current, what, call);
    }

    pub(super) fn call(&mut self, sender: usize, connection: Option<ConnectionId>, what: Asked, call: Call) {
        let number = self.next_number;
        self.next_number += 1;
        let process = self.senders[sender].process;
        let Some(connection) = connection else { panic!("law: {call:?} is made without a connection") };
        self.senders[sender].calls.insert(number, OpenCall { connection, what });
        let patience = match what {
            Asked::Reserve(_) => self.options.reserve_wait + 150 * MILLISECOND,
            Asked::Heartbeat(_) => 120 * MILLISECOND,
            _ => 150 * MILLISECOND,
        };
        self.after(patience, Event::CallIsLate { sender, process, number });
        if matches!(what, Asked::Cancel(_)) && self.options.sabotage == Some(Sabotage::SwallowCancels) {
            let answer = Answer::Cancel(Ok(()));
            return self.after(MILLISECOND, Event::AnswerArrives { sender, process, number, answer });
        }
        self.send_call(connection, number, call);
    }

    pub(super) fn call_fails(&mut self, sender: usize, process: Process, number: u64) {
        if self.senders[sender].process != process {
            return;
        }
        let Some(OpenCall { what, connection }) = self.senders[sender].calls.remove(&number) else { return };
        if let Asked::Handshake(attempt) = what {
            let failure = ConnectFailure::Unreachable("no answer".to_owned());
            return self.handshake_ends(sender, attempt, Err(failure), connection);
        }
        let unanswered = CallFailure::Unanswered;
        self.give_sender(
            sender,
            SenderEvent::Answered(match what {
                Asked::Reserve(id) => Answered::Reserve(id, Err(unanswered)),
                Asked::Commit(id) => Answered::Commit(id, Err(unanswered)),
                Asked::Cancel(id) => Answered::Cancel(id, Err(unanswered)),
                Asked::Heartbeat(connection) => Answered::Heartbeat { connection, result: Err(unanswered) },
                Asked::Handshake(_) => return,
            }),
        );
    }

    fn handshake_ends(
        &mut self,
        sender: usize,
        attempt: u64,
        result: Result<HandshakeAnswer, ConnectFailure>,
        connection: ConnectionId,
    ) {
        let node = &mut self.senders[sender];
        node.attempt = None;
        if result.is_ok() {
            node.current = Some(connection);
        }
        self.give_sender(sender, SenderEvent::Connected { attempt, result });
    }

    pub(super) fn answer_arrives(&mut self, sender: usize, process: Process, number: u64, answer: Answer) {
        if self.senders[sender].process != process {
            return;
        }
        let Some(OpenCall { connection, what }) = self.senders[sender].calls.remove(&number) else { return };
        let answered = match (what, answer) {
            (Asked::Handshake(attempt), Answer::Handshake(answer)) => {
                let result = answer.map_err(|refusal| self.handshake_refused(refusal));
                return self.handshake_ends(sender, attempt, result, connection);
            }
            (Asked::Handshake(attempt), Answer::NotAttached(refusal)) => {
                let failure = ConnectFailure::Refused(refusal.to_string());
                return self.handshake_ends(sender, attempt, Err(failure), connection);
            }
            (Asked::Reserve(id), Answer::Reserve(answer)) => {
                self.note_reserve_answer(&answer);
                Answered::Reserve(id, Ok(answer))
            }
            (Asked::Commit(id), Answer::Commit(mut answer)) => {
                self.note_commit_answer(&answer);
                if let (Some(Sabotage::SucceedWithoutCommit), CommitAnswer::Results(results)) =
                    (self.options.sabotage, &mut answer)
                {
                    results.fill(CommitResult::Committed);
                }
                Answered::Commit(id, Ok(answer))
            }
            (Asked::Cancel(id), Answer::Cancel(answer)) => Answered::cancel(id, answer),
            (Asked::Heartbeat(connection), Answer::Heartbeat(answer)) => Answered::heartbeat(connection, answer),
            (what, answer) => panic!("{what:?} is answered by {answer:?}"),
        };
        self.give_sender(sender, SenderEvent::Answered(answered));
    }

    fn handshake_refused(&mut self, refusal: HandshakeRefusal) -> ConnectFailure {
        match refusal {
            HandshakeRefusal::DeadEpoch(_) => {
                self.see(Seen::DeadEpoch);
                ConnectFailure::DeadEpoch { fresh: self.fresh_epoch() }
            }
            refusal => {
                if matches!(refusal, HandshakeRefusal::NameInUse { .. }) {
                    self.see(Seen::NameInUse);
                }
                ConnectFailure::Refused(refusal.to_string())
            }
        }
    }

    fn note_reserve_answer(&mut self, answer: &ReserveAnswer) {
        match answer {
            ReserveAnswer::Granted { keys, .. } => {
                for answer in keys {
                    self.see(match answer {
                        KeyAnswer::Write { .. } => Seen::Granted,
                        KeyAnswer::Present => Seen::Present,
                        KeyAnswer::Pending => Seen::Pending,
                    });
                }
            }
            ReserveAnswer::Busy { .. } => self.see(Seen::Busy),
            ReserveAnswer::TooLarge { .. } => self.see(Seen::TooLarge),
            ReserveAnswer::Refused(refusal) => self.note_refusal(refusal),
        }
    }

    fn note_commit_answer(&mut self, answer: &CommitAnswer) {
        match answer {
            CommitAnswer::Results(results) => {
                for result in results {
                    match result {
                        CommitResult::Stale => self.see(Seen::CommitStale),
                        CommitResult::WrongChecksum => self.see(Seen::WrongChecksum),
                        CommitResult::Committed | CommitResult::WrongLength => {}
                    }
                }
            }
            CommitAnswer::Refused(refusal) => self.note_refusal(refusal),
        }
    }

    fn note_refusal(&mut self, refusal: &Refusal) {
        match refusal {
            Refusal::UnknownEpoch => self.see(Seen::UnknownEpoch),
            Refusal::StaleRegion { .. } => self.see(Seen::StaleRegion),
            Refusal::RequestEnded => self.see(Seen::RequestEnded),
            Refusal::Closing => self.see(Seen::Closing),
            Refusal::Malformed(reason) => panic!("law: a sender's call is malformed: {reason}"),
            Refusal::WrongDestination(_) | Refusal::Version { .. } => {
                panic!("law: a sender's call reached the wrong receiver: {refusal}")
            }
        }
    }

    /// The node learns that a connection is lost, with the calls over it.
    pub(super) fn connection_lost(&mut self, sender: usize, process: Process, connection: ConnectionId) {
        let node = &mut self.senders[sender];
        if node.process != process || !node.runs {
            return;
        }
        let calls: Vec<u64> =
            node.calls.iter().filter(|(_, call)| call.connection == connection).map(|(number, _)| *number).collect();
        let made_by = node.made.iter().find(|(_, made)| **made == connection).map(|(attempt, _)| *attempt);
        if self.options.sabotage == Some(Sabotage::GrantsOutliveConnection) {
            return self.close_connection(connection);
        }
        let calls_first = self.random.network.bool();
        if calls_first {
            calls.iter().for_each(|number| self.call_fails(sender, process, *number));
        }
        if let Some(attempt) = made_by {
            let reason = "reset".to_owned();
            self.give_sender(sender, SenderEvent::ConnectionLost { connection: attempt, reason });
        }
        if !calls_first {
            calls.iter().for_each(|number| self.call_fails(sender, process, *number));
        }
    }

    /// A connection that the machine has left stays open. This world's hasty senders close it instead while no write is in
    /// flight, and the receiver takes that for their death.
    pub(super) fn leave_connection(&mut self, sender: usize) {
        let Some(left) = self.senders[sender].current.take() else { return };
        let is_hasty = self.options.closes_first && !self.is_writing(sender);
        if is_hasty || self.options.sabotage == Some(Sabotage::CloseUnderWrite) {
            self.close_connection(left);
        } else {
            self.see(Seen::ConnectionHeld);
        }
    }

    pub(super) fn close_one_connection(&mut self, sender: usize, attempt: u64) {
        let Some(connection) = self.senders[sender].made.remove(&attempt) else { return };
        if self.is_writing(sender) {
            self.see(Seen::EarlierClosedUnderWrite);
        }
        self.close_connection(connection);
    }

    /// Whether the channel has a write of a chunk whose end it has not reported.
    fn is_writing(&self, sender: usize) -> bool {
        !self.senders[sender].transfers.is_empty()
    }
}
