//! Network faults between two live nodes.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex},
    thread,
};

use l2_adapter::adapters::pd_l2_adapter::PdL2Adapter;
use serde_json::{Value, json};

use crate::node::{Pair, bytes, eventually, free_ports, key, load, spec, start, store, stored, submit_store};

const LENGTH: usize = 10_000;

/// A path between a sender and a receiver that can be blocked and cut.
#[derive(Default)]
struct Way {
    is_blocked: Mutex<bool>,
    changed: Condvar,
    sockets: Mutex<Vec<TcpStream>>,
}

impl Way {
    /// Forwards connections from `from` to `to`, as long as the test lasts.
    fn open(self: &Arc<Self>, from: u16, to: u16) {
        let (listener, way) = (TcpListener::bind(("127.0.0.1", from)).unwrap(), Arc::clone(self));
        thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                let Ok(far) = TcpStream::connect(("127.0.0.1", to)) else { continue };
                let ends = [near.try_clone().unwrap(), far.try_clone().unwrap()];
                way.sockets.lock().unwrap().extend(ends);
                way.forward(near.try_clone().unwrap(), far.try_clone().unwrap());
                way.forward(far, near);
            }
        });
    }

    fn forward(self: &Arc<Self>, mut from: TcpStream, mut to: TcpStream) {
        let way = Arc::clone(self);
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = from.read(&mut buffer) {
                drop(way.changed.wait_while(way.is_blocked.lock().unwrap(), |is_blocked| *is_blocked).unwrap());
                if to.write_all(&buffer[..length]).is_err() {
                    return;
                }
            }
            drop(way.changed.wait_while(way.is_blocked.lock().unwrap(), |is_blocked| *is_blocked).unwrap());
            let _ = to.shutdown(Shutdown::Write);
        });
    }

    fn block(&self, yes: bool) {
        *self.is_blocked.lock().unwrap() = yes;
        self.changed.notify_all();
    }

    /// Ends all connections, at both ends.
    fn cut(&self) {
        for socket in self.sockets.lock().unwrap().drain(..) {
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

/// Two nodes with such a path between them.
fn pair_over_a_way(timing_of_sender: &Value) -> (Pair, Arc<Way>) {
    let (near, far) = (free_ports(2), free_ports(2));
    let receiver = start(&spec("receiver", &far, 1 << 20, &json!({"timing": {"death_grace_seconds": 0.0}})));
    let way = Arc::new(Way::default());
    near.iter().zip(&far).for_each(|(near, far)| way.open(*near, *far));
    let sender = start(&spec("sender", &near, 1 << 20, &json!({"timing": timing_of_sender})));
    (Pair { sender, receiver }, way)
}

fn status(node: &PdL2Adapter, key: &str) -> u64 {
    node.status()["ranks"][0][key].as_u64().unwrap()
}

fn stores_and_loads(pair: &Pair, name: u64) {
    assert!(store(&pair.sender, &[key(0, name)], LENGTH).is_successful());
    arrived(pair, name);
}

fn arrived(pair: &Pair, name: u64) {
    let loaded = load(&pair.receiver, &[key(0, name)], LENGTH);
    assert_eq!(loaded[0].as_deref(), Some(bytes(&key(0, name), LENGTH).as_slice()));
}

#[test]
fn bytes_move_over_ipv6_with_and_without_brackets_around_the_address() {
    for host in ["::1", "[::1]"] {
        let ports = free_ports(2);
        let [receiver, sender] =
            ["receiver", "sender"].map(|role| start(&spec(role, &ports, 1 << 20, &json!({"peer_host": host}))));
        assert!(sender.to_string().contains("[::1]:"), "{sender}");
        stores_and_loads(&Pair { sender, receiver }, 1);
    }
}

#[test]
fn a_disconnected_sender_is_declared_dead_and_reconnects_as_a_new_incarnation() {
    let (pair, way) = pair_over_a_way(&json!({}));
    stores_and_loads(&pair, 1);
    for cut in 1..4 {
        way.cut();
        eventually("the receiver has noticed it", || status(&pair.receiver, "senders_died") == cut);
        stores_and_loads(&pair, 1 + cut);
    }
    arrived(&pair, 1);
    assert_eq!(status(&pair.receiver, "senders"), 1);
}

#[test]
fn a_sender_that_disconnects_from_an_unreachable_receiver_is_not_declared_dead() {
    let (pair, way) =
        pair_over_a_way(&json!({"heartbeat_seconds": 0.02, "lease_seconds": 0.2, "connect_seconds": 0.2}));
    stores_and_loads(&pair, 1);
    for round in 1..4 {
        way.block(true);
        eventually("it has given up", || pair.sender.status()["ranks"][0]["state"] == "disconnected");
        let task = submit_store(&pair.sender, &[key(0, 1 + round)], LENGTH);
        way.block(false);
        assert!(stored(&pair.sender, task).is_successful());
        arrived(&pair, 1 + round);
    }
    assert_eq!(status(&pair.receiver, "senders_died"), 0);
    assert!(status(&pair.sender, "connections") > 3);
}
