//! Closing an adapter.

use std::thread;

use super::{
    Subject,
    run::{KINDS, Load, Run, is_readable},
};
use crate::adapter::{GroupLayouts, StoreResult, TaskId};

const TASKS: usize = 30;

/// Each task has one result, and none is open after `close` returns.
pub fn closing_completes_every_task_once(subject: &Subject) {
    let run = Run::new(subject);
    let keys = run.keys([0, 1, 2]);
    let submit = || -> Vec<(TaskId, TaskId, Load)> {
        (0..TASKS)
            .map(|_| {
                let lookup = run.reader.submit_lookup_and_lock_task(keys.clone(), GroupLayouts::default());
                (run.submit_store(&keys), lookup, run.submit_load(&keys))
            })
            .collect()
    };
    let mut tasks = submit();
    thread::scope(|scope| {
        for adapter in [&run.writer, &run.writer, &run.reader, &run.reader] {
            scope.spawn(|| adapter.close());
        }
        tasks.extend(submit());
    });
    for (store, lookup, load) in tasks {
        assert!(run.take_store(store).is_some(), "store task {store} has no result after close");
        assert!(run.take_store(store).is_none(), "store task {store} has two results");
        let found = run.reader.query_lookup_and_lock_result(lookup);
        assert_eq!(found.map(|found| found.len()), Some(keys.len()), "lookup {lookup} after close");
        assert_eq!(run.reader.query_lookup_and_lock_result(lookup), None, "lookup {lookup} has two results");
        let task = load.task;
        let loaded = run.reader.query_load_result(task);
        run.check_loaded(load, &loaded.unwrap_or_else(|| panic!("load task {task} has no result after close")));
        assert_eq!(run.reader.query_load_result(task), None, "load task {task} has two results");
    }
}

/// A server may still be submitting when another of its threads closes.
pub fn after_closing_tasks_complete_at_once_without_effect(subject: &Subject) {
    let run = Run::new(subject);
    let keys = run.keys([0, 1]);
    assert!(run.store(&keys).is_successful());
    run.writer.close();
    run.reader.close();

    let store = run.submit_store(&keys);
    let result = run.take_store(store);
    assert!(
        result.as_ref().is_some_and(|result| !result.is_successful()),
        "a store after close fails at once: {result:?}"
    );
    let lookup = run.reader.submit_lookup_and_lock_task(keys.clone(), GroupLayouts::default());
    let found = run.reader.query_lookup_and_lock_result(lookup);
    assert_eq!(
        found.map(|found| (found.len(), found.count())),
        Some((2, 0)),
        "a lookup after close finds nothing, at once"
    );
    let load = run.submit_load(&keys);
    let loaded = run.reader.query_load_result(load.task);
    assert_eq!(
        loaded.as_ref().map(|loaded| (loaded.len(), loaded.count())),
        Some((2, 0)),
        "a load after close finds nothing"
    );
    run.check_loaded(load, &loaded.unwrap());
    for kind in KINDS {
        let adapter = if kind == crate::adapter::TaskKind::Store { &run.writer } else { &run.reader };
        assert!(
            is_readable(adapter.completion_event(kind), subject.patience),
            "a {kind:?} task after close is not signalled"
        );
    }
    run.reader.submit_unlock(keys.clone());
    run.reader.delete(keys);
}

/// Controllers look for results once more when they stop.
pub fn results_can_be_taken_after_closing_twice(subject: &Subject) {
    let run = Run::new(subject);
    let keys = run.keys([0]);
    let store = run.submit_store(&keys);
    assert!(is_readable(run.writer.completion_event(crate::adapter::TaskKind::Store), subject.patience));
    for _ in 0..3 {
        run.writer.close();
        run.reader.close();
    }
    assert_eq!(run.take_store(store), Some(StoreResult::success(run.chunks_bytes(1))));
    assert!(run.take_store(store).is_none());
}
