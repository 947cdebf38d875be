//! Lookups that may wait.

use super::{Subject, run::Run};
use crate::adapter::GroupLayouts;

/// Concurrent lookups.
const LOOKUPS: usize = 64;

/// Every wait is bounded.
pub fn a_lookup_of_keys_that_are_never_stored_completes(subject: &Subject) {
    let run = Run::new(subject);
    assert_eq!(run.look_up(&run.keys([1, 2])).count(), 0, "a key was found that was never stored");
}

/// It delays neither other lookups nor stores and loads.
pub fn a_waiting_lookup_delays_no_other_task(subject: &Subject) {
    let run = Run::new(subject);
    let missing: Vec<_> = (0..LOOKUPS)
        .map(|name| run.reader.submit_lookup_and_lock_task(vec![run.key(100 + name)], GroupLayouts::default()))
        .collect();
    let key = run.keys([0]);
    assert!(run.store(&key).is_successful());
    assert_eq!((run.find(&key).count(), run.load(&key).count()), (1, 1));
    for task in missing {
        assert_eq!(run.wait_for_lookup(task, 1).count(), 0, "a key was found that was never stored");
    }
}

/// Closing completes it.
pub fn closing_completes_waiting_lookups(subject: &Subject) {
    let run = Run::new(subject);
    let task = run.reader.submit_lookup_and_lock_task(run.keys([1]), GroupLayouts::default());
    run.reader.close();
    let found = run.reader.query_lookup_and_lock_result(task);
    assert_eq!(found.map(|found| found.count()), Some(0), "after close a lookup that waited has an answer");
}
