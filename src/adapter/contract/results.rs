//! Task ids and results.

use std::{collections::HashSet, sync::mpsc, thread};

use super::{Subject, run::Run};
use crate::adapter::{GroupLayouts, StoreResult, TaskId};

/// More than any likely limit of a queue.
const MANY: usize = 300;

/// A controller keeps all tasks of an adapter in one map.
pub fn task_ids_are_distinct_over_all_kinds(subject: &Subject) {
    let run = Run::new(subject);
    let keys = run.keys([0]);
    let mut ids = HashSet::new();
    for _ in 0..20 {
        let load = run.submit_load(&keys).task;
        let lookup = run.reader.submit_lookup_and_lock_task(keys.clone(), GroupLayouts::default());
        for id in [load, lookup].into_iter().chain((!run.is_split()).then(|| run.submit_store(&keys))) {
            assert!(ids.insert(id), "{}: task id {id} is used twice", run.reader);
        }
    }
}

/// A caller handles each result that it gets, so it must not get one twice.
pub fn a_result_is_returned_once_and_only_for_its_own_kind(subject: &Subject) {
    let run = Run::new(subject);
    let keys = run.keys([0]);
    let store = run.submit_store(&keys);
    assert!(run.wait_for_store(store).is_successful());
    assert_eq!(run.writer.pop_completed_store_tasks(), [], "the result of a store is returned twice");

    let (writer, reader) = (&run.writer, &run.reader);
    let lookup = reader.submit_lookup_and_lock_task(keys.clone(), GroupLayouts::default());
    assert_eq!(reader.query_load_result(lookup), None, "a lookup has no result of a load");
    run.wait_for_lookup(lookup, 1);
    assert_eq!(reader.query_lookup_and_lock_result(lookup), None, "the result of a lookup is returned twice");

    let load = run.submit_load(&keys);
    let task = load.task;
    assert_eq!(reader.query_lookup_and_lock_result(task), None, "a load has no result of a lookup");
    run.wait_for_load(load);
    assert_eq!(reader.query_load_result(task), None, "the result of a load is returned twice");

    for unknown in [TaskId(0), TaskId(u64::MAX), TaskId(task.0 + 1), store] {
        for adapter in [writer, reader] {
            assert_eq!(adapter.query_load_result(unknown), None, "{adapter}: unknown load task {unknown}");
            assert_eq!(adapter.query_lookup_and_lock_result(unknown), None, "{adapter}: unknown lookup {unknown}");
        }
    }
}

/// No result is taken until everything is submitted.
pub fn submitting_never_waits(subject: &Subject) {
    let run = Run::new(subject);
    let keys = run.keys([0, 1]);
    assert!(run.store(&keys).is_successful());
    let (submitted, all) = mpsc::channel();
    let (writer, reader) = (run.writer.clone(), run.reader.clone());
    let chunks: Vec<_> = (0..MANY).map(|_| vec![run.store_chunk(&keys[0])]).collect();
    let looked_up = keys.clone();
    // On a separate thread, so that an adapter that waits fails the test instead of hanging it.
    thread::spawn(move || {
        for chunk in chunks {
            let tasks = (
                writer.submit_store_task(chunk),
                reader.submit_lookup_and_lock_task(looked_up.clone(), GroupLayouts::default()),
            );
            reader.submit_unlock(looked_up.clone());
            let _ = submitted.send(tasks);
        }
    });
    let loads: Vec<_> = (0..MANY).map(|_| run.submit_load(&keys)).collect();
    let tasks: Vec<_> = (0..MANY)
        .map(|count| {
            all.recv_timeout(subject.patience).unwrap_or_else(|_| panic!("submitting waits after {count} tasks"))
        })
        .collect();
    for (store, lookup) in tasks {
        assert_eq!(run.wait_for_store(store), StoreResult::success(0));
        assert_eq!(run.wait_for_lookup(lookup, keys.len()).count(), keys.len());
    }
    for load in loads {
        assert_eq!(run.wait_for_load(load).count(), keys.len());
    }
}

/// A controller may submit tasks without keys.
pub fn tasks_without_keys_succeed(subject: &Subject) {
    let run = Run::new(subject);
    assert_eq!(run.store(&[]), StoreResult::success(0));
    assert!(run.look_up(&[]).is_empty());
    assert!(run.load(&[]).is_empty());
    run.reader.submit_unlock(Vec::new());
    run.reader.delete(Vec::new());
    run.pass();
}
