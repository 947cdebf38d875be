//! Connections that have not proven themselves. They may be anybody's, so there is room for some of them, and the oldest goes
//! when another one comes: silence locks nobody out.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use tokio::sync::oneshot;

use crate::adapters::pd_l2_adapter::protocol::ConnectionNumber;

/// The strangers at one port. Used by the tasks of its connections.
#[derive(Debug)]
pub(super) struct Strangers {
    max: usize,
    /// By age: numbers ascend.
    waiting: Mutex<BTreeMap<ConnectionNumber, oneshot::Sender<()>>>,
}

impl Strangers {
    pub(super) fn new(max: usize) -> Self {
        Self { max, waiting: Mutex::default() }
    }

    /// A connection has come. What is returned says when it has to go.
    pub(super) fn come(&self, connection: ConnectionNumber) -> oneshot::Receiver<()> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= self.max
            && let Some((_, oldest)) = waiting.pop_first()
        {
            // One that has just ended by itself hears it no more.
            let _ = oldest.send(());
        }
        let (go, told_to_go) = oneshot::channel();
        waiting.insert(connection, go);
        told_to_go
    }

    /// A connection has proven itself, or has ended.
    pub(super) fn leave(&self, connection: ConnectionNumber) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&connection);
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot::error::TryRecvError;

    use super::*;

    #[test]
    fn one_beyond_the_bound_sends_the_oldest_away_and_who_has_left_is_not_sent_away() {
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
