//! Ports for nodes of one machine; the tests take theirs here too.

use std::{
    io,
    net::TcpListener,
    sync::{LazyLock, Mutex, PoisonError},
};

/// Ports on which no socket listens now. None is given twice by one process, and none is one of those that Linux gives to
/// connections by default: a connection could take it before its use.
///
/// # Errors
///
/// `AddrInUse` if too few of them are left.
pub(crate) fn free_ports(count: usize) -> io::Result<Vec<u16>> {
    static LEFT: LazyLock<Mutex<Vec<u16>>> = LazyLock::new(|| {
        let mut ports: Vec<u16> = (20_000..32_000).collect();
        fastrand::shuffle(&mut ports);
        Mutex::new(ports)
    });
    // Any list of ports is a good one: a panic elsewhere spoils nothing.
    let mut left = LEFT.lock().unwrap_or_else(PoisonError::into_inner);
    let candidates = std::iter::from_fn(|| left.pop());
    let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    let ports: Vec<u16> = candidates.filter(is_free).take(count).collect();
    if ports.len() < count { Err(io::ErrorKind::AddrInUse.into()) } else { Ok(ports) }
}
