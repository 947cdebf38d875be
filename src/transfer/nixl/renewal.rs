//! A new agent for each connection: the receiver's remains of a broken connection must not meet the next one.
//!
//! If a connection breaks while its path is cut, the receiver's kernel does not notice, and UCX keeps the receiver's end of it.
//! UCX 1.20 identifies a connection by a number and the address of the sender's agent. The receiver's own connections to that
//! agent are numbered in the same way. If a new one has the number of a stale one, it takes the stale one over; if a write was
//! unfinished there, UCX crashes, because `uct_tcp_ep_replace_ep` copies the state of a PUT but not its buffer. A new agent has
//! a new address, so no stale connection matches. Dropping the old agent closes its sockets.

use std::time::Duration;

use nixl_sys::RegistrationHandle;

use super::{
    agent::{ChannelAgent, one_at_a_time},
    channel::{InUse, NixlChannel},
};
use crate::{
    adapter::L1Arena,
    transfer::{
        Channel, ChannelRegion, TransferError, call_times::LibraryCall, memory::StagingMemory,
        nixl_metadata::PeerMetadata,
    },
};

impl NixlChannel {
    /// Replaces an agent that a peer was loaded into and that nothing uses any more. On failure the old one stays.
    pub(super) fn renew_agent(&mut self) -> Result<(), TransferError> {
        let is_unused = self.peers.is_empty() && self.in_use.writes.is_empty() && self.lost_requests == 0;
        if !self.is_agent_used || !is_unused {
            return Ok(());
        }
        // It does not wait for a link: the sender adds the peer again later.
        let agent = ChannelAgent::new(&self.settings, Duration::ZERO, self.call_times())?;
        let InUse { staging, arena, .. } = &*self.in_use;
        let registrations = registered(&agent, staging, arena.as_ref(), self.slice_bytes);
        let prepared = registrations.and_then(|all| Ok((all, described(&agent, staging, self.slice_bytes)?)));
        let _guard = one_at_a_time();
        // Dropped before the guard if this fails.
        let agent = agent;
        let ((staging_registrations, arena_registrations), region) = prepared?;
        self.region = region;
        self.is_agent_used = false;
        let old = (
            std::mem::replace(&mut self.in_use.staging_registrations, staging_registrations),
            std::mem::replace(&mut self.in_use.arena_registrations, arena_registrations),
            std::mem::replace(&mut self.agent, agent),
        );
        self.agent.times.measure(LibraryCall::DropAgent, || drop(old));
        Ok(())
    }
}

/// Registers all memory of a channel: its staging memory, then the server's.
pub(super) fn registered(
    agent: &ChannelAgent,
    staging: &StagingMemory,
    arena: Option<&L1Arena>,
    slice_bytes: u64,
) -> Result<(Vec<RegistrationHandle>, Vec<RegistrationHandle>), TransferError> {
    let staging = agent.register(staging.base_address(), staging.length_bytes(), slice_bytes)?;
    let arena = match arena {
        Some(arena) => agent.register(arena.base_address() as u64, arena.size_bytes() as u64, slice_bytes)?,
        None => Vec::new(),
    };
    Ok((staging, arena))
}

pub(super) fn described(
    agent: &ChannelAgent,
    staging: &StagingMemory,
    slice_bytes: u64,
) -> Result<ChannelRegion, TransferError> {
    let own = agent.metadata()?;
    let metadata = PeerMetadata { agent_name: agent.name(), slice_bytes, agent: &own }.to_bytes();
    Ok(ChannelRegion { base_address: staging.base_address(), length_bytes: staging.length_bytes(), metadata })
}
