//! How often the thread of a channel has called the library behind it, and how long the longest call took: a call that blocks
//! delays every deadline of that thread.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

/// One function of the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LibraryCall {
    CreateAgent,
    DropAgent,
    AddPeer,
    RemovePeer,
    CreateWrite,
    PostWrite,
    WriteStatus,
    ReleaseWrite,
    Progress,
}

impl LibraryCall {
    const ALL: [Self; 9] = [
        Self::CreateAgent,
        Self::DropAgent,
        Self::AddPeer,
        Self::RemovePeer,
        Self::CreateWrite,
        Self::PostWrite,
        Self::WriteStatus,
        Self::ReleaseWrite,
        Self::Progress,
    ];

    /// NIXL's name of the function.
    fn name(self) -> &'static str {
        match self {
            Self::CreateAgent => "nixlAgent",
            Self::DropAgent => "~nixlAgent",
            Self::AddPeer => "loadRemoteMD",
            Self::RemovePeer => "invalidateRemoteMD",
            Self::CreateWrite => "createXferReq",
            Self::PostWrite => "postXferReq",
            Self::WriteStatus => "getXferStatus",
            Self::ReleaseWrite => "releaseXferReq",
            Self::Progress => "getNotifs",
        }
    }
}

/// Written by the channel's thread, read by all others.
#[derive(Debug, Default)]
pub(crate) struct CallTimes([CallTime; LibraryCall::ALL.len()]);

#[derive(Debug, Default)]
struct CallTime {
    count: AtomicU64,
    longest_nanoseconds: AtomicU64,
}

impl CallTimes {
    /// Makes and measures a call.
    #[cfg_attr(not(feature = "nixl"), allow(dead_code, reason = "no other channel has a library"))]
    pub(in crate::transfer) fn measure<T>(&self, call: LibraryCall, make: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let result = make();
        let took = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let time = &self.0[call as usize];
        time.count.fetch_add(1, Ordering::Relaxed);
        time.longest_nanoseconds.fetch_max(took, Ordering::Relaxed);
        result
    }

    /// Every function that was called: its name, the number of calls, and the longest.
    pub(crate) fn made(&self) -> impl Iterator<Item = (&'static str, u64, Duration)> {
        LibraryCall::ALL.into_iter().zip(&self.0).filter_map(|(call, time)| {
            let longest = Duration::from_nanos(time.longest_nanoseconds.load(Ordering::Relaxed));
            let count = time.count.load(Ordering::Relaxed);
            (count > 0).then_some((call.name(), count, longest))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_called_functions_are_listed_each_with_its_longest_time() {
        let times = CallTimes::default();
        assert_eq!(times.measure(LibraryCall::PostWrite, || 7), 7);
        times.measure(LibraryCall::PostWrite, || ());
        let made: Vec<_> = times.made().map(|(name, count, _)| (name, count)).collect();
        assert_eq!(made, [("postXferReq", 2)]);
    }
}
