//! Ports that lead to the wrong place cause no wrong byte and no false success, and the reason names both sides' ports and
//! ranks.

use std::{
    io,
    net::{TcpListener, TcpStream},
    sync::mpsc,
    thread,
};

use l2_adapter::{
    adapter::{AdapterStatus, L2Adapter, ObjectKey},
    adapters::pd_l2_adapter::PdL2Adapter,
};
use serde_json::{Value, json};

use crate::node::{bytes, eventually, free_ports, key, load, look_up, spec, start, store};

const LENGTH: usize = 20_000;

/// A receiver and the ports of its ranks, init ports first.
struct Receiver {
    adapter: PdL2Adapter,
    ports: Vec<u16>,
    more: Value,
}

impl Receiver {
    fn start(channel: &str, ranks: usize, checksum: bool) -> Self {
        let more = json!({
            "transfer_channel": channel,
            "checksum": checksum,
            "timing": {"store_seconds": 60.0, "death_grace_seconds": 0.0},
        });
        let ports = free_ports(2 * ranks);
        Self { adapter: start(&spec("receiver", &ports, 1 << 20, &more)), ports, more }
    }

    fn sender(&self, ports: &[u16]) -> PdL2Adapter {
        start(&spec("sender", ports, 1 << 20, &self.more))
    }

    fn ranks(&self) -> usize {
        self.ports.len() / 2
    }

    /// A correct sender's chunks arrive as they were stored, on every rank.
    fn serves_its_own_sender(&self, name: u64) {
        let sender = self.sender(&self.ports);
        let keys: Vec<ObjectKey> = (0..self.ranks()).map(|rank| key(rank as u8, name)).collect();
        let stored = store(&sender, &keys, LENGTH);
        assert!(stored.is_successful(), "{stored:?}");
        self.has(&keys);
        sender.close();
    }

    /// All keys are found, and hold the bytes that were stored under them.
    fn has(&self, keys: &[ObjectKey]) {
        assert_eq!(look_up(&self.adapter, keys).count(), keys.len());
        for (key, loaded) in keys.iter().zip(load(&self.adapter, keys, LENGTH)) {
            assert!(loaded.is_some_and(|loaded| *loaded == bytes(key, LENGTH)), "{key} has other bytes");
        }
        self.adapter.submit_unlock(keys.to_vec());
        self.adapter.delete(keys.to_vec());
    }
}

/// Why a rank of a sender cannot store.
fn trouble(sender: &PdL2Adapter, rank: usize) -> String {
    sender.status()["ranks"][rank]["trouble"].as_str().unwrap_or_default().to_owned()
}

fn is_connected(sender: &PdL2Adapter, rank: usize) -> bool {
    sender.status()["ranks"][rank]["state"] == "connected"
}

/// Connects every rank to every init port and every alloc port. `init_shift` and `alloc_shift` rotate the two lists, so that all
/// rotations together have every combination that permutations of the lists can have.
fn every_order_of_ports(channel: &str, ranks: usize, checksum: bool) {
    let receiver = Receiver::start(channel, ranks, checksum);
    let (init, alloc) = receiver.ports.split_at(ranks);
    for shift in 0..ranks * ranks {
        let (init_shift, alloc_shift) = (shift / ranks, shift % ranks);
        let turned = |ports: &[u16], shift: usize| [&ports[shift..], &ports[..shift]].concat();
        let lists = [turned(init, init_shift), turned(alloc, alloc_shift)].concat();
        let sender = receiver.sender(&lists);
        let is_right = (init_shift, alloc_shift) == (0, 0);
        for rank in 0..ranks {
            let advice = "the same port lists, in the same order";
            eventually("the sender reports the receiver that it reached", || {
                is_connected(&sender, rank) || trouble(&sender, rank).contains(advice)
            });
            assert_eq!(is_connected(&sender, rank), is_right, "init + {init_shift}, alloc + {alloc_shift}");
            if !is_right {
                let (given, reason) = (lists[rank + if init_shift > 0 { 0 } else { ranks }], trouble(&sender, rank));
                assert!(reason.contains(&given.to_string()) && reason.contains(&format!("TP rank {rank}")), "{reason}");
            }
        }
        assert_eq!(matches!(sender.report_status(), AdapterStatus::Healthy), is_right);
        receiver.serves_its_own_sender(shift as u64);
        sender.close();
    }
}

pub(crate) fn no_order_of_port_lists_of_two_ranks_moves_a_wrong_byte(channel: &str) {
    for checksum in [false, true] {
        every_order_of_ports(channel, 2, checksum);
    }
}

pub(crate) fn no_order_of_the_port_lists_of_four_ranks_moves_a_wrong_byte(channel: &str) {
    every_order_of_ports(channel, 4, false);
}

pub(crate) fn ports_of_two_receivers_are_detected_and_named(channel: &str) {
    let (first, second) = (Receiver::start(channel, 1, false), Receiver::start(channel, 1, false));
    let sender = first.sender(&[first.ports[0], second.ports[1]]);
    eventually("the sender reports the receivers that it reached", || trouble(&sender, 0).contains("two receivers"));
    let reason = trouble(&sender, 0);
    for port in first.ports.iter().chain(&second.ports) {
        assert!(reason.contains(&port.to_string()), "{reason} does not name {port}");
    }
    first.serves_its_own_sender(1);
    second.serves_its_own_sender(1);
}

pub(crate) fn an_alloc_port_given_as_an_init_port_is_named(channel: &str) {
    let receiver = Receiver::start(channel, 1, false);
    let sender = receiver.sender(&[receiver.ports[1], receiver.ports[0]]);
    eventually("the sender reports the port that it reached", || trouble(&sender, 0).contains("this is an alloc port"));
    receiver.serves_its_own_sender(1);
}

/// Forwards one port's connections, as NAT and container networks do. Each waits until the test lets it pass.
fn forward(to: u16) -> (u16, mpsc::Sender<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (let_through, passes) = mpsc::channel();
    thread::spawn(move || {
        for near in listener.incoming().map_while(Result::ok) {
            // This fails when the test has ended.
            if passes.recv().is_err() {
                return;
            }
            let Ok(far) = TcpStream::connect(("127.0.0.1", to)) else { continue };
            for (mut from, mut into) in [(near.try_clone(), far.try_clone()), (far.try_clone(), near.try_clone())]
                .map(|(from, into)| (from.unwrap(), into.unwrap()))
            {
                thread::spawn(move || {
                    let _ = io::copy(&mut from, &mut into);
                    let _ = into.shutdown(std::net::Shutdown::Both);
                });
            }
        }
    });
    (port, let_through)
}

fn let_all_through(let_through: &mpsc::Sender<()>) {
    // More connections than any test makes.
    (0..10_000).for_each(|_| let_through.send(()).unwrap());
}

pub(crate) fn a_port_that_is_forwarded_elsewhere_is_detected(channel: &str) {
    let (two_ranks, other) = (Receiver::start(channel, 2, false), Receiver::start(channel, 2, false));
    // The alloc port of rank 0 is forwarded to rank 1, to another receiver, and to the right place.
    for (to, reason) in [(two_ranks.ports[3], "TP rank 1"), (other.ports[2], "two receivers"), (two_ranks.ports[2], "")]
    {
        let (forwarded, let_through) = forward(to);
        let_all_through(&let_through);
        let mut ports = two_ranks.ports.clone();
        ports[2] = forwarded;
        let sender = two_ranks.sender(&ports);
        eventually("the sender reports the receiver that it reached", || {
            if reason.is_empty() { is_connected(&sender, 0) } else { trouble(&sender, 0).contains(reason) }
        });
        two_ranks.serves_its_own_sender(u64::from(to));
        sender.close();
    }
}

pub(crate) fn after_a_restart_of_the_receiver_between_handshake_and_attachment_the_sender_reconnects(channel: &str) {
    let mut receiver = Receiver::start(channel, 1, false);
    let (forwarded, let_through) = forward(receiver.ports[1]);
    let sender = receiver.sender(&[receiver.ports[0], forwarded]);
    // The handshake is complete: the receiver knows the sender, and the attachment is held up on its way.
    eventually("the receiver knows the sender", || receiver.adapter.status()["ranks"][0]["senders"] == 1);
    receiver.adapter.close();
    receiver.adapter = start(&spec("receiver", &receiver.ports, 1 << 20, &receiver.more));
    let_all_through(&let_through);
    let keys = [key(0, 1)];
    let stored = store(&sender, &keys, LENGTH);
    assert!(stored.is_successful(), "{stored:?}");
    receiver.has(&keys);
}
