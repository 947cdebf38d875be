//! A deployment of two sides, like `pd`: each passes the tasks of its part on to one `mock`.

use std::{fmt, sync::Arc};

use l2_adapter::adapter::{
    AdapterStatus, Bitmap, Completions, EventHandle, GroupLayouts, KeyListener, L2Adapter, LoadChunk, ObjectKey,
    StoreChunk, StoreResult, TaskId, TaskKind, Usage,
    contract::{Abilities, Deployment, Subject},
};

use crate::mock;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Write,
    Read,
}

#[derive(Debug)]
struct Side {
    part: Part,
    whole: Arc<dyn L2Adapter>,
    /// Completes the tasks of the other part.
    completions: Completions,
}

/// Distinguishes the ids of the two.
const NOT_ITS_PART: u64 = 1 << 63;

impl Side {
    fn new(part: Part, whole: &Arc<dyn L2Adapter>) -> Arc<Self> {
        Arc::new(Self { part, whole: Arc::clone(whole), completions: Completions::new().unwrap() })
    }

    fn begin(&self, kind: TaskKind, keys: usize) -> TaskId {
        self.completions.begin(kind, keys)
    }
}

fn marked(TaskId(task): TaskId) -> TaskId {
    TaskId(task | NOT_ITS_PART)
}

fn unmarked(TaskId(task): TaskId) -> TaskId {
    TaskId(task & !NOT_ITS_PART)
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} side of {}", self.part, self.whole)
    }
}

impl L2Adapter for Side {
    fn type_name(&self) -> &'static str {
        self.whole.type_name()
    }

    fn completion_event(&self, kind: TaskKind) -> EventHandle<'_> {
        if (kind == TaskKind::Store) == (self.part == Part::Write) {
            self.whole.completion_event(kind)
        } else {
            self.completions.event(kind)
        }
    }

    fn submit_store_task(&self, chunks: Vec<StoreChunk>) -> TaskId {
        if self.part == Part::Write {
            return self.whole.submit_store_task(chunks);
        }
        let task = self.begin(TaskKind::Store, chunks.len());
        self.completions.complete_store(task, StoreResult::success(0));
        marked(task)
    }

    fn pop_completed_store_tasks(&self) -> Vec<(TaskId, StoreResult)> {
        match self.part {
            Part::Write => self.whole.pop_completed_store_tasks(),
            Part::Read => {
                let results = self.completions.pop_completed_store_tasks().into_iter();
                results.map(|(task, result)| (marked(task), result)).collect()
            }
        }
    }

    fn submit_lookup_and_lock_task(&self, keys: Vec<ObjectKey>, layouts: GroupLayouts) -> TaskId {
        if self.part == Part::Read {
            return self.whole.submit_lookup_and_lock_task(keys, layouts);
        }
        let task = self.begin(TaskKind::LookupAndLock, keys.len());
        self.completions.complete_lookup_and_lock(task, Bitmap::new(keys.len()));
        marked(task)
    }

    fn query_lookup_and_lock_result(&self, task: TaskId) -> Option<Bitmap> {
        match self.part {
            Part::Write => self.completions.query_lookup_and_lock_result(unmarked(task)),
            Part::Read => self.whole.query_lookup_and_lock_result(task),
        }
    }

    fn submit_unlock(&self, keys: Vec<ObjectKey>) {
        if self.part == Part::Read {
            self.whole.submit_unlock(keys);
        }
    }

    fn submit_load_task(&self, chunks: Vec<LoadChunk>) -> TaskId {
        if self.part == Part::Read {
            return self.whole.submit_load_task(chunks);
        }
        let task = self.begin(TaskKind::Load, chunks.len());
        self.completions.complete_load(task, Bitmap::new(chunks.len()));
        marked(task)
    }

    fn query_load_result(&self, task: TaskId) -> Option<Bitmap> {
        match self.part {
            Part::Write => self.completions.query_load_result(unmarked(task)),
            Part::Read => self.whole.query_load_result(task),
        }
    }

    fn delete(&self, keys: Vec<ObjectKey>) {
        if self.part == Part::Read {
            self.whole.delete(keys);
        }
    }

    fn usage(&self) -> Usage {
        if self.part == Part::Read { self.whole.usage() } else { Usage::default() }
    }

    fn report_status(&self) -> AdapterStatus {
        self.whole.report_status()
    }

    fn register_listener(&self, listener: Arc<dyn KeyListener>) {
        if self.part == Part::Read {
            self.whole.register_listener(listener);
        }
    }

    fn close(&self) {
        self.completions.close();
        self.whole.close();
    }
}

fn subject() -> Subject {
    Subject::new(Abilities::ALL, || {
        let whole = mock::adapter();
        Deployment::split(Side::new(Part::Write, &whole), Side::new(Part::Read, &whole))
    })
}

mod keeps_the_contract {
    use super::subject;

    l2_adapter::contract_tests!(subject());
}

/// The reading side is a whole adapter, which stores chunks.
#[test]
#[should_panic(expected = "the side that reads completes a store at once, with 0 bytes")]
fn a_side_that_does_the_other_sides_part_is_detected() {
    let both = Subject::new(Abilities::ALL, || {
        let whole = mock::adapter();
        Deployment::split(Side::new(Part::Write, &whole), whole)
    });
    l2_adapter::adapter::contract::each_side_completes_tasks_of_the_other_side_at_once(&both);
}
