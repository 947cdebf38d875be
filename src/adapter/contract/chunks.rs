//! Storing, finding and loading chunks.

use std::sync::Arc;

use super::{
    CHUNKS_MAX, Subject,
    run::{Run, bits},
};
use crate::adapter::{ObjectKey, StoreBuffer, StoreChunk, StoreResult};

/// Bit `i` belongs to key `i` in any order of keys, also if chunks are missing.
pub fn stored_chunks_are_found_and_loaded_in_the_order_of_keys(subject: &Subject) {
    let run = Run::new(subject);
    assert_eq!(run.store(&run.keys([4, 0])), StoreResult::success(run.chunks_bytes(2)));
    assert_eq!(run.store(&run.keys([2])), StoreResult::success(run.chunks_bytes(1)));
    let (asked, there) = (run.keys([0, 1, 2, 3, 4, 5]), [true, false, true, false, true, false]);
    assert_eq!(bits(&run.look_up(&asked)), there);
    assert_eq!(bits(&run.load(&asked)), there);
    let (asked, there) = (run.keys([5, 4, 0, 1]), [false, true, true, false]);
    assert_eq!(bits(&run.load(&asked)), there);
    assert_eq!(bits(&run.look_up(&asked)), there);

    let all: Vec<_> = (0..CHUNKS_MAX).map(|name| run.key(name)).collect();
    assert_eq!(run.store(&all), StoreResult::success(run.chunks_bytes(CHUNKS_MAX - 3)));
    assert_eq!((run.look_up(&all).count(), run.load(&all).count()), (CHUNKS_MAX, CHUNKS_MAX));
}

/// A repeated key counts once in a store, and each time in a lookup and a load.
pub fn a_repeated_key_is_one_chunk(subject: &Subject) {
    let run = Run::new(subject);
    assert_eq!(run.store(&run.keys([0, 0, 1, 0])), StoreResult::success(run.chunks_bytes(2)));
    assert_eq!(bits(&run.look_up(&run.keys([0, 2, 0, 1]))), [true, false, true, true]);
    assert_eq!(bits(&run.load(&run.keys([1, 0, 0, 2]))), [true, true, true, false]);
}

/// A key identifies its bytes: a server that has the key does not need them again.
pub fn a_present_chunk_is_not_stored_again(subject: &Subject) {
    let run = Run::new(subject);
    assert_eq!(run.store(&run.keys([0])), StoreResult::success(run.chunks_bytes(1)));
    assert_eq!(run.store(&run.keys([0])), StoreResult::success(0));
    assert_eq!(run.store(&run.keys([0, 1])), StoreResult::success(run.chunks_bytes(1)));
    assert_eq!(run.load(&run.keys([0, 1])).count(), 2);
}

/// A part of a chunk is not a chunk.
pub fn a_load_into_a_buffer_of_another_length_is_a_miss(subject: &Subject) {
    let run = Run::new(subject);
    assert!(run.store(&run.keys([0, 1, 2])).is_successful());
    let length = subject.chunk_bytes;
    let asked = vec![(run.key(0), length - 1), (run.key(1), length), (run.key(2), length + 1)];
    assert_eq!(bits(&run.wait_for_load(run.submit_load_into(asked))), [false, true, false]);
    assert_eq!(run.load(&run.keys([0, 1, 2])).count(), 3, "the chunks are as they were");
}

/// A server frees or reuses a buffer as soon as it has the result. (For loads every test checks this.)
pub fn buffers_are_released_before_the_result(subject: &Subject) {
    let run = Run::new(subject);
    let keys = run.keys([0, 1, 0]);
    let memory: Vec<Arc<[u8]>> = keys.iter().map(|key| run.bytes(key).into()).collect();
    for _ in 0..2 {
        let chunks = keys.iter().zip(&memory);
        let lend =
            |(key, bytes): (&ObjectKey, &Arc<[u8]>)| StoreChunk::new(key.clone(), StoreBuffer::new(Arc::clone(bytes)));
        let task = run.writer.submit_store_task(chunks.map(lend).collect());
        run.wait_for_store(task);
        let lent = memory.iter().filter(|bytes| Arc::strong_count(bytes) > 1).count();
        assert_eq!(lent, 0, "buffers of a store are lent after its result");
    }
}
