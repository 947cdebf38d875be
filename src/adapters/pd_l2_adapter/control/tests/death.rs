//! Which ends of a connection show the rank that a sender is dead.

use std::{os::fd::OwnedFd, thread::JoinHandle, time::Duration};

use tokio::sync::oneshot;

use super::{
    super::{ControlClient, ControlEvent, ServerSettings, generated::PingCall},
    PATIENCE, PORTS, Ports, RECEIVER, key,
    peer::{AllocPeer, handshake},
    secret,
};
use crate::adapters::pd_l2_adapter::protocol::{ConnectionNumber, ControlCall};

/// An attached sender that can end abruptly, like a killed process.
pub(super) struct Mortal {
    /// Keeps the connection's socket open, too.
    socket: OwnedFd,
    kill: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Mortal {
    pub(super) async fn attached(ports: &Ports, name: u8) -> Self {
        let (port, secret) = (ports.alloc_port, ports.secret.clone());
        let (kill, killed) = oneshot::channel();
        let (to_test, sockets) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut peer = AllocPeer::connect(port).await;
                assert_eq!(peer.attach_to_memory(&secret, &key(name), 1).await.unwrap(), None);
                to_test.send(peer.hold.socket.socket.as_ref().unwrap().try_clone().unwrap()).unwrap();
                killed.await.unwrap();
            });
        });
        ports.attach().await;
        Self { socket: sockets.await.unwrap(), kill, thread }
    }

    /// Drops everything but its socket.
    pub(super) fn fall_silent(self) -> OwnedFd {
        self.kill.send(()).unwrap();
        self.thread.join().unwrap();
        self.socket
    }

    fn die(self) {
        drop(self.fall_silent());
    }
}

async fn attached(ports: &Ports, name: u8) -> AllocPeer {
    let mut peer = AllocPeer::connect(ports.alloc_port).await;
    let incarnation = key(name);
    let attaching = peer.attach_to_memory(&ports.secret, &incarnation, 1);
    let (reply, _) = tokio::join!(attaching, ports.attach());
    assert_eq!(reply.unwrap(), None);
    peer
}

/// The connection that ends next; its peer's kernel must have ended it.
async fn ended_by_peer(ports: &Ports) -> ConnectionNumber {
    let closed = ports.event().await;
    let ControlEvent::PeerClosed(closed) = closed else { panic!("a peer closes, not {closed:?}") };
    assert_eq!(ended(ports).await, closed.connection());
    closed.connection()
}

/// The connection that ends next, whichever side ends it.
async fn ended_by_either(ports: &Ports) -> ConnectionNumber {
    match ports.event().await {
        // `ConnectionGone` follows.
        ControlEvent::PeerClosed(_) => ended(ports).await,
        ControlEvent::ConnectionGone { connection } => connection,
        event => panic!("a connection has ended, not {event:?}"),
    }
}

/// The connection that ends next; its end must prove nothing about its peer.
async fn ended(ports: &Ports) -> ConnectionNumber {
    match ports.event().await {
        ControlEvent::ConnectionGone { connection } => connection,
        event => panic!("a connection has ended, not {event:?}"),
    }
}

#[tokio::test]
async fn closing_a_socket_is_a_death_and_an_open_socket_is_not() {
    let ports = Ports::serve(secret());
    let socket = Mortal::attached(&ports, 1).await.fall_silent();
    Mortal::attached(&ports, 2).await.die();
    let second = ended_by_peer(&ports).await;
    drop(socket);
    assert!(ended_by_peer(&ports).await < second, "the open connection was the first and ended last");
}

#[tokio::test]
async fn a_reset_connection_is_a_death() {
    let ports = Ports::serve(secret());
    let mortal = Mortal::attached(&ports, 1).await;
    rustix::net::sockopt::set_socket_linger(&mortal.socket, Some(Duration::ZERO)).unwrap();
    mortal.die();
    ended_by_peer(&ports).await;
}

#[tokio::test]
async fn a_hold_keeps_a_connection_open_without_a_client() {
    let ports = Ports::serve(secret());
    let AllocPeer { calls, hold } = attached(&ports, 1).await;
    drop(calls);
    Mortal::attached(&ports, 2).await.die();
    let second = ended_by_peer(&ports).await;
    drop(hold);
    assert!(ended_by_either(&ports).await < second);
}

#[tokio::test]
async fn an_unresponsive_sender_is_disconnected_and_not_declared_dead() {
    let settings = ServerSettings {
        secret: secret(),
        epoch: RECEIVER,
        tp_rank: 0,
        ports: PORTS,
        proof_deadline: PATIENCE,
        keep_alive: Duration::from_millis(20),
    };
    let ports = Ports::serve_with(settings);
    let socket = Mortal::attached(&ports, 1).await.fall_silent();
    let silent = ended(&ports).await;
    drop(socket);
    Mortal::attached(&ports, 2).await.die();
    assert!(ended_by_peer(&ports).await > silent);
}

#[tokio::test]
async fn closing_a_receiver_declares_no_sender_dead() {
    let mut ports = Ports::serve(secret());
    let mut peer = attached(&ports, 1).await;
    drop(ports.stop.take());
    ports.thread.take().unwrap().join().unwrap();
    assert!(peer.calls.ping(PingCall {}).await.is_err());
    drop(peer);
    let mut told = Vec::new();
    while let Some(event) = ports.events.get_mut().recv().await {
        told.push(event);
    }
    assert!(!told.iter().any(|event| matches!(event, ControlEvent::PeerClosed(_))), "{told:?}");
}

#[tokio::test]
async fn an_attempt_that_fails_after_its_attachment_was_received_keeps_its_connection() {
    let ports = Ports::serve(secret());
    let incarnation = key(1);
    let request = handshake(&incarnation);
    // Receives the attachment, and does not answer.
    let hearing = async {
        ports.welcome().await;
        ports.event().await
    };
    let connecting = ControlClient::connect(ports.target(incarnation), request, 3, Duration::from_secs(2));
    let (outcome, heard) = tokio::join!(connecting, hearing);
    let ControlEvent::Call { request: ControlCall::Attach(_, attachment), .. } = heard else { panic!("{heard:?}") };
    assert_eq!(attachment.attempt, 3);
    assert!(outcome.result.is_err());
    drop(outcome.result);
    Mortal::attached(&ports, 2).await.die();
    let other = ended_by_peer(&ports).await;
    drop(outcome.hold);
    assert!(ended_by_either(&ports).await < other);
}

#[tokio::test]
async fn the_oldest_of_too_many_attached_connections_are_closed() {
    let ports = Ports::serve(secret());
    let mut peers = Vec::new();
    for attempt in 1..=12 {
        let mut peer = AllocPeer::connect(ports.alloc_port).await;
        let incarnation = key(1);
        let attaching = peer.attach_to_memory(&ports.secret, &incarnation, attempt);
        let (reply, _) = tokio::join!(attaching, ports.attach());
        assert_eq!(reply.unwrap(), None);
        peers.push(peer);
        if let Some(oldest) = attempt.checked_sub(8).filter(|oldest| *oldest > 0) {
            assert_eq!(ended(&ports).await, ConnectionNumber(oldest));
        }
    }
    let other = attached(&ports, 2).await;
    for mut peer in peers.split_off(4).into_iter().chain([other]) {
        peer.calls.ping(PingCall {}).await.unwrap();
    }
}

#[tokio::test]
async fn a_sender_that_closes_under_a_write_while_it_attaches_is_not_dead() {
    let ports = Ports::serve(secret());
    let incarnation = key(1);
    let (request, target) = (handshake(&incarnation), ports.target(incarnation));
    let (close, closed) = oneshot::channel();
    // As a sender's rank that closes with a write in flight: the attempt is a task of a runtime that ends.
    let sockets = target.sockets.clone();
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            tokio::spawn(ControlClient::connect(target, request, 1, PATIENCE));
            closed.await.unwrap();
        });
        sockets.until_the_process_ends();
        runtime.shutdown_background();
    });
    ports.welcome().await;
    let attaching = ports.event().await;
    assert!(matches!(attaching, ControlEvent::Call { request: ControlCall::Attach(..), .. }));
    close.send(()).unwrap();
    thread.join().unwrap();
    Mortal::attached(&ports, 2).await.die();
    let ControlEvent::Call { request: ControlCall::Attach(attaching, _), .. } = attaching else { return };
    assert_ne!(ended_by_peer(&ports).await, attaching);
}
