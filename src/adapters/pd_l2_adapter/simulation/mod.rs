//! The two machines in a world of faults: senders and a receiver under a seed, which decides everything.
//!
//! A run has two phases. In the first, messages are lost, duplicated, delayed and reordered, connections break, nodes die, stop
//! and restart, and bytes land late; the checkers run after every event ([`checks`]). In the second there are no faults, and
//! all work must finish. The checkers list what is verified and what is not.
//!
//! The world follows the rules that are written on the machines' actions, and no others. Above all, a sender's kernel closes
//! the connection that was attached last only when no write is in flight or the process is dead; it closes earlier ones as soon
//! as a later one is attached, as the shipped sender does. The shipped receiver decides which close is a death: the world only
//! reports connections that attach, close and end, in every order. The bytes that a broken-off write had sent wait in the
//! receiver's sockets until the receiver polls.
//!
//! Every node runs the shipped [`driver`](super::driver). It gets its events one by one, mostly with a turn after each, and
//! sometimes several before the next turn, as from a thread that was busy. A node that stood still reads its sockets before it
//! takes a turn.
//!
//! ```text
//! world                 time, events and the two phases of a run
//! sender_world, receiver_world      the nodes; `sender_calls`, `receiver_calls`, `receiver_side` handle calls and actions
//! workload, lookups     the servers' work; checks of lookups
//! network, peers, transfers         connections; the channels' connections; writes in progress
//! faults, options       faults at certain moments; what a seed decides
//! checks                the checkers
//! coverage, sabotage    states that seeds must reach; machines broken on purpose
//! memory, clock         memory by pages; clocks that disagree
//! ```

mod checks;
mod clock;
mod coverage;
mod faults;
mod lookups;
mod memory;
mod network;
mod options;
mod peers;
mod receiver_calls;
mod receiver_side;
mod receiver_world;
mod sabotage;
mod sender_calls;
mod sender_world;
mod tests;
mod transfers;
mod workload;
mod world;
