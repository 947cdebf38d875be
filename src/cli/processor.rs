//! The processor time of a process.

use std::time::Duration;

use rustix::time::ClockId;

/// User and system time of all threads of this process, so far.
pub(super) fn time_of_this_process() -> Duration {
    let time = rustix::time::clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}
