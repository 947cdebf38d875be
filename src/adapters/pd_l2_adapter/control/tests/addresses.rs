//! Names with several addresses, some of which belong to other services.

use std::{io::Write as _, net::SocketAddr};

use hyper::{server::conn::http2, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{net::TcpListener, task::JoinHandle, time::Instant};
use tonic::Status;

use super::{
    super::{
        ConnectError, ConnectOutcome, ControlEvent,
        connecting::{ADDRESSES_MAX, Attempt},
    },
    PATIENCE, Ports, key,
    peer::handshake,
    secret,
};
use crate::adapters::pd_l2_adapter::protocol::{ControlAnswer, ControlCall, HandshakeRefusal, HandshakeRequest};

/// Another address of this machine, with the init port of a test's receiver: the name's first address.
fn elsewhere(ports: &Ports) -> SocketAddr {
    ([127, 0, 0, 2], ports.init_port).into()
}

fn here(ports: &Ports) -> SocketAddr {
    ([127, 0, 0, 1], ports.init_port).into()
}

async fn connect(ports: &Ports, addresses: &[SocketAddr]) -> ConnectOutcome {
    let (incarnation, end) = (key(1), Instant::now() + PATIENCE);
    let request: HandshakeRequest = handshake(&incarnation);
    Attempt { target: ports.target(incarnation), request, number: 1, deadline: PATIENCE }
        .at_the_first_of(addresses, end)
        .await
}

/// A service that does not speak gRPC. Ends by itself.
fn web_service(at: SocketAddr) {
    let listener = std::net::TcpListener::bind(at).unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
    });
}

/// A gRPC service that returns the same status to every call.
async fn grpc_service(at: SocketAddr, status: fn() -> Status) -> JoinHandle<()> {
    let listener = TcpListener::bind(at).await.unwrap();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let service =
            service_fn(
                move |_| async move { Ok::<_, std::convert::Infallible>(status().into_http::<tonic::body::Body>()) },
            );
        // Ends when the sender disconnects.
        let _ = http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
    })
}

async fn reaches_the_receiver_at_its_second_address(ports: &Ports) {
    let addresses = [elsewhere(ports), here(ports)];
    let letting_in = async {
        ports.welcome().await;
        ports.attach().await;
    };
    let (outcome, ()) = tokio::join!(connect(ports, &addresses), letting_in);
    assert!(outcome.result.is_ok(), "{:?}", outcome.result);
}

#[tokio::test]
async fn a_receiver_is_reached_even_if_another_service_is_at_the_first_address() {
    let ports = Ports::serve(secret());
    web_service(elsewhere(&ports));
    reaches_the_receiver_at_its_second_address(&ports).await;
}

#[tokio::test]
async fn a_receiver_is_reached_even_if_a_grpc_service_at_the_first_address_refuses_us() {
    for status in [|| Status::unauthenticated("no token"), || Status::unavailable("no healthy upstream")] {
        let ports = Ports::serve(secret());
        grpc_service(elsewhere(&ports), status).await;
        reaches_the_receiver_at_its_second_address(&ports).await;
    }
}

#[tokio::test]
async fn after_a_receivers_refusal_no_other_address_is_tried() {
    let ports = Ports::serve(secret());
    let other = TcpListener::bind(elsewhere(&ports)).await.unwrap();
    let refusing = async {
        let ControlEvent::Call { request: ControlCall::Handshake(_), answer, .. } = ports.event().await else {
            panic!("a handshake comes")
        };
        let refusal = HandshakeRefusal::Version { ours: 1, theirs: 2 };
        answer.send(ControlAnswer::Handshake(Err(refusal))).unwrap();
    };
    let addresses = [here(&ports), elsewhere(&ports)];
    let (outcome, ()) = tokio::join!(connect(&ports, &addresses), refusing);
    let error = outcome.result.unwrap_err();
    assert!(matches!(error, ConnectError::Refused { .. }), "{error}");
    assert!(error.to_string().contains("at 127.0.0.1: "), "{error}");
    let connected = std::future::poll_fn(|context| std::task::Poll::Ready(other.poll_accept(context).is_ready())).await;
    assert!(!connected, "the other address was tried");
}

#[tokio::test]
async fn the_error_names_each_address_and_why_it_failed() {
    let ports = Ports::serve(secret());
    grpc_service(elsewhere(&ports), || Status::unimplemented("no such service")).await;
    let nobody = ([127, 0, 0, 3], ports.init_port).into();
    let error = connect(&ports, &[elsewhere(&ports), nobody]).await.result.unwrap_err().to_string();
    let port = ports.init_port;
    let expected = format!(
        "no address of 127.0.0.1 reaches the receiver: `peer_init_port[0]` 127.0.0.1:{port} at 127.0.0.2 responds, but not like \
         a port of a pd receiver: no such service; check that `peer_host` and the ports lead to the receiver; `peer_init_port[0]` 127.0.0.1:{port} at 127.0.0.3 cannot be reached: \
         Connection refused (os error 111)"
    );
    assert_eq!(error, expected);
}

#[tokio::test]
async fn the_number_of_tried_addresses_is_bounded_and_the_error_counts_the_rest() {
    let ports = Ports::serve(secret());
    let nobody = |last| SocketAddr::from(([127, 0, 1, last], ports.init_port));
    for count in [ADDRESSES_MAX, ADDRESSES_MAX + 1] {
        let addresses: Vec<_> = (1..).map(nobody).take(count).collect();
        let error = connect(&ports, &addresses).await.result.unwrap_err().to_string();
        assert_eq!(error.matches("Connection refused").count(), ADDRESSES_MAX, "{error}");
        assert_eq!(error.ends_with("; not tried: 1 more"), count > ADDRESSES_MAX, "{error}");
    }
}
