//! The two machines in a world of faults: senders and a receiver under a seed, which decides everything.
//!
//! A run has two phases. In the first, messages are lost, doubled, late and overtaken, connections break, nodes die, stop and
//! come back, and bytes land late; after every event the checkers look ([`checks`]). In the second there are no faults, and
//! everything must come to its end. What was verified and what was not stands at the checkers.
//!
//! The world keeps the rules that are written on the machines' actions, and no others: above all, a sender's kernel closes the
//! connection that was attached last only when no write is in flight or the process is dead; earlier ones it closes as soon as
//! a later one is attached, as the shipped sender does. Which close is a death, the shipped receiver decides: the world only
//! tells it of connections that attach, close and are gone, in every order. What a write that broke off had sent waits in the
//! receiver's sockets until the receiver polls.
//!
//! Every node runs the [`driver`](super::driver) that ships: events are handed to it one by one, mostly with a turn after each,
//! sometimes several before the next turn, as its thread does when it was busy. A node that stood still reads what lies in its
//! sockets before it takes a turn.

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
