//! Memory that is released while writes to or from it are in progress.

use super::*;
use crate::transfer::{TransferError, WriteId};

#[test]
fn a_write_to_replaced_memory_has_no_effect() {
    for backends in [&["tcp"], &["shm"]] {
        let (mut sender, mut receiver) = pair(backends, 64 * MIB, 64 * MIB);
        stage(&mut sender, 0, &pattern(64 * MIB as usize, 7));
        // The connection is up, so the next write is on its way at once.
        sender.post_write(WriteId(1), PeerId(2), &[staged(0, 0, 1)]).unwrap();
        drain(&mut sender, &mut receiver);
        let new = replaced(&mut receiver);
        sender.post_write(WriteId(2), PeerId(2), &[staged(0, 0, 64 * MIB)]).unwrap();
        drain(&mut sender, &mut receiver);
        assert!(loaded(&receiver, 0, 64 * MIB as usize).iter().all(|byte| *byte == 0), "{backends:?}");

        sender.add_peer(PeerId(2), &new).unwrap();
        sender.post_write(WriteId(3), PeerId(2), &[staged(0, 5, 1000)]).unwrap();
        assert!(drain(&mut sender, &mut receiver)[0].status.succeeded(), "{backends:?}");
        assert_eq!(loaded(&receiver, 5, 1000), pattern(1000, 7));
        close_both(sender, receiver);
    }
}

#[test]
fn memory_that_a_write_reads_is_replaced_after_the_write() {
    let (mut sender, mut receiver) = pair(&["tcp"], 64 * MIB, 64 * MIB);
    let bytes = pattern(64 * MIB as usize, 7);
    stage(&mut sender, 0, &bytes);
    // A receiver that does not poll takes no more than its kernel can hold.
    sender.post_write(WriteId(1), PeerId(2), &[staged(0, 0, 64 * MIB)]).unwrap();
    let old = sender.region().base_address;
    sender.begin_replacing_region().unwrap();
    assert!(matches!(sender.begin_replacing_region(), Err(TransferError::ReplacementUnderWay)));
    let mut ended = Vec::new();
    until("the end of the write", || {
        assert!(sender.replaced_region().is_none(), "the write reads the old memory");
        receiver.poll(&mut Vec::new());
        sender.poll(&mut ended);
        (sender.writes_in_flight() == 0).then_some(())
    });
    assert!(ended[0].status.succeeded());
    assert!(loaded(&receiver, 0, bytes.len()) == bytes);
    let new = until("new memory", || sender.replaced_region()).unwrap().region;
    assert_ne!(new.base_address, old);
    close_both(sender, receiver);
}

#[test]
fn close_does_not_wait_for_new_memory() {
    let mut receiver = channel(2, &["tcp"], 256 * MIB);
    receiver.begin_replacing_region().unwrap();
    // The memory becomes ready during or after this, and its thread unmaps it.
    assert_eq!(receiver.close(), 0);
}

#[test]
fn close_leaks_and_counts_the_memory_of_an_unfinished_write() {
    let (mut sender, receiver) = pair(&["tcp"], 64 * MIB, 64 * MIB);
    // A receiver that does not poll takes no more than its kernel can hold.
    sender.post_write(WriteId(1), PeerId(2), &[staged(0, 0, 64 * MIB)]).unwrap();
    let address = sender.region().base_address as usize;
    assert_eq!(sender.close(), 64 * MIB);
    let kept: *const u8 = std::ptr::with_exposed_provenance(address);
    // SAFETY: the memory stays mapped for as long as the process runs, which is what this tests.
    assert_eq!(unsafe { kept.read_volatile() }, 0);
    assert_eq!(receiver.close(), 0);
}

#[test]
fn channels_of_several_threads_can_be_created_and_closed_at_once() {
    let threads: Vec<_> = (0..4)
        .map(|_| {
            std::thread::spawn(|| {
                let (mut sender, mut receiver) = pair(&["UCX"], 4096, 4096);
                sender.post_write(WriteId(1), PeerId(2), &[staged(0, 0, 10)]).unwrap();
                assert!(drain(&mut sender, &mut receiver)[0].status.succeeded());
                close_both(sender, receiver);
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn memory_can_be_replaced_repeatedly() {
    let (mut sender, mut receiver) = pair(&["tcp"], MIB, 16 * MIB + 64);
    for name in 1..=20 {
        let region = replaced(&mut receiver);
        sender.add_peer(PeerId(2), &region).unwrap();
        let bytes = pattern(MIB as usize, name as u8);
        stage(&mut sender, 0, &bytes);
        sender.post_write(WriteId(name), PeerId(2), &[staged(0, 4096, MIB)]).unwrap();
        assert!(drain(&mut sender, &mut receiver)[0].status.succeeded());
        assert!(loaded(&receiver, 4096, MIB as usize) == bytes, "after the replacement {name} other bytes arrive");
    }
    close_both(sender, receiver);
}
