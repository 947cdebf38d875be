//! Senders that match a real receiver in all but one property are refused with both sides' values.

use std::{net::TcpListener, sync::Arc};

use prost::Message;

use super::{
    super::{
        encoding,
        generated::{
            Attachment, CallRefusal, HandshakeRefusal, HeartbeatCall, Introduction, Welcome, handshake_reply::Outcome,
        },
        secret::{SharedSecret, Statement},
    },
    PATIENCE, key,
    peer::{AllocPeer, InitPeer, introduction, proven, refusal},
};
use crate::{
    L2AdapterConfig,
    adapter::{CreationContext, SystemClock},
    adapters::pd_l2_adapter::{
        PdL2Adapter, PdL2AdapterConfig,
        protocol::{Destination, Epoch, Refusal},
    },
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

    /// Handshake of a matching sender; returns the memory of the first rank.
    async fn welcome(&self, name: u8) -> Destination {
        let Outcome::Welcome(welcome) = self.introduce(fitting(name, |_| {})).await else {
            panic!("the introduction is refused")
        };
        encoding::read_welcome(Welcome::decode(welcome.payload.as_slice()).unwrap()).unwrap().destination()
    }

    /// Attaches a connection of an accepted sender. Returns the reason if it is refused.
    async fn attach(&self, name: u8, attempt: u64, to: Destination) -> (AllocPeer, Option<CallRefusal>) {
        let mut peer = AllocPeer::connect(self.alloc_port).await;
        let reply = peer.attach(&SharedSecret::new(None), &key(name), attempt, to).await.unwrap();
        (peer, refusal(reply))
    }

    async fn introduce(&self, payload: Vec<u8>) -> Outcome {
        let mut peer = InitPeer::connect(self.init_port).await;
        peer.introduce(&SharedSecret::new(None), payload).await.unwrap().outcome.unwrap()
    }

    fn count(&self, what: &str) -> u64 {
        self.adapter.status()["ranks"][0][what].as_u64().unwrap()
    }
}

/// The introduction of a matching sender, with one change.
fn fitting(name: u8, change: impl FnOnce(&mut Introduction)) -> Vec<u8> {
    let mut message = Introduction::decode(introduction(&key(name)).as_slice()).unwrap();
    message.rank_count = 2;
    change(&mut message);
    message.encode_to_vec()
}

fn key_bytes(name: u8) -> Vec<u8> {
    Introduction::decode(introduction(&key(name)).as_slice()).unwrap().incarnation_key
}

fn refused(outcome: Outcome) -> HandshakeRefusal {
    let Outcome::Refusal(refusal) = outcome else { panic!("not refused: {outcome:?}") };
    refusal
}

type Change = fn(&mut Introduction);

#[tokio::test]
async fn a_mismatched_sender_is_refused_with_both_values() {
    let receiver = Receiver::start();
    let changes: [(Change, [&str; 2]); 6] = [
        (|it| it.protocol_version = 1, ["version 2", "version 1"]),
        (|it| it.protocol_version = 7, ["version 2", "version 7"]),
        (|it| it.tp_rank = 1, ["TP rank 0 of receiver", "wants TP rank 1"]),
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
async fn a_dead_incarnation_is_refused_as_such() {
    let receiver = Receiver::start();
    let memory = receiver.welcome(1).await;
    let (peer, refused_attachment) = receiver.attach(1, 1, memory).await;
    assert_eq!(refused_attachment, None);
    rustix::net::shutdown(peer.hold.socket.socket.as_ref().unwrap(), rustix::net::Shutdown::Write).unwrap();
    let died = async {
        while receiver.count("senders_died") == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, died).await.unwrap();
    assert!(refused(receiver.introduce(fitting(1, |_| {})).await).epoch_is_dead);
    let (_, attached) = receiver.attach(1, 2, memory).await;
    assert!(attached.is_some(), "a dead incarnation attaches no connection");
}

#[tokio::test]
async fn a_connection_is_attached_to_the_memory_it_names_and_to_no_other() {
    let receiver = Receiver::start();
    let memory = receiver.welcome(1).await;
    let wrong = [
        Destination { receiver: Epoch(memory.receiver.0 ^ 1), ..memory },
        Destination { tp_rank: 1, ..memory },
        Destination { region: memory.region.next(), ..memory },
    ];
    for (attempt, to) in (1..).zip(wrong) {
        assert!(receiver.attach(1, attempt, to).await.1.is_some(), "{to:?}");
    }
    assert_eq!(receiver.attach(1, 9, memory).await.1, None);
}

#[tokio::test]
async fn an_attachment_of_protocol_version_1_is_refused_with_our_version() {
    let receiver = Receiver::start();
    receiver.welcome(1).await;
    let mut peer = AllocPeer::connect(receiver.alloc_port).await;
    let nonce = peer.challenge().await.unwrap();
    // The layout of version 1: a key and an attempt.
    let payload = Attachment { incarnation_key: key_bytes(1), attempt: 1, ..Default::default() }.encode_to_vec();
    let call = proven(&SharedSecret::new(None), Statement::Attachment, &nonce, payload);
    let refused = refusal(peer.calls.attach(call).await.unwrap().into_inner()).unwrap();
    assert_eq!(encoding::read_call_refusal(refused), Ok(Refusal::Version { ours: 2 }));
}

#[tokio::test]
async fn the_death_of_one_sender_does_not_affect_another() {
    let receiver = Receiver::start();
    let memory = receiver.welcome(1).await;
    receiver.welcome(2).await;
    let (mut first, _) = receiver.attach(1, 1, memory).await;
    let (second, _) = receiver.attach(2, 1, memory).await;
    rustix::net::shutdown(second.hold.socket.socket.as_ref().unwrap(), rustix::net::Shutdown::Write).unwrap();
    let died = async {
        while receiver.count("senders_died") == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, died).await.unwrap();
    let epoch = key(1).epoch().0;
    let alive = first.calls.heartbeat(HeartbeatCall { epoch, is_probing: false }).await.unwrap().into_inner();
    assert_eq!((alive.refusal, receiver.count("senders")), (None, 1));
}
