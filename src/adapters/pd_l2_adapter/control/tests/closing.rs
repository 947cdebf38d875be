//! A receiver that closes answers its open calls first.

use std::time::Duration;

use super::{
    super::{
        ControlEvent,
        generated::{Destination, call_refusal::Reason, reserve_reply::Answer},
    },
    PATIENCE, Ports,
    death::Mortal,
    key,
    peer::{AllocPeer, large_reserve_call},
    secret,
};
use crate::adapters::pd_l2_adapter::protocol::{ControlAnswer, ControlCall, Refusal, ReserveAnswer};

#[tokio::test]
async fn every_waiting_call_is_answered_that_the_receiver_is_closing() {
    let mut ports = Ports::serve(secret());
    let (mut calls, mut waiting) = (Vec::new(), Vec::new());
    for name in 0..64 {
        let (mut peer, incarnation) = (AllocPeer::connect(ports.alloc_port).await, key(name));
        let attaching = peer.attach_to_memory(&ports.secret, &incarnation, 1);
        let (reply, _) = tokio::join!(attaching, ports.attach());
        assert_eq!(reply.unwrap(), None);
        let mut call = large_reserve_call(incarnation.epoch().0, 32);
        call.destination = Some(Destination::default());
        calls.push(tokio::spawn(async move { peer.calls.reserve(call).await }));
        match ports.event().await {
            ControlEvent::Call { request: ControlCall::Reserve(_), answer, .. } => waiting.push(answer),
            event => panic!("a reserve call comes, not {event:?}"),
        }
    }
    // Like a rank, it sends all answers at once and then ends.
    let closing = || ControlAnswer::Reserve(ReserveAnswer::Refused(Refusal::Closing));
    waiting.into_iter().for_each(|answer| answer.send(closing()).unwrap());
    assert!(ports.farewell.say(PATIENCE).await);
    drop(ports.stop.take());
    ports.thread.take().unwrap().join().unwrap();
    for call in calls {
        let answer = call.await.unwrap().unwrap().into_inner().answer;
        let Some(Answer::Refusal(refusal)) = answer else { panic!("not refused: {answer:?}") };
        assert!(matches!(refusal.reason, Some(Reason::Closing(_))), "{refusal:?}");
    }
}

#[tokio::test]
async fn an_attached_peer_that_does_not_read_delays_the_farewell_until_its_bound_and_a_stranger_does_not() {
    let ports = Ports::serve(secret());
    let _stranger = AllocPeer::connect(ports.alloc_port).await;
    let _silent_stranger = std::net::TcpStream::connect(("127.0.0.1", ports.alloc_port)).unwrap();
    let frozen = Mortal::attached(&ports, 1).await.fall_silent();
    assert!(!ports.farewell.say(Duration::from_millis(10)).await);
    drop(frozen);
    assert!(ports.farewell.say(PATIENCE).await);
}
