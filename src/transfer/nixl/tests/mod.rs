//! Two channels over the real library. NIXL must be installed (`scripts/install-nixl`), or these tests fail.

mod closing;
mod processes;
mod writes;

use std::time::{Duration, Instant};

use super::channel::NixlChannel;
use crate::{
    adapter::{L1Arena, LoadBuffer, StoreBuffer},
    transfer::{Channel, ChannelKind, ChannelRegion, ChannelSettings, PeerId, PieceSource, WriteEnd, WritePiece},
};

const MIB: u64 = 1 << 20;

/// Only a test that hangs takes this long.
const HANGS_AFTER: Duration = Duration::from_secs(60);

fn settings(epoch: u64, backends: &[&str], staging_bytes: u64) -> ChannelSettings {
    ChannelSettings {
        kind: ChannelKind::Nixl,
        nixl_backends: backends.iter().map(|name| (*name).to_owned()).collect(),
        package_folders: Vec::new(),
        staging_bytes,
        is_local: true,
        l1_arena: None,
        epoch,
        tp_rank: 0,
    }
}

fn channel(epoch: u64, backends: &[&str], staging_bytes: u64) -> Box<NixlChannel> {
    Box::new(NixlChannel::new(&settings(epoch, backends, staging_bytes)).unwrap())
}

/// A sender of epoch 1 that knows a receiver of epoch 2.
fn pair(backends: &[&str], sender_bytes: u64, receiver_bytes: u64) -> (Box<NixlChannel>, Box<NixlChannel>) {
    let mut sender = channel(1, backends, sender_bytes);
    let receiver = channel(2, backends, receiver_bytes);
    sender.add_peer(PeerId(2), &receiver.region()).unwrap();
    (sender, receiver)
}

fn staged(offset_bytes: u64, remote_offset_bytes: u64, length_bytes: u64) -> WritePiece {
    WritePiece { source: PieceSource::Staging { offset_bytes }, remote_offset_bytes, length_bytes }
}

fn pattern(length: usize, seed: u8) -> Vec<u8> {
    (0..length).map(|index| (index / 4096 + index) as u8 ^ seed).collect()
}

fn stage(channel: &mut NixlChannel, offset_bytes: u64, bytes: &[u8]) {
    channel.copy_in(offset_bytes, &StoreBuffer::new(bytes.to_vec()), 0..bytes.len()).unwrap();
}

fn loaded(channel: &NixlChannel, offset_bytes: u64, length: usize) -> Vec<u8> {
    let (mut buffer, bytes) = LoadBuffer::new(length);
    channel.copy_out(offset_bytes, &mut buffer, 0..length).unwrap();
    drop(buffer);
    bytes.try_into_bytes().unwrap().into_vec()
}

/// Repeats `step` until it returns something.
fn until<T>(what: &str, mut step: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(done) = step() {
            return done;
        }
        assert!(start.elapsed() < HANGS_AFTER, "{what} did not happen in {HANGS_AFTER:?}");
        std::thread::yield_now();
    }
}

/// Polls both sides until the sender has no write left.
fn drain(sender: &mut NixlChannel, receiver: &mut NixlChannel) -> Vec<WriteEnd> {
    let mut ended = Vec::new();
    until("the end of all writes", || {
        receiver.poll(&mut Vec::new());
        sender.poll(&mut ended);
        (sender.writes_in_flight() == 0).then_some(())
    });
    ended
}

/// Replaces the receiver's memory.
fn replaced(receiver: &mut NixlChannel) -> ChannelRegion {
    receiver.begin_replacing_region().unwrap();
    until("new memory", || receiver.replaced_region()).unwrap().region
}

/// Closes both, and expects no leak.
fn close_both(sender: Box<NixlChannel>, receiver: Box<NixlChannel>) {
    assert_eq!((sender.close(), receiver.close()), (0, 0));
}
