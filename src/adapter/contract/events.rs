//! The three events, one for each kind of task.

use std::{os::fd::AsRawFd as _, time::Duration};

use rustix::fs::{OFlags, fcntl_getfl};

use super::{
    Subject,
    run::{KINDS, Run, is_readable, reset},
};
use crate::adapter::{GroupLayouts, L2Adapter, TaskKind};

/// A controller polls many adapters, and finds the adapter and the kind of task by the descriptor.
pub fn events_are_distinct_descriptors_that_do_not_block(subject: &Subject) {
    let run = Run::new(subject);
    let mut adapters: Vec<&dyn L2Adapter> = vec![&*run.writer];
    if run.is_split() {
        adapters.push(&*run.reader);
    }
    let mut descriptors = Vec::new();
    for adapter in adapters {
        for kind in KINDS {
            let event = adapter.completion_event(kind);
            assert!(
                fcntl_getfl(event).unwrap().contains(OFlags::NONBLOCK),
                "{adapter}: reading the {kind:?} event blocks"
            );
            assert!(!is_readable(event, Duration::ZERO), "{adapter}: the {kind:?} event is signalled before any task");
            descriptors.push(event.as_raw_fd());
        }
    }
    let count = descriptors.len();
    descriptors.sort_unstable();
    descriptors.dedup();
    assert_eq!(descriptors.len(), count, "each adapter has a separate event for each kind");
}

/// One task at a time: a caller that wakes up finds its result.
pub fn an_event_is_signalled_after_its_result_and_reset_by_reading(subject: &Subject) {
    let run = Run::new(subject);
    let keys = run.keys([0, 1]);
    let quiet = |kind: TaskKind| {
        KINDS.into_iter().filter(|other| *other != kind).all(|other| {
            let adapter = if other == TaskKind::Store { &run.writer } else { &run.reader };
            !is_readable(adapter.completion_event(other), Duration::ZERO)
        })
    };
    let wake = |adapter: &dyn L2Adapter, kind| {
        let event = adapter.completion_event(kind);
        assert!(is_readable(event, subject.patience), "{adapter}: the {kind:?} event was not signalled");
        assert!(reset(event), "{adapter}: the {kind:?} event is readable and cannot be read");
        assert!(quiet(kind), "{adapter}: a {kind:?} task signalled the event of another kind");
    };
    for _ in 0..3 {
        let task = run.submit_store(&keys);
        wake(&*run.writer, TaskKind::Store);
        assert!(run.take_store(task).is_some(), "the store event was signalled before the result can be taken");

        let task = run.reader.submit_lookup_and_lock_task(keys.clone(), GroupLayouts::default());
        wake(&*run.reader, TaskKind::LookupAndLock);
        let found = run.reader.query_lookup_and_lock_result(task);
        assert!(found.is_some(), "the lookup event was signalled before the result can be taken");

        let load = run.submit_load(&keys);
        wake(&*run.reader, TaskKind::Load);
        let loaded = run.reader.query_load_result(load.task);
        assert!(loaded.is_some(), "the load event was signalled before the result can be taken");

        for kind in KINDS {
            let adapter = if kind == TaskKind::Store { &run.writer } else { &run.reader };
            let signalled = is_readable(adapter.completion_event(kind), Duration::ZERO);
            assert!(!signalled, "{adapter}: the {kind:?} event is signalled again although nothing completed");
        }
    }
}
