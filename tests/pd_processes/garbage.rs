//! Garbage from a stranger on the ports.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpStream},
};

use serde_json::json;

use crate::{
    node::{PATIENCE, eventually},
    process::NodeProcess,
    scenarios::{Nodes, assert_same, resources},
};

const LENGTH: usize = 100_000;
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Kinds of garbage by name, drawn from a seed.
fn garbage(random: &mut fastrand::Rng) -> Vec<(&'static str, Vec<u8>)> {
    let mut noise = |length: usize| (0..length).map(|_| random.u8(..)).collect::<Vec<u8>>();
    let with_preface = |rest: &[u8]| [PREFACE, rest].concat();
    let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    // HEADERS of stream 1 that end the headers, with a block that is not HPACK.
    let bad_headers = [0, 0, 4, 1, 4, 0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF];
    // DATA of a stream that was never opened.
    let stray_data = [0, 0, 5, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
    // Announces a frame of 16 MiB.
    let huge_frame = [0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 1];
    // Overflows a window.
    let window = [0, 0, 4, 8, 0, 0, 0, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF];
    vec![
        ("an HTTP/1 request", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec()),
        ("a TLS hello", [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".as_slice(), &noise(500)].concat()),
        ("a ZMQ greeting", [b"\xff\0\0\0\0\0\0\0\x01\x7f\x03\x01NULL".as_slice(), &[0; 48]].concat()),
        ("noise", noise(10_000)),
        ("a part of the preface", PREFACE[..10].to_vec()),
        ("a preface and noise", with_preface(&noise(10_000))),
        ("invalid headers", with_preface(&[settings.as_slice(), &bad_headers].concat())),
        ("data of a stream that does not exist", with_preface(&[settings.as_slice(), &stray_data].concat())),
        ("a frame that is too large", with_preface(&[settings.as_slice(), &huge_frame].concat())),
        ("windows that overflow", with_preface(&[settings.as_slice(), &window, &window].concat())),
        ("a frame that is cut off", with_preface(&[0, 0, 9, 1])),
    ]
}

pub(crate) fn garbage_on_every_port_has_no_effect_and_leaks_nothing(channel: &str) {
    let nodes = Nodes::with_long_leases(channel, 8 << 20);
    let secret = json!({"shared_secret": "correct horse battery"});
    let (mut receiver, mut sender) = (nodes.start("receiver", &secret), nodes.start("sender", &secret));
    let mut next_key = 0;
    let mut serves_its_sender = |sender: &mut NodeProcess, receiver: &mut NodeProcess| {
        next_key += 1;
        sender.store([next_key], LENGTH);
        sender.all_stored();
        assert_eq!(receiver.load([next_key], LENGTH), 1);
        receiver.delete([next_key]);
    };
    let seed = 20_250_917;
    let mut random = fastrand::Rng::with_seed(seed);
    pester(&nodes, &mut random, || serves_its_sender(&mut sender, &mut receiver));
    let before = resources(&mut sender, &mut receiver);
    for _ in 0..3 {
        pester(&nodes, &mut random, || serves_its_sender(&mut sender, &mut receiver));
    }
    eventually(&format!("all connections of strangers are closed (seed {seed})"), || {
        resources(&mut sender, &mut receiver)[1]["descriptors"] == before[1]["descriptors"]
    });
    assert_same(&before, &resources(&mut sender, &mut receiver));
    let status = receiver.status();
    assert_eq!((&status["senders"], &status["senders_died"]), (&json!(1), &json!(0)), "{status}");
    assert_eq!(sender.status()["connections"], 1, "the real sender was never disconnected");
    receiver.until_all_is_free();
}

fn pester(nodes: &Nodes, random: &mut fastrand::Rng, mut serves_its_sender: impl FnMut()) {
    for port in nodes.ports() {
        let connect = || TcpStream::connect(("127.0.0.1", *port)).unwrap();
        let mut open = Vec::new();
        for (name, bytes) in garbage(random) {
            let mut stream = connect();
            // The receiver may close the connection before it has read everything.
            let _ = stream.write_all(&bytes);
            open.push((name, stream));
        }
        open.extend((0..200).map(|_| ("silence", connect())));
        serves_its_sender();
        for (_, stream) in &open {
            let _ = stream.shutdown(Shutdown::Write);
        }
        for (name, mut stream) in open {
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            let ended = stream.read_to_end(&mut Vec::new());
            let timed_out = ended.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock);
            assert!(!timed_out, "a connection with {name} is not closed");
        }
        for _ in 0..500 {
            drop(connect());
        }
        serves_its_sender();
    }
}
