//! How a sender becomes known, or is refused.

use std::time::Duration;

use super::{ReceiverMachine, sessions::Session};
use crate::adapters::pd_l2_adapter::protocol::{
    Epoch, HandshakeAnswer, HandshakeRefusal, HandshakeRequest, IncarnationDead, PROTOCOL_VERSION,
};

impl ReceiverMachine {
    /// A sender introduces itself, for the first time or again.
    pub(crate) fn handle_handshake(
        &mut self,
        now: Duration,
        request: &HandshakeRequest,
    ) -> Result<HandshakeAnswer, HandshakeRefusal> {
        self.check_handshake(request)?;
        self.take_over_name(now, request)?;
        let lease_until = now + self.settings.lease;
        if let Some(session) = self.sessions.get_mut(request.epoch) {
            session.renew(lease_until);
        } else if self.sessions.alive.len() >= self.settings.senders_max {
            return Err(HandshakeRefusal::TooManySenders(self.settings.senders_max));
        } else {
            let session = Session::new(request.node_name.clone(), lease_until, request.next_request);
            self.sessions.alive.insert(request.epoch, session);
        }
        let lease_ms = u64::try_from(self.settings.lease.as_millis()).unwrap_or(u64::MAX);
        Ok(HandshakeAnswer { epoch: self.epoch, region: self.region.clone(), lease_ms })
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
            return Err(HandshakeRefusal::Rank { ours: ours.tp_rank, theirs: request.tp_rank });
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

    /// A sender under the name of a silent one takes its place: the operator has promised that names are not shared.
    fn take_over_name(&mut self, now: Duration, request: &HandshakeRequest) -> Result<(), HandshakeRefusal> {
        let Some(name) = &request.node_name else { return Ok(()) };
        let before: Vec<(Epoch, bool)> = self
            .sessions
            .alive
            .iter()
            .filter(|(epoch, session)| {
                **epoch != request.epoch && session.node_name.as_ref() == Some(name) && session.death.is_none()
            })
            .map(|(epoch, session)| (*epoch, session.is_silent))
            .collect();
        if let Some((epoch, _)) = before.iter().find(|(_, is_silent)| !is_silent) {
            return Err(HandshakeRefusal::NameInUse { name: name.clone(), epoch: *epoch });
        }
        before.into_iter().for_each(|(epoch, _)| self.handle_incarnation_dead(now, IncarnationDead::superseded(epoch)));
        Ok(())
    }
}
