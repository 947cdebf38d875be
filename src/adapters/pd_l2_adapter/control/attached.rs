//! The connections of a rank: their addresses, and which are attached. A sender uses the one that it attached last. Older ones
//! stay open until the sender closes them or there are too many: without this bound, a sender could take every file descriptor.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use tokio::sync::Notify;
use tracing::field::DisplayValue;

use super::sparse::Sparse;
use crate::adapters::pd_l2_adapter::protocol::{ConnectionNumber, Epoch};

/// Attached connections of one incarnation.
const ATTACHED_MAX: usize = 8;

/// Lines in 10 s about connecting senders, and about disconnecting ones. Without a secret, anyone may be a sender.
const LINES_MAX: u64 = 32;

/// The connections of a rank. Used by their tasks.
#[derive(Debug)]
pub(super) struct Attached {
    tp_rank: u32,
    connections: Mutex<Connections>,
    connected: Sparse,
    disconnected: Sparse,
}

#[derive(Debug, Default)]
struct Connections {
    /// Of all open connections.
    addresses: BTreeMap<ConnectionNumber, SocketAddr>,
    attached: BTreeMap<Epoch, BTreeMap<ConnectionNumber, Arc<Notify>>>,
}

impl Attached {
    pub(super) fn new(tp_rank: u32) -> Self {
        Self {
            tp_rank,
            connections: Mutex::default(),
            connected: Sparse::of_lines(LINES_MAX),
            disconnected: Sparse::of_lines(LINES_MAX),
        }
    }

    /// Records an accepted connection.
    pub(super) fn accepted(&self, connection: ConnectionNumber, from: SocketAddr) {
        self.connections().addresses.insert(connection, from);
    }

    /// Records an attached connection. If its incarnation now has too many, asks the oldest to close.
    pub(super) fn come(&self, epoch: Epoch, connection: ConnectionNumber, told_to_go: &Arc<Notify>) {
        let mut connections = self.connections();
        let Some(address) = connections.address(connection) else {
            // It has ended while its call was answered.
            return;
        };
        let attached = connections.attached.entry(epoch).or_default();
        attached.insert(connection, Arc::clone(told_to_go));
        if attached.len() > ATTACHED_MAX
            && let Some((_, oldest)) = attached.pop_first()
        {
            oldest.notify_one();
        }
        drop(connections);
        if let Some(passed_over) = self.connected.passed_over(Instant::now()) {
            let passed_over = (passed_over > 0).then_some(passed_over);
            tracing::info!(tp_rank = self.tp_rank, sender = %epoch, address, passed_over, "a sender has connected");
        }
    }

    /// Records the end of an attached connection; logs the reason if it was the last of its incarnation. Idempotent.
    pub(super) fn leave(&self, epoch: Epoch, connection: ConnectionNumber, reason: &str) {
        let mut connections = self.connections();
        let Some(attached) = connections.attached.get_mut(&epoch) else { return };
        attached.remove(&connection);
        if !attached.is_empty() {
            return;
        }
        connections.attached.remove(&epoch);
        let address = connections.address(connection);
        drop(connections);
        if let Some(passed_over) = self.disconnected.passed_over(Instant::now()) {
            let passed_over = (passed_over > 0).then_some(passed_over);
            tracing::info!(tp_rank = self.tp_rank, sender = %epoch, address, passed_over, "a sender has disconnected: {reason}");
        }
    }

    /// For a log line: the address of a connection's peer.
    pub(super) fn address(&self, connection: ConnectionNumber) -> Option<DisplayValue<SocketAddr>> {
        self.connections().address(connection)
    }

    /// Records the end of a connection, attached or not.
    pub(super) fn ended(&self, connection: ConnectionNumber) {
        self.connections().addresses.remove(&connection);
    }

    fn connections(&self) -> MutexGuard<'_, Connections> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connections {
    /// For a log line: the address of a connection's peer.
    fn address(&self, connection: ConnectionNumber) -> Option<DisplayValue<SocketAddr>> {
        self.addresses.get(&connection).copied().map(tracing::field::display)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_that_ended_before_its_attach_call_leaves_nothing() {
        let attached = Attached::new(0);
        let connection = ConnectionNumber(1);
        attached.accepted(connection, "127.0.0.1:1".parse().unwrap());
        attached.ended(connection);
        attached.come(Epoch(7), connection, &Arc::new(Notify::new()));
        assert!(attached.connections().attached.is_empty());
    }
}
