//! Checkers that observe the machines from outside: messages, memory and completions, never the machines' own state.
//!
//! # Verified
//!
//! - `bytes:` no load returns, and no commit accepts, bytes other than those stored under the key, unless a checksum reports it.
//! - `conservation:` the receiver counts as committed exactly what was published and not deleted.
//! - `tenancy:` a slot is granted, lent or freed only if no write may land in it any more; a write is posted to and lands in only
//!   a slot that its own incarnation holds.
//! - `tasks:` every submitted task completes once, by its deadline, and with success only if each of its chunks could be found
//!   at some time since it was submitted.
//! - `admission:` no slot lies outside the memory, and no two overlap.
//! - `visibility:` a lookup finds exactly the keys that were committed and not deleted, and only these are reported as present.
//! - `lookups:` each is answered in time, and not while one of its keys is being written unless a counted reason allows it.
//! - `room:` no reserve call waits for room that only chunks of waiting lookups hold.
//! - `staging:` no staging memory is written to while a write may read it.
//! - `peer:` no healthy peer, and no peer with a write in progress, is added again.
//! - `drain:` after the end of the faults no work is left, and a chunk can be stored and loaded.
//!
//! # Not verified
//!
//! - The threads, sockets and timers around the drivers, which the world replaces. Tests with real processes cover them.
//! - A network that forges a reset of a live sender's connection while a write is in flight.
//! - A channel close time or a death grace shorter than what a dead sender's bytes need to arrive: here they need five sixths of
//!   both.
//! - Wrong bytes without checksums: corruption is drawn only with checksums.

pub(super) mod tasks;
pub(super) mod tenancies;
pub(super) mod visibility;
