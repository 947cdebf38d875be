//! Processes that keep cores busy during a measurement, as another program on the machine does.

use std::{
    io::{self, Read},
    process::{Child, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use super::{PeerError, peer::this_program};
use crate::cli::{
    exit::{Exit, Failure},
    signals::Interruption,
};

/// The name of the hidden command, for who starts it.
const COMMAND: &str = "keep-busy";

/// Running neighbours. They end when this is dropped, and with the process that started them.
#[derive(Debug)]
pub(in crate::cli) struct Neighbours(Vec<Child>);

impl Neighbours {
    /// Starts so many, each of which keeps one core busy.
    pub(in crate::cli) fn start(count: u32) -> Result<Self, PeerError> {
        let mut neighbours = Self(Vec::new());
        for _ in 0..count {
            let mut program = this_program().map_err(PeerError::Start)?;
            let child = program.arg(COMMAND).stdin(Stdio::piped()).stdout(Stdio::null()).spawn();
            neighbours.0.push(child.map_err(PeerError::Start)?);
        }
        Ok(neighbours)
    }
}

impl Drop for Neighbours {
    /// The end of its input ends each.
    fn drop(&mut self) {
        for neighbour in &mut self.0 {
            drop(neighbour.stdin.take());
            let _ = neighbour.wait();
        }
    }
}

/// The hidden command: computes until standard input ends.
pub(in crate::cli) fn run() -> Result<Exit, Failure> {
    // A terminal tells all its processes of an interruption; this one ends with its input.
    let _ignored = Interruption::listen().map_err(Failure::System)?;
    let has_ended = Arc::new(AtomicBool::new(false));
    let noticed = Arc::clone(&has_ended);
    let mut input = super::receiver::standard_input().map_err(Failure::System)?;
    thread::spawn(move || {
        let _: io::Result<usize> = input.read(&mut [0]);
        noticed.store(true, Ordering::Relaxed);
    });
    let mut number = 0_u64;
    while !has_ended.load(Ordering::Relaxed) {
        number = std::hint::black_box(number.wrapping_add(1));
    }
    Ok(Exit::Success)
}
