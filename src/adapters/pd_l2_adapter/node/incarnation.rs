//! The source of an incarnation's key.

use std::io;

use rustix::rand::{GetRandomFlags, getrandom};

use crate::adapters::pd_l2_adapter::control::IncarnationKey;

/// Draws an unpredictable key.
///
/// # Errors
///
/// The system has no randomness.
pub(super) fn draw(seed: u64) -> io::Result<IncarnationKey> {
    let mut random = [0; 32];
    let mut filled = 0;
    while filled < random.len() {
        match getrandom(&mut random[filled..], GetRandomFlags::empty()) {
            Ok(more) => filled += more,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(IncarnationKey::new(random, seed))
}
