//! Senders that fit a real receiver in all but one thing are refused with both sides' values.

use std::{net::TcpListener, sync::Arc};

use prost::Message;

use super::{
    super::{
        generated::{HandshakeRefusal, Introduction, handshake_reply::Outcome},
        secret::SharedSecret,
    },
    PATIENCE, key,
    peer::{AllocPeer, InitPeer, introduction},
};
use crate::{
    L2AdapterConfig,
    adapter::{CreationContext, SystemClock},
    adapters::pd_l2_adapter::{PdL2Adapter, PdL2AdapterConfig},
};

/// A receiver of two ranks, and the ports of its first.
struct Receiver {
    adapter: PdL2Adapter,
    init_port: u16,
    alloc_port: u16,
}

impl Receiver {
    fn start() -> Self {
        let listeners: Vec<_> = (0..4).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let ports: Vec<u16> = listeners.iter().map(|listener| listener.local_addr().unwrap().port()).collect();
        drop(listeners);
        let spec = serde_json::json!({
            "role": "receiver",
            "peer_host": "127.0.0.1",
            "peer_init_port": [ports[0], ports[1]],
            "peer_alloc_port": [ports[2], ports[3]],
            "buffer_size": 65536,
            "transfer_channel": "mock_memory",
            "timing": {"death_grace_seconds": 0.0},
        });
        let config = PdL2AdapterConfig::from_value(&spec).unwrap();
        let context = CreationContext::new(Arc::new(SystemClock::new()), 1);
        let adapter = PdL2Adapter::new(&config, &context).unwrap();
        Self { adapter, init_port: ports[0], alloc_port: ports[2] }
    }

    async fn introduce(&self, payload: Vec<u8>) -> Outcome {
        let mut peer = InitPeer::connect(self.init_port).await;
        peer.introduce(&SharedSecret::new(None), payload).await.unwrap().outcome.unwrap()
    }

    fn count(&self, what: &str) -> u64 {
        self.adapter.status()["ranks"][0][what].as_u64().unwrap()
    }
}

/// The introduction of a sender that fits, but for what is changed.
fn fitting(name: u8, change: impl FnOnce(&mut Introduction)) -> Vec<u8> {
    let mut message = Introduction::decode(introduction(&key(name)).as_slice()).unwrap();
    message.rank_count = 2;
    change(&mut message);
    message.encode_to_vec()
}

fn refused(outcome: Outcome) -> HandshakeRefusal {
    let Outcome::Refusal(refusal) = outcome else { panic!("it was let in: {outcome:?}") };
    refusal
}

type Change = fn(&mut Introduction);

#[tokio::test]
async fn a_sender_of_another_shape_is_refused_with_both_values() {
    let receiver = Receiver::start();
    let changes: [(Change, [&str; 2]); 5] = [
        (|it| it.protocol_version = 7, ["version 1", "version 7"]),
        (|it| it.tp_rank = 1, ["rank 0", "rank 1"]),
        (|it| it.rank_count = 4, ["2 TP ranks", "for 4"]),
        (|it| it.transfer_channel = "nixl".to_owned(), ["\"mock_memory\"", "\"nixl\""]),
        (|it| it.checksum = true, ["`checksum` is false", "true on the sender"]),
    ];
    for (change, values) in changes {
        let refusal = refused(receiver.introduce(fitting(1, change)).await);
        assert!(values.iter().all(|value| refusal.message.contains(value)), "{}", refusal.message);
        assert!(!refusal.epoch_is_dead);
    }
    assert_eq!(receiver.count("senders"), 0);
    let accepted = receiver.introduce(fitting(1, |_| {})).await;
    assert!(matches!(accepted, Outcome::Welcome(_)), "{accepted:?}");
}

#[tokio::test]
async fn an_incarnation_that_was_seen_dying_is_refused_as_such() {
    let receiver = Receiver::start();
    receiver.introduce(fitting(1, |_| {})).await;
    let mut peer = AllocPeer::connect(receiver.alloc_port).await;
    assert_eq!(peer.attach(&SharedSecret::new(None), &key(1), 1).await.unwrap().refusal, None);
    rustix::net::shutdown(&peer.hold.socket.socket, rustix::net::Shutdown::Write).unwrap();
    let died = async {
        while receiver.count("senders_died") == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, died).await.unwrap();
    assert!(refused(receiver.introduce(fitting(1, |_| {})).await).epoch_is_dead);
    let attached = AllocPeer::connect(receiver.alloc_port).await.attach(&SharedSecret::new(None), &key(1), 2).await;
    assert!(attached.unwrap().refusal.is_some(), "a dead incarnation attaches no connection");
}

#[tokio::test]
async fn another_sender_that_dies_takes_nobody_with_it() {
    let receiver = Receiver::start();
    for name in [1, 2] {
        receiver.introduce(fitting(name, |_| {})).await;
    }
    let none = SharedSecret::new(None);
    let mut first = AllocPeer::connect(receiver.alloc_port).await;
    first.attach(&none, &key(1), 1).await.unwrap();
    let mut second = AllocPeer::connect(receiver.alloc_port).await;
    second.attach(&none, &key(2), 1).await.unwrap();
    rustix::net::shutdown(&second.hold.socket.socket, rustix::net::Shutdown::Write).unwrap();
    let died = async {
        while receiver.count("senders_died") == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, died).await.unwrap();
    let epoch = key(1).epoch().0;
    let alive = first.calls.heartbeat(super::super::generated::HeartbeatCall { epoch }).await.unwrap().into_inner();
    assert_eq!((alive.refusal, receiver.count("senders")), (None, 1));
}
