//! Chunks by their last use. A use does not move a chunk; it is moved when its turn comes, so that a lookup of ten thousand
//! keys costs no reordering.

use std::{collections::BTreeSet, time::Duration};

use super::super::protocol::SlotTicket;

/// Which chunks are evicted first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Queue {
    /// Chunks that were loaded.
    Consumed,
    /// Chunks that were not loaded.
    Unread,
}

/// Both queues, each by last use.
#[derive(Debug, Default)]
pub(super) struct Ages {
    consumed: BTreeSet<(Duration, SlotTicket)>,
    unread: BTreeSet<(Duration, SlotTicket)>,
}

impl Ages {
    pub(super) fn insert(&mut self, queue: Queue, at: Duration, ticket: SlotTicket) {
        self.queue_mut(queue).insert((at, ticket));
    }

    pub(super) fn remove(&mut self, queued: Option<(Queue, Duration)>, ticket: SlotTicket) {
        if let Some((queue, at)) = queued {
            self.queue_mut(queue).remove(&(at, ticket));
        }
    }

    pub(super) fn first(&self, queue: Queue) -> Option<(Duration, SlotTicket)> {
        match queue {
            Queue::Consumed => self.consumed.first().copied(),
            Queue::Unread => self.unread.first().copied(),
        }
    }

    fn queue_mut(&mut self, queue: Queue) -> &mut BTreeSet<(Duration, SlotTicket)> {
        match queue {
            Queue::Consumed => &mut self.consumed,
            Queue::Unread => &mut self.unread,
        }
    }

    #[cfg(test)]
    pub(super) fn contains(&self, queue: Queue, at: Duration, ticket: SlotTicket) -> bool {
        match queue {
            Queue::Consumed => self.consumed.contains(&(at, ticket)),
            Queue::Unread => self.unread.contains(&(at, ticket)),
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.consumed.len() + self.unread.len()
    }
}
