//! Several threads at once.

use std::{collections::HashMap, sync::mpsc, thread};

use super::{
    Subject,
    run::{Load, Run},
};
use crate::adapter::{GroupLayouts, ObjectKey, TaskId, Usage};

const THREADS: usize = 4;
const ROUNDS: usize = 20;
const KEYS: usize = 8;

/// Every result is complete, every chunk is counted once, and every lock can be released.
pub fn threads_that_use_the_same_keys_get_consistent_results(subject: &Subject) {
    let run = Run::new(subject);
    let keys: Vec<_> = (0..KEYS).map(|name| run.key(name)).collect();
    let locks = submit_from_all_threads(&run, &keys);
    assert_eq!(run.load(&keys).count(), KEYS);
    if !subject.abilities.delete {
        return;
    }
    // All locks except one of each key are released, so nothing can be deleted yet.
    for round in 1..locks.values().copied().max().unwrap_or_default() {
        run.reader.submit_unlock(keys.iter().filter(|key| locks[*key] > round).cloned().collect());
    }
    let held: Vec<_> = keys.iter().filter(|key| locks[*key] > 0).cloned().collect();
    run.reader.delete(held.clone());
    assert_eq!(run.load(&held).count(), held.len(), "a lock was lost");
    run.reader.submit_unlock(held);
    run.reader.delete(keys.clone());
    assert_eq!(run.look_up(&keys).count(), 0, "a key has a lock that no lookup reported");
    if subject.abilities.usage {
        let Usage { total_bytes_used, bytes_by_cache_salt, .. } = run.reader.usage();
        assert_eq!((total_bytes_used, bytes_by_cache_salt.len()), (0, 0), "nothing is there and something is counted");
    }
}

/// Lets all threads store, look up and load all keys, takes every result, and counts the locks of each key.
fn submit_from_all_threads<'k>(run: &Run<'_>, keys: &'k [ObjectKey]) -> HashMap<&'k ObjectKey, usize> {
    let (submitted, all) = mpsc::channel::<(TaskId, TaskId, Load)>();
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let submitted = submitted.clone();
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    // Each thread begins with another key, so that they collide.
                    let mut keys = keys.to_vec();
                    keys.rotate_left((thread * 3 + round) % KEYS);
                    let store = run.submit_store(&keys);
                    let lookup = run.reader.submit_lookup_and_lock_task(keys.clone(), GroupLayouts::default());
                    let _ = submitted.send((store, lookup, run.submit_load(&keys)));
                }
            });
        }
    });
    drop(submitted);
    take_all(run, keys, all.into_iter().collect())
}

fn take_all<'k>(
    run: &Run<'_>,
    keys: &'k [ObjectKey],
    tasks: Vec<(TaskId, TaskId, Load)>,
) -> HashMap<&'k ObjectKey, usize> {
    let mut locks: HashMap<_, _> = keys.iter().map(|key| (key, 0)).collect();
    let mut bytes = 0;
    for (index, (store, lookup, load)) in tasks.into_iter().enumerate() {
        let result = run.wait_for_store(store);
        assert!(result.is_successful(), "store task {index}: {result:?}");
        bytes += result.bytes_transferred;
        let looked_up: Vec<_> = load.keys().cloned().collect();
        let found = run.wait_for_lookup(lookup, KEYS);
        for key in keys {
            let index = looked_up.iter().position(|other| other == key);
            *locks.entry(key).or_default() += usize::from(index.is_some_and(|index| found.test(index)));
        }
        run.wait_for_load(load);
    }
    assert_eq!(bytes, run.chunks_bytes(KEYS), "each chunk is transferred and counted once");
    locks
}
