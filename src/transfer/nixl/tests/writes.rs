//! Where bytes arrive, and which writes are refused.

use super::*;
use crate::transfer::{TransferError, WriteId};

/// Writes pieces of one size and checks every byte of the receiver's memory.
fn arrive(backends: &[&str], count: u64, piece_bytes: u64) {
    let stride_bytes = piece_bytes + 100;
    let (mut sender, mut receiver) = pair(backends, count * piece_bytes, 50 + count * stride_bytes);
    let bytes = pattern((count * piece_bytes) as usize, 3);
    stage(&mut sender, 0, &bytes);
    let pieces: Vec<_> =
        (0..count).map(|index| staged(index * piece_bytes, 50 + index * stride_bytes, piece_bytes)).collect();
    sender.post_write(WriteId(1), PeerId(2), &pieces).unwrap();
    let ended = drain(&mut sender, &mut receiver);
    assert_eq!(ended.len(), 1);
    assert!(ended[0].status.succeeded());

    let mut expected = vec![0; (50 + count * stride_bytes) as usize];
    for (index, piece) in bytes.chunks(piece_bytes as usize).enumerate() {
        let at = 50 + index * stride_bytes as usize;
        expected[at..at + piece.len()].copy_from_slice(piece);
    }
    let arrived = loaded(&receiver, 0, expected.len());
    let wrong = arrived.iter().zip(&expected).position(|(arrived, expected)| arrived != expected);
    assert_eq!(wrong, None, "{count} pieces of {piece_bytes} bytes over {backends:?}");
    close_both(sender, receiver);
}

#[test]
fn bytes_arrive_at_their_offset_and_nowhere_else_over_any_transport() {
    for backends in [&["UCX"], &["shm"], &["tcp"]] {
        for (count, piece_bytes) in [(1, 1), (3, 4096), (5, 12345), (64, MIB)] {
            arrive(backends, count, piece_bytes);
        }
    }
}

#[test]
fn an_arena_is_written_from_without_staging_and_not_beyond_its_end() {
    let arena = pattern(3 * MIB as usize, 9);
    let mut settings = settings(1, &["UCX"], 4096);
    // SAFETY: the vector outlives the channel and is not written to.
    settings.l1_arena = Some(unsafe { L1Arena::new(arena.as_ptr(), arena.len(), 1) });
    let mut sender = Box::new(NixlChannel::new(&settings).unwrap());
    let mut receiver = channel(2, &["UCX"], 2 * MIB);
    sender.add_peer(PeerId(2), &receiver.region()).unwrap();
    let piece =
        WritePiece { source: PieceSource::Arena { offset_bytes: 100 }, remote_offset_bytes: 7, length_bytes: MIB };
    sender.post_write(WriteId(1), PeerId(2), &[piece]).unwrap();
    assert!(drain(&mut sender, &mut receiver)[0].status.succeeded());
    assert_eq!(loaded(&receiver, 7, MIB as usize), arena[100..100 + MIB as usize]);
    let beyond = WritePiece { source: PieceSource::Arena { offset_bytes: 3 * MIB - 1 }, length_bytes: 2, ..piece };
    let refused = sender.post_write(WriteId(2), PeerId(2), &[beyond]);
    assert!(matches!(refused, Err(TransferError::OutOfBounds { .. })));
    close_both(sender, receiver);
}

/// The memory that the kernel counts as pinned for this process.
fn pinned() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    status.lines().find(|line| line.starts_with("VmPin:")).unwrap().to_owned()
}

#[test]
fn an_arena_of_several_ranks_pins_no_memory_over_tcp_and_shared_memory() {
    let arena = pattern(64 * MIB as usize, 9);
    let before = pinned();
    for backends in [&["shm"], &["tcp"]] {
        let ranks: Vec<_> = (0..2)
            .map(|tp_rank| {
                // SAFETY: the vector outlives the channels and is not written to.
                let l1_arena = Some(unsafe { L1Arena::new(arena.as_ptr(), arena.len(), 1) });
                let settings = ChannelSettings { l1_arena, tp_rank, ..settings(1, backends, 4096) };
                Box::new(NixlChannel::new(&settings).unwrap())
            })
            .collect();
        assert_eq!(pinned(), before, "{backends:?}");
        assert!(ranks.into_iter().all(|rank| rank.close() == 0));
    }
}

#[test]
fn a_piece_across_the_slices_of_both_sides_arrives_whole() {
    let bytes = pattern(5 * 8192 + 11, 1);
    let of_slices = |epoch, slice_bytes| {
        Box::new(NixlChannel::with_slices(&settings(epoch, &["UCX"], 8 * 8192), slice_bytes).unwrap())
    };
    let (mut sender, mut receiver) = (of_slices(1, 8192), of_slices(2, 3 * 4096));
    sender.add_peer(PeerId(2), &receiver.region()).unwrap();
    stage(&mut sender, 1000, &bytes);
    sender.post_write(WriteId(1), PeerId(2), &[staged(1000, 3000, bytes.len() as u64)]).unwrap();
    assert!(drain(&mut sender, &mut receiver)[0].status.succeeded());
    assert_eq!(loaded(&receiver, 3000, bytes.len()), bytes);
    close_both(sender, receiver);
}

#[test]
fn a_write_beyond_either_memory_is_refused() {
    let (mut sender, receiver) = pair(&["UCX"], 4096, 8192);
    for piece in [staged(4095, 0, 2), staged(u64::MAX, 0, 1), staged(0, 8191, 2), staged(0, u64::MAX, 1)] {
        let refused = sender.post_write(WriteId(1), PeerId(2), &[piece]);
        assert!(matches!(refused, Err(TransferError::OutOfBounds { .. })), "{piece:?}");
    }
    assert_eq!(sender.writes_in_flight(), 0);
    close_both(sender, receiver);
}

#[test]
fn an_empty_write_succeeds_in_the_next_poll() {
    let (mut sender, mut receiver) = pair(&["UCX"], 4096, 4096);
    sender.post_write(WriteId(1), PeerId(2), &[staged(0, 0, 0)]).unwrap();
    assert_eq!(sender.writes_in_flight(), 1);
    assert!(drain(&mut sender, &mut receiver)[0].status.succeeded());
    close_both(sender, receiver);
}

#[test]
fn an_unknown_or_removed_peer_is_refused() {
    let (mut sender, receiver) = pair(&["UCX"], 4096, 4096);
    let piece = staged(0, 0, 1);
    assert!(matches!(sender.post_write(WriteId(1), PeerId(3), &[piece]), Err(TransferError::UnknownPeer(3))));
    sender.remove_peer(PeerId(2));
    assert!(matches!(sender.post_write(WriteId(2), PeerId(2), &[piece]), Err(TransferError::UnknownPeer(2))));
    close_both(sender, receiver);
}

#[test]
fn a_peer_removed_during_a_write_is_dropped_after_the_write() {
    let (mut sender, mut receiver) = pair(&["tcp"], 64 * MIB, 64 * MIB);
    let bytes = pattern(64 * MIB as usize, 5);
    stage(&mut sender, 0, &bytes);
    sender.post_write(WriteId(1), PeerId(2), &[staged(0, 0, 64 * MIB)]).unwrap();
    sender.remove_peer(PeerId(2));
    let refused = sender.post_write(WriteId(2), PeerId(2), &[staged(0, 0, 1)]);
    assert!(matches!(refused, Err(TransferError::UnknownPeer(2))));
    assert!(drain(&mut sender, &mut receiver)[0].status.succeeded());
    assert_eq!(loaded(&receiver, 0, bytes.len()), bytes);
    sender.add_peer(PeerId(2), &receiver.region()).unwrap();
    close_both(sender, receiver);
}

#[test]
fn a_peer_can_be_added_repeatedly() {
    let (mut sender, mut receiver) = pair(&["UCX"], 4096, 4096);
    for round in 0..5 {
        sender.add_peer(PeerId(2), &receiver.region()).unwrap();
        stage(&mut sender, 0, &[round + 1; 100]);
        sender.post_write(WriteId(u64::from(round)), PeerId(2), &[staged(0, 0, 100)]).unwrap();
        assert!(drain(&mut sender, &mut receiver)[0].status.succeeded());
        assert_eq!(loaded(&receiver, 0, 100), [round + 1; 100]);
    }
    // With a new agent each time.
    let agents = sender.call_times().made().find(|(name, ..)| *name == "nixlAgent").map(|(_, count, _)| count);
    assert_eq!(agents, Some(6));
    close_both(sender, receiver);
}

#[test]
fn metadata_of_another_channel_is_refused() {
    let (mut sender, receiver) = pair(&["UCX"], 4096, 4096);
    let good = receiver.region();
    let name_at = 5 + 16;
    let mut renamed = good.clone();
    renamed.metadata[name_at] ^= 1;
    let mut cut = good.clone();
    cut.metadata.truncate(good.metadata.len() - 1);
    let mut foreign = good.clone();
    foreign.metadata = b"nothing".to_vec();
    let mut endless = good.clone();
    endless.base_address = u64::MAX;
    for region in [renamed, cut, foreign, endless, sender.region()] {
        assert!(matches!(sender.add_peer(PeerId(9), &region), Err(TransferError::Unreachable { .. })), "{region:?}");
    }
    // The name of a known peer is taken.
    assert!(matches!(sender.add_peer(PeerId(9), &good), Err(TransferError::Unreachable { .. })));
    close_both(sender, receiver);
}

#[test]
fn a_missing_plugin_and_one_for_storage_only_are_refused() {
    for (names, reason) in [(&["UXC"], "did you mean \"UCX\"?"), (&["POSIX"], "only plugins for storage")] {
        let error = NixlChannel::new(&settings(1, names, 4096)).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
}
