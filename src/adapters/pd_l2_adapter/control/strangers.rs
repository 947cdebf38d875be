//! Unauthenticated connections. Anyone can open them, so their number is limited; when full, the oldest is closed, so that idle
//! ones cannot lock a real sender out.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use tokio::sync::oneshot;

use crate::adapters::pd_l2_adapter::protocol::ConnectionNumber;

/// The unauthenticated connections of one port. Used by their tasks.
#[derive(Debug)]
pub(super) struct Strangers {
    max: usize,
    /// In order of age, because numbers ascend.
    waiting: Mutex<BTreeMap<ConnectionNumber, oneshot::Sender<()>>>,
}

impl Strangers {
    pub(super) fn new(max: usize) -> Self {
        Self { max, waiting: Mutex::default() }
    }

    /// Adds a connection. The returned channel fires when it must close.
    pub(super) fn come(&self, connection: ConnectionNumber) -> oneshot::Receiver<()> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= self.max
            && let Some((_, oldest)) = waiting.pop_first()
        {
            // A connection that has just ended by itself ignores this.
            let _ = oldest.send(());
        }
        let (go, told_to_go) = oneshot::channel();
        waiting.insert(connection, go);
        told_to_go
    }

    /// Removes a connection that has authenticated, or has ended.
    pub(super) fn leave(&self, connection: ConnectionNumber) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&connection);
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot::error::TryRecvError;

    use super::*;

    #[test]
    fn one_connection_beyond_the_bound_closes_the_oldest_that_is_still_open() {
        let strangers = Strangers::new(2);
        let mut first = strangers.come(ConnectionNumber(1));
        let mut second = strangers.come(ConnectionNumber(2));
        assert_eq!((first.try_recv(), second.try_recv()), (Err(TryRecvError::Empty), Err(TryRecvError::Empty)));
        strangers.leave(ConnectionNumber(1));
        let _third = strangers.come(ConnectionNumber(3));
        assert_eq!((first.try_recv(), second.try_recv()), (Err(TryRecvError::Closed), Err(TryRecvError::Empty)));
        let _fourth = strangers.come(ConnectionNumber(4));
        assert_eq!(second.try_recv(), Ok(()));
    }
}
