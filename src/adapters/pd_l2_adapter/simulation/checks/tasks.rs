//! Every submitted task completes exactly once, in time, and with the correct result.

use std::{collections::BTreeMap, time::Duration};

use super::visibility::Visibility;
use crate::{
    adapter::{StoreResult, TaskId},
    adapters::pd_l2_adapter::simulation::clock::Micros,
};

/// The tasks of one process.
#[derive(Debug, Default)]
pub(in super::super) struct Tasks {
    open: BTreeMap<TaskId, OpenTask>,
}

#[derive(Debug)]
struct OpenTask {
    keys: Vec<usize>,
    submitted_at: Micros,
    /// Deadlines are by the node's own clock.
    deadline: Duration,
}

impl Tasks {
    pub(in super::super) fn submitted(&mut self, task: TaskId, keys: Vec<usize>, at: Micros, deadline: Duration) {
        self.open.insert(task, OpenTask { keys, submitted_at: at, deadline });
    }

    pub(in super::super) fn completed(&mut self, task: TaskId, result: &StoreResult, visibility: &Visibility) {
        let Some(open) = self.open.remove(&task) else { panic!("tasks: {task} completes but is not open") };
        if result.is_successful() {
            for key in open.keys {
                let found = visibility.could_be_found_since(key, open.submitted_at);
                assert!(found, "tasks: {task} succeeds, and key {key} could not be found since it was submitted");
            }
        }
    }

    pub(in super::super) fn key(&self, task: TaskId, index: usize) -> usize {
        self.open[&task].keys[index]
    }

    pub(in super::super) fn is_open(&self, task: TaskId) -> bool {
        self.open.contains_key(&task)
    }

    /// To be called after deadlines were handled.
    pub(in super::super) fn check_deadlines(&self, now: Duration) {
        for (task, open) in &self.open {
            assert!(open.deadline > now, "tasks: {task} is open at {now:?}, after its deadline {:?}", open.deadline);
        }
    }

    pub(in super::super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }
}
