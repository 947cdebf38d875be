//! What watches the machines from outside: messages, memory and completions, never their own opinion of themselves.
//!
//! # Verified
//!
//! - `bytes:` no load hands out, and no commit accepts, bytes other than those stored under the key, unless a checksum says so.
//! - `conservation:` what was made visible and not deleted is exactly what the receiver counts as committed.
//! - `tenancy:` a slot is handed out, lent or freed only when no write may land in it any more; a write is posted and lands
//!   only in a slot that its own incarnation holds.
//! - `tasks:` every submitted task completes once, by its deadline, and with success only if each of its chunks could be found
//!   since it was submitted.
//! - `admission:` no slot lies outside of the memory there is, and no two overlap.
//! - `visibility:` a look-up finds exactly the keys that were committed and not deleted; so does "present".
//! - `look-ups:` each is answered in time, and not while one of its keys is being written, but for a reason that is counted.
//! - `room:` no reserve call waits for room that only chunks of look-ups hold that wait themselves.
//! - `staging:` no staging memory is written to while a write may read it.
//! - `peer:` a healthy peer is never added again, nor one that a write to is in progress.
//! - `drain:` with the faults over nothing is left, and a chunk can be stored and loaded.
//!
//! # Not verified
//!
//! - The threads, sockets and timers around the drivers: the world plays them. Tests on real processes are for these.
//! - A network that forges the reset of a live sender's connection while a write is in flight.
//! - A time to close or a grace shorter than what a dead sender's bytes need to arrive: here they need five sixths of both.
//! - Wrong bytes with checksums off: corruption is then never drawn.

pub(super) mod tasks;
pub(super) mod tenancies;
pub(super) mod visibility;
