//! The channel itself: into whose memory it may write, which writes are in progress, and when each has ended.
//!
//! **When a write has ended.** NIXL's status of a write is final once it is no longer "in progress". Success means that all
//! bytes have arrived: the status comes from a flush of the connection behind them (read in the plugin's source). Failure means
//! that this side's kernel has closed the connection: nothing more is sent, and UCX releases this side's memory before it
//! reports the failure. Bytes that had arrived in the peer's sockets land when the peer polls. Such a write ends as
//! [`TerminalStatus::broken_off`].
//!
//! **When a peer may be removed.** Removing a peer frees the keys of its memory, which writes in progress still use: NIXL does
//! not wait for them. So a peer is removed when the last write to it has ended.

use std::{collections::BTreeMap, fmt, mem::ManuallyDrop, ops::Range, panic::AssertUnwindSafe, sync::Arc};

use nixl_sys::{MemType, NixlError, RegistrationHandle, XferDescList, XferOp, XferRequest, XferStatus};

use super::{
    agent::{ChannelAgent, LINK_PATIENCE, one_at_a_time, refused},
    pieces::{Span, within_slices},
    renewal::{described, registered},
};
use crate::{
    adapter::{L1Arena, LoadBuffer, StoreBuffer},
    transfer::{
        Channel, ChannelRegion, ChannelSettings, PeerId, PieceSource, Polled, RegionReplaced, TerminalStatus,
        TransferError, WriteEnd, WriteId, WritePiece,
        call_times::{CallTimes, LibraryCall},
        memory::{Replacement, StagingMemory},
        nixl_metadata::PeerMetadata,
    },
};

const CHANNEL: &str = "nixl";

/// Size of one registration. Network cards refuse regions from 4 GiB on; this is a multiple of every page size.
const SLICE_BYTES: u64 = 7 << 29;

/// A channel over NIXL. Belongs to the thread that created it, and so does its agent.
///
/// If it is dropped without [`close`](Channel::close), it leaks what transfers use, which is the safe side.
pub(in crate::transfer) struct NixlChannel {
    // Requests and registrations each keep the agent alive, so these fields may be dropped in any order.
    pub(super) in_use: ManuallyDrop<InUse>,
    pub(super) agent: ChannelAgent,
    /// Whether a peer was ever loaded into the agent.
    pub(super) is_agent_used: bool,
    pub(super) settings: ChannelSettings,
    pub(super) slice_bytes: u64,
    /// As of the last registration of the staging memory.
    pub(super) region: ChannelRegion,
    replacement: Replacement<StagingMemory>,
    pub(super) peers: BTreeMap<PeerId, Peer>,
    /// Writes whose status NIXL no longer reports: parts of them may still use the registered memory.
    pub(super) lost_requests: usize,
}

/// Memory that transfers of this side or of peers may use at any time.
pub(super) struct InUse {
    pub(super) writes: BTreeMap<WriteId, Write>,
    pub(super) staging_registrations: Vec<RegistrationHandle>,
    pub(super) arena_registrations: Vec<RegistrationHandle>,
    pub(super) staging: StagingMemory,
    /// Keeps the server's memory alive, if it was lent with an owner.
    pub(super) arena: Option<L1Arena>,
}

pub(super) struct Write {
    peer: PeerId,
    /// `None` if there was nothing to write.
    request: Option<XferRequest>,
}

/// A peer whose metadata is loaded.
pub(super) struct Peer {
    agent_name: String,
    base_address: u64,
    length_bytes: u64,
    slice_bytes: u64,
    /// It must be removed and still has writes in progress: nothing more is posted to it.
    is_leaving: bool,
}

impl NixlChannel {
    pub(in crate::transfer) fn new(settings: &ChannelSettings) -> Result<Self, TransferError> {
        Self::with_slices(settings, SLICE_BYTES)
    }

    pub(super) fn with_slices(settings: &ChannelSettings, slice_bytes: u64) -> Result<Self, TransferError> {
        let agent = ChannelAgent::new(settings, LINK_PATIENCE, Arc::default())?;
        let staging = StagingMemory::new(settings.staging_bytes)?;
        let arena = settings.l1_arena.clone();
        let (staging_registrations, arena_registrations) = registered(&agent, &staging, arena.as_ref(), slice_bytes)?;
        let region = described(&agent, &staging, slice_bytes)?;
        let writes = BTreeMap::new();
        let in_use = ManuallyDrop::new(InUse { writes, staging_registrations, arena_registrations, staging, arena });
        Ok(Self {
            in_use,
            agent,
            is_agent_used: false,
            settings: settings.clone(),
            slice_bytes,
            region,
            replacement: Replacement::default(),
            peers: BTreeMap::new(),
            lost_requests: 0,
        })
    }

    /// The address and the offset of a piece's source, checked against its memory.
    fn source(&self, piece: &WritePiece) -> Result<(u64, u64), TransferError> {
        let (base_address, region_bytes, offset_bytes) = match piece.source {
            PieceSource::Staging { offset_bytes } => {
                (self.in_use.staging.base_address(), self.in_use.staging.length_bytes(), offset_bytes)
            }
            PieceSource::Arena { offset_bytes } => {
                let arena = self.in_use.arena.as_ref();
                let arena = arena.map_or((0, 0), |arena| (arena.base_address() as u64, arena.size_bytes() as u64));
                (arena.0, arena.1, offset_bytes)
            }
        };
        within(offset_bytes, piece.length_bytes, region_bytes)?;
        Ok((base_address, offset_bytes))
    }

    /// A request for all pieces. Nothing moves yet. `None` if they are empty.
    fn request(&self, peer: &Peer, pieces: &[WritePiece]) -> Result<Option<XferRequest>, TransferError> {
        let describe = |error| refused("describe a write", error);
        let mut local = XferDescList::new(MemType::Dram).map_err(describe)?;
        let mut remote = XferDescList::new(MemType::Dram).map_err(describe)?;
        let mut is_empty = true;
        for piece in pieces {
            let (source_address, local_offset_bytes) = self.source(piece)?;
            within(piece.remote_offset_bytes, piece.length_bytes, peer.length_bytes)?;
            let (remote_offset_bytes, length_bytes) = (piece.remote_offset_bytes, piece.length_bytes);
            let span = Span { local_offset_bytes, remote_offset_bytes, length_bytes };
            for cut in within_slices(span, self.slice_bytes, peer.slice_bytes) {
                let (from, to) = (source_address + cut.local_offset_bytes, peer.base_address + cut.remote_offset_bytes);
                local.add_desc(from as usize, cut.length_bytes as usize, 0);
                remote.add_desc(to as usize, cut.length_bytes as usize, 0);
                is_empty = false;
            }
        }
        if is_empty {
            return Ok(None);
        }
        let agent = &self.agent.agent;
        let request = self.agent.times.measure(LibraryCall::CreateWrite, || {
            agent.create_xfer_req(XferOp::Write, &local, &remote, &peer.agent_name, None)
        });
        request.map(Some).map_err(|error| refused("prepare a write: the peer may be lost", error))
    }

    fn replace_staging(&mut self, new: StagingMemory) -> Result<RegionReplaced, TransferError> {
        let registrations = self.agent.register(new.base_address(), new.length_bytes(), self.slice_bytes)?;
        // The last step that can fail: a failed replacement changes nothing.
        self.region = described(&self.agent, &new, self.slice_bytes)?;
        drop(std::mem::replace(&mut self.in_use.staging_registrations, registrations));
        // A peer on this machine writes by address, also into memory that is no longer registered.
        std::mem::replace(&mut self.in_use.staging, new).retire();
        Ok(RegionReplaced::old_is_retired(self.region.clone()))
    }

    fn has_writes_to(&self, peer: PeerId) -> bool {
        self.in_use.writes.values().any(|write| write.peer == peer)
    }

    /// Removes a peer that has no writes in progress.
    fn forget(&mut self, id: PeerId) {
        let agent = &self.agent;
        let invalidate =
            |name: &str| agent.times.measure(LibraryCall::RemovePeer, || agent.agent.invalidate_remote_md(name));
        if let Some(peer) = self.peers.remove(&id)
            && let Err(error) = invalidate(&peer.agent_name)
        {
            tracing::warn!(peer = format!("{:016x}", id.0), %error, "NIXL could not remove a peer");
        }
    }

    /// Polls NIXL for the status of every write. Ended writes are added to `ended`.
    fn collect(&mut self, ended: &mut Vec<WriteEnd>) {
        let (agent, times) = (&self.agent.agent, &self.agent.times);
        let lost_requests = &mut self.lost_requests;
        let ask = |request: &XferRequest| times.measure(LibraryCall::WriteStatus, || agent.get_xfer_status(request));
        self.in_use.writes.retain(|id, write| {
            let status = match write.request.as_ref().map_or(Ok(XferStatus::Success), ask) {
                Ok(XferStatus::InProgress) => return true,
                Ok(XferStatus::Success) => TerminalStatus::reported(true),
                Err(error) => {
                    // Another write to the peer has failed, and NIXL has dropped the peer without checking this one.
                    *lost_requests += usize::from(matches!(error, NixlError::NotFound));
                    tracing::warn!(peer = format!("{:016x}", write.peer.0), %error, "a write over NIXL has failed");
                    TerminalStatus::broken_off()
                }
            };
            let request = write.request.take();
            times.measure(LibraryCall::ReleaseWrite, || drop(request));
            ended.push(WriteEnd { write: *id, status });
            false
        });
        let leaving: Vec<_> = self.peers.iter().filter(|(_, peer)| peer.is_leaving).map(|(id, _)| *id).collect();
        for peer in leaving {
            self.remove_peer(peer);
        }
    }

    /// Loads a peer's metadata. It is untrusted: only what NIXL itself confirms is used.
    fn load(&mut self, metadata: &PeerMetadata<'_>) -> Result<(), TransferError> {
        let agent = &self.agent.agent;
        // `nixl-sys` panics if the name in it is not UTF-8. It holds no lock then, and nothing is left half done.
        let load = || self.agent.times.measure(LibraryCall::AddPeer, || agent.load_remote_md(metadata.agent));
        let loaded = std::panic::catch_unwind(AssertUnwindSafe(load));
        match loaded {
            Ok(Ok(name)) if name == metadata.agent_name => Ok(()),
            Ok(Ok(name)) => {
                let is_known = self.peers.values().any(|peer| peer.agent_name == name);
                if !is_known && let Err(error) = agent.invalidate_remote_md(&name) {
                    tracing::debug!(%error, "NIXL could not remove a peer with a wrong name");
                }
                Err(unreachable_by(format!("its agent has the name {name:?} instead of {:?}", metadata.agent_name)))
            }
            Ok(Err(error)) => Err(unreachable_by(format!(
                "NIXL cannot load its metadata ({error}): both sides need a transport in common, see `nixl_backends`"
            ))),
            Err(_) => Err(unreachable_by("the name of its agent is not UTF-8".to_owned())),
        }
    }
}

impl Channel for NixlChannel {
    fn region(&self) -> ChannelRegion {
        self.region.clone()
    }

    /// A peer with new memory, and with writes to its old memory in progress, is loaded without being removed: NIXL adds the
    /// new memory.
    fn add_peer(&mut self, id: PeerId, region: &ChannelRegion) -> Result<(), TransferError> {
        let metadata = PeerMetadata::from_bytes(&region.metadata)?;
        let holder = self.peers.iter().find(|(_, peer)| peer.agent_name == metadata.agent_name);
        if metadata.agent_name == self.agent.name() || holder.is_some_and(|(holder, _)| *holder != id) {
            return Err(unreachable_by(format!("another agent already has the name {:?}", metadata.agent_name)));
        }
        if region.base_address.checked_add(region.length_bytes).is_none() {
            return Err(unreachable_by("its memory extends beyond the last address".to_owned()));
        }
        if !self.has_writes_to(id) {
            self.forget(id);
        }
        self.renew_agent()?;
        self.is_agent_used = true;
        if let Err(error) = self.load(&metadata) {
            self.remove_peer(id);
            return Err(error);
        }
        let peer = Peer {
            agent_name: metadata.agent_name.to_owned(),
            base_address: region.base_address,
            length_bytes: region.length_bytes,
            slice_bytes: metadata.slice_bytes,
            is_leaving: false,
        };
        self.peers.insert(id, peer);
        Ok(())
    }

    fn remove_peer(&mut self, id: PeerId) {
        if !self.has_writes_to(id) {
            self.forget(id);
        } else if let Some(peer) = self.peers.get_mut(&id) {
            peer.is_leaving = true;
        }
    }

    fn post_write(&mut self, id: WriteId, peer_id: PeerId, pieces: &[WritePiece]) -> Result<(), TransferError> {
        let peer = self.peers.get(&peer_id).filter(|peer| !peer.is_leaving);
        let peer = peer.ok_or(TransferError::UnknownPeer(peer_id.0))?;
        let request = self.request(peer, pieces)?;
        if let Some(request) = &request
            && let Err(error) =
                self.agent.times.measure(LibraryCall::PostWrite, || self.agent.agent.post_xfer_req(request, None))
        {
            // Pieces before the failed one may be on their way: the write counts as posted, and NIXL reports it as failed from
            // now on.
            tracing::warn!(peer = format!("{:016x}", peer_id.0), %error, "a write over NIXL failed while it was posted");
        }
        self.in_use.writes.insert(id, Write { peer: peer_id, request });
        Ok(())
    }

    fn poll(&mut self, ended: &mut Vec<WriteEnd>) -> Polled {
        self.agent.progress();
        self.collect(ended);
        Polled::all_that_had_arrived()
    }

    fn call_times(&self) -> Arc<CallTimes> {
        Arc::clone(&self.agent.times)
    }

    fn writes_in_flight(&self) -> usize {
        self.in_use.writes.len()
    }

    fn copy_in(&mut self, offset_bytes: u64, buffer: &StoreBuffer, part: Range<usize>) -> Result<(), TransferError> {
        self.in_use.staging.copy_in(offset_bytes, buffer, part)
    }

    fn copy_out(&self, offset_bytes: u64, buffer: &mut LoadBuffer, part: Range<usize>) -> Result<(), TransferError> {
        self.in_use.staging.copy_out(offset_bytes, buffer, part)
    }

    fn checksum(&self, offset_bytes: u64, length_bytes: u64) -> Result<u64, TransferError> {
        self.in_use.staging.checksum(offset_bytes, length_bytes)
    }

    fn begin_replacing_region(&mut self) -> Result<(), TransferError> {
        let length_bytes = self.in_use.staging.length_bytes();
        self.replacement.begin(length_bytes, move || StagingMemory::new(length_bytes))
    }

    fn replaced_region(&mut self) -> Option<Result<RegionReplaced, TransferError>> {
        // The memory that a write reads must stay.
        if !self.in_use.writes.is_empty() {
            return None;
        }
        let new = self.replacement.take()?;
        Some(new.and_then(|new| self.replace_staging(new)))
    }

    /// Polls once and does not wait: a caller that wants to wait for writes polls before.
    fn close(mut self: Box<Self>) -> u64 {
        self.poll(&mut Vec::new());
        let Self { in_use, agent, lost_requests, .. } = *self;
        if !in_use.writes.is_empty() || lost_requests > 0 {
            // What stays in `ManuallyDrop` is never released, and each registration keeps the agent alive.
            let leaked_bytes = in_use.staging.length_bytes();
            let writes = in_use.writes.len();
            tracing::warn!(
                leaked_bytes,
                writes,
                lost_requests,
                "staging memory is leaked because writes to or from it have not ended"
            );
            return leaked_bytes;
        }
        let InUse { writes, staging_registrations, arena_registrations, staging, arena } =
            ManuallyDrop::into_inner(in_use);
        drop(writes);
        let guard = one_at_a_time();
        drop((staging_registrations, arena_registrations));
        drop((agent, arena));
        drop(guard);
        // Peers on this machine write by address, without asking: the addresses are never reused.
        staging.retire();
        0
    }
}

impl fmt::Debug for NixlChannel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("NixlChannel")
            .field("agent", &self.agent.name())
            .field("peers", &self.peers.len())
            .field("writes", &self.in_use.writes.len())
            .finish_non_exhaustive()
    }
}

fn within(offset_bytes: u64, length_bytes: u64, region_bytes: u64) -> Result<(), TransferError> {
    if offset_bytes.checked_add(length_bytes).is_some_and(|end| end <= region_bytes) {
        return Ok(());
    }
    Err(TransferError::OutOfBounds { offset_bytes, length_bytes, region_bytes })
}

fn unreachable_by(reason: String) -> TransferError {
    TransferError::Unreachable { channel: CHANNEL, reason }
}
