//! Layouts: a lookup does not find a chunk whose bytes have another meaning.

use super::{Subject, run::Run};
use crate::adapter::{ChunkLayout, GroupLayouts, ObjectKey, Tensor};

/// A chunk that was stored with one layout is not found by a lookup that expects another; if either is unknown it is found.
pub fn a_chunk_of_another_layout_is_not_found(subject: &Subject) {
    let run = Run::new(subject);
    let [half, brain, unknown] = [0, 1, 2].map(|name| run.key(name));
    let layout = |dtype| layout(dtype, subject.chunk_bytes);
    let stored = [(&half, Some(layout("float16"))), (&brain, Some(layout("bfloat16"))), (&unknown, None)];
    let chunks = stored.into_iter().map(|(key, layout)| {
        let mut chunk = run.store_chunk(key);
        chunk.layout = layout;
        chunk
    });
    let task = run.writer.submit_store_task(chunks.collect());
    assert!(run.wait_for_store(task).is_successful());
    let keys = vec![half, brain, unknown];
    let all = [true; 3];
    let expected = if subject.abilities.layouts { [true, false, true] } else { all };
    assert_eq!(find(&run, &keys, layout("float16")), expected, "a chunk of another layout is not found");
    // A lookup that expects no layout finds it.
    assert_eq!(run.find(&keys).count(), 3);
}

/// A packed chunk (compressed, encrypted) has another size than its layout, and the server unpacks it after the load.
pub fn a_chunk_whose_size_differs_from_its_layout_is_found(subject: &Subject) {
    let run = Run::new(subject);
    let key = run.key(0);
    let mut chunk = run.store_chunk(&key);
    chunk.layout = Some(layout("float16", subject.chunk_bytes));
    let task = run.writer.submit_store_task(vec![chunk]);
    assert!(run.wait_for_store(task).is_successful());
    assert_eq!(find(&run, &[key], layout("bfloat16", 2 * subject.chunk_bytes)), [true]);
}

fn find(run: &Run<'_>, keys: &[ObjectKey], wanted: ChunkLayout) -> Vec<bool> {
    let task = run.reader.submit_lookup_and_lock_task(keys.to_vec(), GroupLayouts::from_iter([(0, wanted)]));
    let found = run.wait_for_lookup(task, keys.len());
    run.reader.submit_unlock(found.ones().filter_map(|index| keys.get(index).cloned()).collect());
    (0..keys.len()).map(|index| found.test(index)).collect()
}

fn layout(dtype: &str, size_bytes: usize) -> ChunkLayout {
    let shape = [2, size_bytes as u64 / 4];
    ChunkLayout::new([Tensor { dtype, element_bytes: 2, shape: &shape }]).unwrap()
}
