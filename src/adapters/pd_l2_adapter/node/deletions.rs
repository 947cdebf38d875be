//! Keys that wait for a rank's thread to delete them.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

/// Of all ranks, but for one call that has more: some 64 MiB.
const WAITING_KEYS_MAX: usize = 1 << 18;

/// Bounds the keys that a server deletes while a rank's thread is blocked. Keys beyond the bound are not deleted: the chunks
/// stay until their time to live, or until they are evicted.
///
/// Unlocks have no bound of their own. Losing one would keep its chunk for ever, and a server has no more of them than locks,
/// of which it gets no new one while the thread is blocked. Shared by the callers and the threads of the ranks.
#[derive(Debug, Default)]
pub(super) struct Deletions {
    waiting_keys: AtomicUsize,
    has_warned: AtomicBool,
}

/// The room of some waiting keys, which is released when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    among: Arc<Deletions>,
    keys: usize,
}

impl Deletions {
    /// `None` if too many keys are already waiting.
    pub(super) fn admit(self: &Arc<Self>, keys: usize) -> Option<Place> {
        let place = Place { among: Arc::clone(self), keys };
        // The keys of a place that is dropped at once count no more.
        let before = self.waiting_keys.fetch_add(keys, Ordering::Relaxed);
        if before == 0 || before.saturating_add(keys) <= WAITING_KEYS_MAX {
            return Some(place);
        }
        if !self.has_warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "{before} keys wait to be deleted, and further ones are ignored, because a rank's thread is blocked; these chunks \
                 stay until their time to live ends (this is logged once)"
            );
        }
        None
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.among.waiting_keys.fetch_sub(self.keys, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_accepted_up_to_the_limit_and_again_after_others_were_handled() {
        let deletions = Arc::new(Deletions::default());
        let most = deletions.admit(WAITING_KEYS_MAX);
        assert!(most.is_some() && deletions.admit(1).is_none());
        drop(most);
        assert!(deletions.admit(1).is_some(), "a refusal keeps no place");
    }

    #[test]
    fn a_call_with_many_keys_is_accepted_if_nothing_waits() {
        assert!(Arc::new(Deletions::default()).admit(WAITING_KEYS_MAX + 1).is_some());
    }
}
