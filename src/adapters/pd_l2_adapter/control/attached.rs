//! Connections that are attached. A sender uses the one it attached last. Older ones stay open until the sender closes them or
//! there are too many: without this bound, a sender could take every file descriptor.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::Notify;

use crate::adapters::pd_l2_adapter::protocol::{ConnectionNumber, Epoch};

/// Attached connections of one incarnation.
const ATTACHED_MAX: usize = 8;

/// The attached connections of a rank. Used by the tasks of its connections.
#[derive(Debug, Default)]
pub(super) struct Attached(Mutex<BTreeMap<Epoch, BTreeMap<ConnectionNumber, Arc<Notify>>>>);

impl Attached {
    /// A connection was attached. If its incarnation now has too many, the oldest one is asked to close.
    pub(super) fn come(&self, epoch: Epoch, connection: ConnectionNumber, told_to_go: &Arc<Notify>) {
        let mut attached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let connections = attached.entry(epoch).or_default();
        connections.insert(connection, Arc::clone(told_to_go));
        if connections.len() > ATTACHED_MAX
            && let Some((_, oldest)) = connections.pop_first()
        {
            oldest.notify_one();
        }
    }

    /// A connection has ended.
    pub(super) fn leave(&self, epoch: Epoch, connection: ConnectionNumber) {
        let mut attached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(connections) = attached.get_mut(&epoch) {
            connections.remove(&connection);
            if connections.is_empty() {
                attached.remove(&epoch);
            }
        }
    }
}
