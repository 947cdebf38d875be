//! Calls that are refused before they reach the rank.

use prost::Message;
use tonic::Code;

use super::{
    super::{
        ControlClient, ControlEvent, INTRODUCTION_MAX_BYTES, MESSAGE_MAX_BYTES,
        generated::{
            Attachment, CancelCall, ChallengeCall, CommitCall, HeartbeatCall, Introduction, PingCall, ProvenCall,
            ReserveCall,
        },
        secret::{SharedSecret, Statement},
    },
    PATIENCE, Ports, key,
    peer::{AllocPeer, InitPeer, handshake, introduction, large_reserve_call, proven},
    secret,
};
use crate::{
    Secret,
    adapters::pd_l2_adapter::protocol::{ControlAnswer, ControlCall, HandshakeRefusal},
};

/// The next event is the handshake of a correct sender: nothing that was sent before has reached the rank.
async fn nothing_has_reached_the_rank(ports: &Ports) {
    let incarnation = key(200);
    let mut peer = InitPeer::connect(ports.init_port).await;
    let introducing = peer.introduce(&ports.secret, introduction(&incarnation));
    let (reply, epoch) = tokio::join!(introducing, ports.welcome());
    assert!(reply.unwrap().outcome.is_some());
    assert_eq!(epoch, incarnation.epoch());
    assert!(ports.events.lock().await.try_recv().is_err(), "more has reached the rank");
}

#[tokio::test]
async fn a_sender_without_the_secret_does_not_reach_the_rank() {
    let ports = Ports::serve(secret());
    let wrong = SharedSecret::new(Some(Secret::new("wrong horse battery".to_owned())));
    for wrong in [wrong, SharedSecret::new(None)] {
        let mut init = InitPeer::connect(ports.init_port).await;
        let refused = init.introduce(&wrong, introduction(&key(1))).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unauthenticated);
        let mut alloc = AllocPeer::connect(ports.alloc_port).await;
        let refused = alloc.attach_to_memory(&wrong, &key(1), 1).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unauthenticated);
    }
    nothing_has_reached_the_rank(&ports).await;
}

#[tokio::test]
async fn a_proof_is_valid_once_on_its_own_connection_and_for_its_own_call() {
    let ports = Ports::serve(secret());
    let mut peer = InitPeer::connect(ports.init_port).await;
    let nonce = peer.challenge().await.unwrap();
    let call = proven(&secret(), Statement::Introduction, &nonce, introduction(&key(1)));
    let (reply, _) = tokio::join!(peer.calls.handshake(call.clone()), ports.welcome());
    assert!(reply.is_ok());

    let again = peer.calls.handshake(call.clone()).await.unwrap_err();
    assert_eq!(again.code(), Code::FailedPrecondition);
    peer.challenge().await.unwrap();
    let after_another_challenge = peer.calls.handshake(call.clone()).await.unwrap_err();
    assert_eq!(after_another_challenge.code(), Code::Unauthenticated);
    let mut other = InitPeer::connect(ports.init_port).await;
    other.challenge().await.unwrap();
    assert_eq!(other.calls.handshake(call).await.unwrap_err().code(), Code::Unauthenticated);

    let mut alloc = AllocPeer::connect(ports.alloc_port).await;
    let nonce = alloc.challenge().await.unwrap();
    let payload = Attachment { incarnation_key: vec![0; 16], attempt: 1, ..Default::default() }.encode_to_vec();
    let of_another_kind = proven(&secret(), Statement::Introduction, &nonce, payload);
    assert_eq!(alloc.calls.attach(of_another_kind).await.unwrap_err().code(), Code::Unauthenticated);
    nothing_has_reached_the_rank(&ports).await;
}

#[tokio::test]
async fn other_calls_are_refused_before_attach() {
    let ports = Ports::serve(SharedSecret::new(None));
    let mut calls = AllocPeer::connect(ports.alloc_port).await.calls;
    let epoch = key(1).epoch().0;
    let codes = [
        calls.reserve(ReserveCall { epoch, ..Default::default() }).await.map(drop),
        calls.commit(CommitCall { epoch, ..Default::default() }).await.map(drop),
        calls.cancel(CancelCall { epoch, ..Default::default() }).await.map(drop),
        calls.heartbeat(HeartbeatCall { epoch, is_probing: false }).await.map(drop),
        calls.ping(PingCall {}).await.map(drop),
    ]
    .map(|result| result.unwrap_err().code());
    assert_eq!(codes, [Code::Unauthenticated; 5]);
    assert_eq!(
        calls.attach(ProvenCall::default()).await.unwrap_err().code(),
        Code::FailedPrecondition,
        "without a challenge"
    );
    nothing_has_reached_the_rank(&ports).await;
}

#[tokio::test]
async fn a_port_mistaken_for_the_other_one_names_itself() {
    let ports = Ports::serve(secret());
    let mut init = InitPeer::connect(ports.alloc_port).await;
    let mut alloc = AllocPeer::connect(ports.init_port).await;
    let told = [init.challenge().await.unwrap_err(), alloc.challenge().await.unwrap_err()];
    for (told, this) in told.into_iter().zip(["this is an alloc port", "this is an init port"]) {
        let message = told.message();
        assert!(message.contains(this) && message.contains("TP rank 0"), "{message}");
        assert!(message.contains("init port 7300, alloc port 7400"), "{message}");
    }
    nothing_has_reached_the_rank(&ports).await;
}

#[tokio::test]
async fn a_refusal_of_another_version_names_both_versions() {
    let ports = Ports::serve(secret());
    let incarnation = key(1);
    let request = handshake(&incarnation);
    let refusing = async {
        let ControlEvent::Call { request: ControlCall::Handshake(request), answer, .. } = ports.event().await else {
            panic!("a handshake comes")
        };
        let refusal = HandshakeRefusal::Version { ours: 1, theirs: request.protocol_version };
        answer.send(ControlAnswer::Handshake(Err(refusal))).unwrap();
    };
    let connecting = ControlClient::connect(ports.target(incarnation), request, 1, PATIENCE);
    let (outcome, ()) = tokio::join!(connecting, refusing);
    let error = outcome.result.unwrap_err().to_string();
    assert!(error.contains("version 1") && error.contains("version 2"), "{error}");
}

#[tokio::test]
async fn a_stranger_can_send_only_small_messages() {
    let ports = Ports::serve(SharedSecret::new(None));
    let mut init = InitPeer::connect(ports.init_port).await;
    let call = ProvenCall { payload: vec![0; INTRODUCTION_MAX_BYTES], proof: Vec::new() };
    assert_eq!(init.calls.handshake(call.clone()).await.unwrap_err().code(), Code::OutOfRange);
    let mut alloc = AllocPeer::connect(ports.alloc_port).await;
    assert_eq!(alloc.calls.attach(call).await.unwrap_err().code(), Code::OutOfRange);
    // Refused because of the call's name: its message is not read at all.
    let reserve = large_reserve_call(1, MESSAGE_MAX_BYTES / 2);
    assert_eq!(alloc.calls.reserve(reserve).await.unwrap_err().code(), Code::Unauthenticated);
    nothing_has_reached_the_rank(&ports).await;
}

#[tokio::test]
async fn an_attached_sender_is_limited_to_the_largest_call_and_to_its_own_incarnation() {
    let ports = Ports::serve(secret());
    let mut peer = AllocPeer::connect(ports.alloc_port).await;
    let (ours, others) = (key(1), key(2));
    let attaching = peer.attach_to_memory(&ports.secret, &ours, 5);
    let (reply, attached) = tokio::join!(attaching, ports.attach());
    assert_eq!((reply.unwrap(), attached), (None, (ours.epoch(), 5)));

    let call = large_reserve_call(ours.epoch().0, MESSAGE_MAX_BYTES + 1);
    assert_eq!(peer.calls.reserve(call).await.unwrap_err().code(), Code::OutOfRange);
    let epoch = others.epoch().0;
    assert_eq!(
        peer.calls.heartbeat(HeartbeatCall { epoch, is_probing: false }).await.unwrap_err().code(),
        Code::PermissionDenied
    );
    let cancel = CancelCall { epoch, request: 1, writes: 3 };
    assert_eq!(peer.calls.cancel(cancel).await.unwrap_err().code(), Code::PermissionDenied);
    let again = peer.attach_to_memory(&ports.secret, &others, 1).await.unwrap_err();
    assert_eq!(again.code(), Code::FailedPrecondition, "a connection is attached once");
    nothing_has_reached_the_rank(&ports).await;
}

#[tokio::test]
async fn an_epoch_is_accepted_only_with_its_key() {
    let ports = Ports::serve(secret());
    let epoch = key(1).epoch().0.to_le_bytes();
    for incarnation_key in [epoch.to_vec(), epoch.repeat(2), Vec::new()] {
        let mut peer = InitPeer::connect(ports.init_port).await;
        let payload =
            Introduction { protocol_version: 1, incarnation_key: incarnation_key.clone(), ..Default::default() };
        let introducing = peer.introduce(&ports.secret, payload.encode_to_vec());
        if incarnation_key.len() == 16 {
            // A valid key, but of another incarnation.
            let (_, introduced) = tokio::join!(introducing, ports.welcome());
            assert_ne!(introduced, key(1).epoch());
        } else {
            assert_eq!(introducing.await.unwrap_err().code(), Code::InvalidArgument);
        }
    }
    nothing_has_reached_the_rank(&ports).await;
}

#[tokio::test]
async fn undecodable_calls_are_refused_as_such() {
    let ports = Ports::serve(SharedSecret::new(None));
    let mut peer = InitPeer::connect(ports.init_port).await;
    let short = peer.calls.challenge(ChallengeCall { sender_nonce: vec![0; 15] }).await.unwrap_err();
    assert_eq!(short.code(), Code::InvalidArgument);
    let refused = peer.introduce(&ports.secret, vec![0xFF; 100]).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    nothing_has_reached_the_rank(&ports).await;
}

#[tokio::test]
async fn idle_connections_neither_lock_a_sender_out_nor_reach_the_rank() {
    let ports = Ports::serve(secret());
    let mut silent = Vec::new();
    for port in [ports.init_port, ports.alloc_port] {
        for _ in 0..400 {
            silent.push(std::net::TcpStream::connect(("127.0.0.1", port)).unwrap());
        }
    }
    nothing_has_reached_the_rank(&ports).await;
    let mut peer = AllocPeer::connect(ports.alloc_port).await;
    let incarnation = key(1);
    let attaching = peer.attach_to_memory(&ports.secret, &incarnation, 1);
    let (attached, _) = tokio::join!(attaching, ports.attach());
    assert_eq!(attached.unwrap(), None);
    // More of them do not close an authenticated connection.
    for _ in 0..400 {
        silent.push(std::net::TcpStream::connect(("127.0.0.1", ports.alloc_port)).unwrap());
    }
    nothing_has_reached_the_rank(&ports).await;
    assert!(peer.calls.ping(PingCall {}).await.is_ok());
}
