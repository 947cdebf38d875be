//! The reports of each side of a deployment, and its handling of the other side's tasks.

use super::{Subject, run::Run};
use crate::adapter::{AdapterStatus, GroupLayouts, StoreResult};

/// Health checks and logs need this.
pub fn an_adapter_reports_whether_it_serves(subject: &Subject) {
    let run = Run::new(subject);
    assert!(run.store(&run.keys([0])).is_successful());
    for adapter in [&run.writer, &run.reader] {
        assert_eq!(adapter.report_status(), AdapterStatus::Healthy);
        let (type_name, shown) = (adapter.type_name(), adapter.to_string());
        assert!(shown.contains(type_name), "`{shown}` does not name the type `{type_name}`");
    }
    for adapter in [&run.writer, &run.reader] {
        adapter.close();
        assert_eq!(adapter.report_status(), AdapterStatus::Closed);
    }
}

/// A server submits every kind of task to every adapter. Only split deployments have two sides.
pub fn each_side_completes_tasks_of_the_other_side_at_once(subject: &Subject) {
    let run = Run::new(subject);
    if !run.is_split() {
        return;
    }
    let keys = run.keys([0, 1, 2]);
    assert!(run.store(&keys[..2]).is_successful());

    let task = run.reader.submit_store_task(keys.iter().map(|key| run.store_chunk(key)).collect());
    let stored = run.reader.pop_completed_store_tasks();
    assert_eq!(
        stored,
        [(task, StoreResult::success(0))],
        "the side that reads completes a store at once, with 0 bytes"
    );
    assert_eq!(run.find(&keys).ones().collect::<Vec<_>>(), [0, 1], "the side that reads kept a chunk it was to store");

    let task = run.writer.submit_lookup_and_lock_task(keys.clone(), GroupLayouts::default());
    let found = run.writer.query_lookup_and_lock_result(task);
    assert_eq!(
        found.map(|found| (found.len(), found.count())),
        Some((3, 0)),
        "the side that writes finds nothing, at once"
    );

    let chunks = keys.iter().map(|key| {
        let (buffer, _) = crate::adapter::LoadBuffer::new(subject.chunk_bytes);
        crate::adapter::LoadChunk { key: key.clone(), buffer }
    });
    let task = run.writer.submit_load_task(chunks.collect());
    let loaded = run.writer.query_load_result(task);
    assert_eq!(
        loaded.map(|loaded| (loaded.len(), loaded.count())),
        Some((3, 0)),
        "the side that writes loads nothing, at once"
    );

    run.writer.submit_unlock(keys.clone());
    run.writer.delete(keys.clone());
    assert_eq!(run.load(&keys).ones().collect::<Vec<_>>(), [0, 1], "the side that writes deleted a chunk");
}
