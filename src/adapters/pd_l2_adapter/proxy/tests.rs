//! The notifier with proxies that start late, die or restart, and with peers that are not proxies.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    time::{Duration, Instant},
};

use super::{
    ProxyCounters, ProxyNotifier, ProxySettings, message,
    zmtp::{self, Frame, GREETING_BYTES},
};
use crate::adapters::pd_l2_adapter::{ProxyProtocol, host::Host};

/// How long a test waits for an event.
const PATIENCE: Duration = Duration::from_secs(60);

fn settings(port: u16, protocol: ProxyProtocol) -> ProxySettings {
    ProxySettings {
        host: Host::new("127.0.0.1"),
        port,
        protocol,
        rank_count: 1,
        queue_max: 100,
        send_deadline: PATIENCE,
        confirm_deadline: PATIENCE,
        retry_delay: Duration::from_millis(1),
        retry_delay_max: Duration::from_millis(10),
    }
}

fn listen() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// A port without a listener.
fn free_port() -> u16 {
    listen().1
}

fn wait_for(notifier: &ProxyNotifier, what: &str, holds: impl Fn(ProxyCounters) -> bool) {
    let start = Instant::now();
    while !holds(notifier.counters()) {
        assert!(start.elapsed() < PATIENCE, "not {what}: {:?}", notifier.counters());
        std::thread::yield_now();
    }
}

/// The proxy's end of one ZMQ connection.
struct Pull {
    stream: TcpStream,
}

impl Pull {
    fn accept(listener: &TcpListener, minor_version: u8) -> Self {
        let mut stream = listener.accept().unwrap().0;
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut greeting = zmtp::greeting();
        greeting[11] = minor_version;
        stream.write_all(&greeting).unwrap();
        stream.read_exact(&mut [0; GREETING_BYTES]).unwrap();
        let mut ready = zmtp::ready();
        let length = ready.len();
        ready[length - 4..].copy_from_slice(b"PULL");
        stream.write_all(&ready).unwrap();
        let mut pull = Self { stream };
        let (flags, body) = pull.frame().unwrap();
        assert_eq!((flags, &body[..6]), (4, b"\x05READY".as_slice()));
        pull
    }

    /// The flags and the body of the next frame.
    fn frame(&mut self) -> io::Result<(u8, Vec<u8>)> {
        let mut header = [0; 2];
        self.stream.read_exact(&mut header)?;
        let mut body = vec![0; usize::from(header[1])];
        self.stream.read_exact(&mut body)?;
        Ok((header[0], body))
    }

    /// The next message, and the context of the PING after it.
    fn message_and_ping(&mut self) -> (Vec<u8>, Vec<u8>) {
        let (_, message) = self.frame().unwrap();
        let (flags, ping) = self.frame().unwrap();
        assert_eq!((flags, &ping[..5]), (4, b"\x04PING".as_slice()));
        (message, ping[7..].to_vec())
    }

    /// Receives a message as libzmq does.
    fn take(&mut self) -> Vec<u8> {
        let (message, context) = self.message_and_ping();
        self.stream.write_all(&zmtp::pong(&context)).unwrap();
        message
    }
}

#[test]
fn one_message_is_sent_for_each_rank_in_the_order_of_the_requests() {
    let (listener, port) = listen();
    let notifier = ProxyNotifier::start(ProxySettings { rank_count: 2, ..settings(port, ProxyProtocol::Zmq) }).unwrap();
    notifier.notify("first", None);
    notifier.notify("second", None);
    let mut pull = Pull::accept(&listener, 1);
    for request in ["first", "first", "second", "second"] {
        assert_eq!(pull.take(), message::zmq_message(request));
    }
    wait_for(&notifier, "sent", |counters| counters.sent == 4 && counters.waiting == 0);
}

#[test]
fn a_late_proxy_gets_the_queued_messages_except_the_oldest_of_a_full_queue() {
    let port = free_port();
    let notifier = ProxyNotifier::start(ProxySettings { queue_max: 3, ..settings(port, ProxyProtocol::Zmq) }).unwrap();
    ["a", "b", "c", "d", "e"].iter().for_each(|request| notifier.notify(request, None));
    wait_for(&notifier, "retried", |counters| counters.retried > 2);
    assert_eq!((notifier.counters().dropped, notifier.counters().waiting), (2, 3));
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let mut pull = Pull::accept(&listener, 1);
    for request in ["c", "d", "e"] {
        assert_eq!(pull.take(), message::zmq_message(request));
    }
}

#[test]
fn a_message_unread_when_the_proxy_died_is_sent_again() {
    let (listener, port) = listen();
    let notifier = ProxyNotifier::start(settings(port, ProxyProtocol::Zmq)).unwrap();
    notifier.notify("r", None);
    let mut dying = Pull::accept(&listener, 1);
    dying.message_and_ping();
    assert_eq!(notifier.counters().sent, 0);
    drop(dying);
    assert_eq!(Pull::accept(&listener, 1).take(), message::zmq_message("r"));
    wait_for(&notifier, "sent", |counters| counters.sent == 1);
}

#[test]
fn the_first_message_after_a_restart_of_the_proxy_is_not_lost() {
    // 0: a proxy whose socket answers no PING, so that only the end of its connection shows that it is dead.
    for minor_version in [0, 1] {
        let (listener, port) = listen();
        let notifier = ProxyNotifier::start(settings(port, ProxyProtocol::Zmq)).unwrap();
        notifier.notify("before", None);
        let mut pull = Pull::accept(&listener, minor_version);
        if minor_version == 0 {
            assert_eq!(pull.frame().unwrap().1, message::zmq_message("before"));
        } else {
            pull.take();
        }
        wait_for(&notifier, "sent", |counters| counters.sent == 1);
        // Reading notices that the other side has closed before it answers.
        pull.stream.shutdown(std::net::Shutdown::Write).unwrap();
        assert_eq!(pull.stream.read(&mut [0; 1]).unwrap(), 0);
        notifier.notify("after", None);
        let mut restarted = Pull::accept(&listener, minor_version);
        assert_eq!(restarted.frame().unwrap().1, message::zmq_message("after"));
    }
}

#[test]
fn an_answer_to_an_earlier_ping_does_not_confirm_the_last_message() {
    let (listener, port) = listen();
    let notifier = ProxyNotifier::start(settings(port, ProxyProtocol::Zmq)).unwrap();
    notifier.notify("first", None);
    notifier.notify("second", None);
    let mut pull = Pull::accept(&listener, 1);
    let (_, context) = pull.message_and_ping();
    pull.stream.write_all(&zmtp::pong(&context)).unwrap();
    pull.stream.write_all(&zmtp::pong(&context)).unwrap();
    pull.message_and_ping();
    drop(pull);
    assert_eq!(Pull::accept(&listener, 1).take(), message::zmq_message("second"));
}

#[test]
fn a_ping_of_the_proxy_is_answered() {
    let (listener, port) = listen();
    let notifier = ProxyNotifier::start(settings(port, ProxyProtocol::Zmq)).unwrap();
    notifier.notify("r", None);
    let mut pull = Pull::accept(&listener, 1);
    pull.take();
    pull.stream.write_all(&zmtp::ping(b"alive")).unwrap();
    let (_, body) = pull.frame().unwrap();
    let mut frame = vec![4, u8::try_from(body.len()).unwrap()];
    frame.extend(body);
    assert_eq!(zmtp::take_frame(&mut frame), Ok(Some(Frame::Pong(b"alive".to_vec()))));
}

#[test]
fn a_peer_that_is_not_a_pull_socket_is_retried_until_it_is_one() {
    let (listener, port) = listen();
    let notifier = ProxyNotifier::start(settings(port, ProxyProtocol::Zmq)).unwrap();
    notifier.notify("r", None);
    let mut web = listener.accept().unwrap().0;
    web.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
    assert_eq!(Pull::accept(&listener, 1).take(), message::zmq_message("r"));
    assert_eq!(notifier.counters().retried, 1);
}

/// Reads one POST from a connection and answers it. Returns its first line, its headers in lower case, and its body.
fn answer_post(listener: &TcpListener, status: &str) -> (String, Vec<String>, Vec<u8>) {
    let stream = listener.accept().unwrap().0;
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut reader = BufReader::new(&stream);
    let mut lines = reader.by_ref().lines().map(|line| line.unwrap());
    let first = lines.next().unwrap();
    let headers: Vec<String> = lines.take_while(|line| !line.is_empty()).map(|line| line.to_lowercase()).collect();
    let length = headers.iter().find_map(|header| header.strip_prefix("content-length: ")).unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    write!(&stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").unwrap();
    (first, headers, body)
}

#[test]
fn a_multiprocess_proxy_gets_its_telemetry_again_until_it_acknowledges_it() {
    let (listener, port) = listen();
    let notifier = ProxyNotifier::start(settings(port, ProxyProtocol::Http)).unwrap();
    notifier.notify("r", None);
    answer_post(&listener, "503 Service Unavailable");
    let (first, headers, body) = answer_post(&listener, "204 No Content");
    assert_eq!(first, "POST /api/v1/telemetry HTTP/1.1");
    assert!(headers.contains(&format!("host: 127.0.0.1:{port}")), "{headers:?}");
    assert!(headers.contains(&"content-type: application/json".to_owned()), "{headers:?}");
    assert_eq!(body, message::http_message("r", None, 1, 0));
    wait_for(&notifier, "sent", |counters| counters.sent == 1);
    assert_eq!(notifier.counters().retried, 1);
}

#[test]
fn closing_sends_queued_messages_as_long_as_the_proxy_accepts_them() {
    let (listener, port) = listen();
    let notifier = ProxyNotifier::start(settings(port, ProxyProtocol::Zmq)).unwrap();
    notifier.notify("first", None);
    notifier.notify("second", None);
    let proxy = std::thread::spawn(move || {
        let mut pull = Pull::accept(&listener, 1);
        [pull.take(), pull.take()]
    });
    notifier.close(PATIENCE);
    assert_eq!(proxy.join().unwrap(), [message::zmq_message("first"), message::zmq_message("second")]);
    assert_eq!((notifier.counters().sent, notifier.counters().dropped), (2, 0));
}

#[test]
fn closing_does_not_wait_for_an_absent_proxy_and_counts_the_lost_messages() {
    let mut never = settings(free_port(), ProxyProtocol::Zmq);
    never.retry_delay = Duration::from_secs(1_000_000);
    let notifier = ProxyNotifier::start(never).unwrap();
    notifier.notify("r", None);
    wait_for(&notifier, "tried", |counters| counters.retried == 1);
    // If close waited for the whole bound, the test would hang.
    notifier.close(Duration::from_secs(1_000_000));
    notifier.notify("too late", None);
    let counters = notifier.counters();
    assert_eq!((counters.waiting, counters.dropped), (0, 2));
}
