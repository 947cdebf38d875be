//! Handshakes: how a sender is accepted or refused.

use std::time::Duration;

use super::{ReceiverMachine, sessions::Session};
use crate::adapters::pd_l2_adapter::protocol::{
    Destination, Epoch, HandshakeAnswer, HandshakeRefusal, HandshakeRequest, Identity, PROTOCOL_VERSION, Refusal,
};

impl ReceiverMachine {
    /// A sender introduces itself, for the first time or again.
    pub(crate) fn handle_handshake(
        &mut self,
        now: Duration,
        request: &HandshakeRequest,
    ) -> Result<HandshakeAnswer, HandshakeRefusal> {
        self.check_handshake(request)?;
        self.take_over_name(request)?;
        let lease_until = now + self.settings.lease;
        if let Some(session) = self.sessions.get_mut(request.epoch) {
            session.is_superseded = false;
            self.sessions.renew(request.epoch, lease_until);
        } else if self.sessions.alive.len() >= self.settings.senders_max {
            return Err(HandshakeRefusal::TooManySenders(self.settings.senders_max));
        } else {
            let session = Session::new(request.node_name.clone(), lease_until, request.next_request);
            self.sessions.add(request.epoch, session);
        }
        let lease_ms = u64::try_from(self.settings.lease.as_millis()).unwrap_or(u64::MAX);
        let Identity { receiver: epoch, tp_rank, ports } = self.identity();
        Ok(HandshakeAnswer { epoch, tp_rank, ports, region: self.region.clone(), lease_ms })
    }

    /// The current memory.
    pub(super) fn destination(&self) -> Destination {
        Destination { receiver: self.epoch, tp_rank: self.settings.tp_rank, region: self.region.number }
    }

    /// Checks that a call is for the current memory.
    pub(super) fn check_destination(&self, got: Destination) -> Result<(), Refusal> {
        let ours = self.destination();
        if (got.receiver, got.tp_rank) != (ours.receiver, ours.tp_rank) {
            return Err(Refusal::WrongDestination(self.identity()));
        }
        if got.region != ours.region {
            return Err(Refusal::StaleRegion { got: got.region, current: ours.region });
        }
        Ok(())
    }

    fn identity(&self) -> Identity {
        Identity { receiver: self.epoch, tp_rank: self.settings.tp_rank, ports: self.settings.ports }
    }

    fn check_handshake(&self, request: &HandshakeRequest) -> Result<(), HandshakeRefusal> {
        let ours = &self.settings;
        if request.protocol_version != PROTOCOL_VERSION {
            return Err(HandshakeRefusal::Version { ours: PROTOCOL_VERSION, theirs: request.protocol_version });
        }
        if self.is_closed {
            return Err(HandshakeRefusal::Closing);
        }
        if request.tp_rank != ours.tp_rank {
            return Err(HandshakeRefusal::Rank { ours: self.identity(), theirs: request.tp_rank });
        }
        if request.rank_count != ours.rank_count {
            return Err(HandshakeRefusal::RankCount { ours: ours.rank_count, theirs: request.rank_count });
        }
        if request.transfer_channel != ours.transfer_channel {
            let (ours, theirs) = (ours.transfer_channel.to_owned(), request.transfer_channel.clone());
            return Err(HandshakeRefusal::Channel { ours, theirs });
        }
        if request.checksum != ours.checksum {
            return Err(HandshakeRefusal::Checksum { ours: ours.checksum, theirs: request.checksum });
        }
        if self.sessions.is_dead(request.epoch) {
            return Err(HandshakeRefusal::DeadEpoch(request.epoch));
        }
        Ok(())
    }

    /// Gives the name of a silent sender to a new one, and nothing else. The silent one may be alive behind a cut, with writes
    /// on their way: its slots wait for the end of these writes like those of any silent sender.
    fn take_over_name(&mut self, request: &HandshakeRequest) -> Result<(), HandshakeRefusal> {
        let Some(name) = &request.node_name else { return Ok(()) };
        let holds_name = |(epoch, session): (&Epoch, &mut Session)| {
            let is_other = *epoch != request.epoch && session.node_name.as_ref() == Some(name);
            (is_other && session.death.is_none() && !session.is_superseded).then_some((*epoch, session.is_silent))
        };
        let holder = self.sessions.alive.iter_mut().find_map(holds_name);
        match holder {
            Some((epoch, false)) => Err(HandshakeRefusal::NameInUse { name: name.clone(), epoch }),
            Some((epoch, true)) => {
                self.counters.senders_superseded += 1;
                if let Some(session) = self.sessions.get_mut(epoch) {
                    session.is_superseded = true;
                }
                Ok(())
            }
            None => Ok(()),
        }
    }
}
