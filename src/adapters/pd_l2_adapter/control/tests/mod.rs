//! The control plane over real sockets, with peers that are not our sender, or behave as our sender never does.
//!
//! ```text
//! addresses, geometry, refusals    names with several addresses; mismatches; refused calls
//! closing, death                   a receiver that closes; a sender that dies
//! peer                             a hand-made sender
//! ```

mod addresses;
mod closing;
mod death;
mod geometry;
mod peer;
mod refusals;

use std::{net::TcpListener, sync::Arc, thread::JoinHandle, time::Duration};

use tokio::sync::{Mutex, mpsc, oneshot};

use super::{
    ControlEvent, ControlPorts, ControlTarget, IncarnationKey, ServerSettings, SharedSecret, SocketsStayOpen,
    farewell::Farewell, server::serve,
};
use crate::{
    Secret,
    adapters::pd_l2_adapter::host::Host,
    adapters::pd_l2_adapter::protocol::{
        ControlAnswer, ControlCall, Destination, Epoch, HandshakeAnswer, RankPorts, Region, RegionNumber,
    },
    transfer::ChannelRegion,
};

/// How long a test waits for an event.
const PATIENCE: Duration = Duration::from_secs(60);

const RECEIVER: Epoch = Epoch(99);
/// The ports that the receiver reports, although the test listens on others.
const PORTS: RankPorts = RankPorts { init: 7300, alloc: 7400 };
const MEMORY: Destination = Destination { receiver: RECEIVER, tp_rank: 0, region: RegionNumber(1) };

fn secret() -> SharedSecret {
    SharedSecret::new(Some(Secret::new("correct horse battery".to_owned())))
}

fn key(name: u8) -> IncarnationKey {
    IncarnationKey::new([name; 32], 0)
}

/// A receiver's two ports, with a test in place of the rank's thread.
struct Ports {
    init_port: u16,
    alloc_port: u16,
    secret: SharedSecret,
    events: Mutex<mpsc::UnboundedReceiver<ControlEvent>>,
    farewell: Farewell,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Ports {
    fn serve(secret: SharedSecret) -> Self {
        Self::serve_with(ServerSettings {
            secret,
            epoch: RECEIVER,
            tp_rank: 0,
            ports: PORTS,
            proof_deadline: PATIENCE,
            keep_alive: PATIENCE,
        })
    }

    fn serve_with(settings: ServerSettings) -> Self {
        let listen = || {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            listener.set_nonblocking(true).unwrap();
            listener
        };
        let ports = ControlPorts { init: listen(), alloc: listen() };
        let port = |listener: &TcpListener| listener.local_addr().unwrap().port();
        let (init_port, alloc_port) = (port(&ports.init), port(&ports.alloc));
        let (to_test, events) = mpsc::unbounded_channel();
        let (stop, stopped) = oneshot::channel();
        let (secret, farewell) = (settings.secret.clone(), Farewell::default());
        let to_say = farewell.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let sink = Arc::new(move |event| drop(to_test.send(event)));
                let serving = serve(ports, settings, sink, to_say).unwrap();
                tokio::select! { () = serving => {}, _ = stopped => {} }
            });
        });
        let events = Mutex::new(events);
        Self { init_port, alloc_port, secret, events, farewell, stop: Some(stop), thread: Some(thread) }
    }

    fn target(&self, incarnation: IncarnationKey) -> ControlTarget {
        let (host, secret) = (Host::new("127.0.0.1"), self.secret.clone());
        ControlTarget {
            host,
            init_port: self.init_port,
            alloc_port: self.alloc_port,
            secret,
            incarnation,
            sockets: SocketsStayOpen::default(),
        }
    }

    /// The next event that reaches the rank, except abandoned calls.
    async fn event(&self) -> ControlEvent {
        let event = async {
            let mut events = self.events.lock().await;
            loop {
                match events.recv().await {
                    Some(ControlEvent::CallAbandoned { .. }) => {}
                    event => return event,
                }
            }
        };
        tokio::time::timeout(PATIENCE, event).await.ok().flatten().expect("an event reaches the rank")
    }

    /// Accepts the next sender, as a rank does.
    async fn welcome(&self) -> Epoch {
        match self.event().await {
            ControlEvent::Call { request: ControlCall::Handshake(request), answer, .. } => {
                answer.send(ControlAnswer::Handshake(Ok(welcome()))).unwrap();
                request.epoch
            }
            event => panic!("a handshake comes, not {event:?}"),
        }
    }

    /// Accepts the next attachment; returns its incarnation and attempt.
    async fn attach(&self) -> (Epoch, u64) {
        match self.event().await {
            ControlEvent::Call { request: ControlCall::Attach(_, attachment), answer, .. } => {
                answer.send(ControlAnswer::Attach(Ok(attachment.destination))).unwrap();
                (attachment.epoch, attachment.attempt)
            }
            event => panic!("an attachment comes, not {event:?}"),
        }
    }
}

impl Drop for Ports {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

fn welcome() -> HandshakeAnswer {
    let region = Region {
        number: MEMORY.region,
        memory: ChannelRegion { base_address: 4096, length_bytes: (1 << 20) + 64, metadata: vec![1, 2, 3] },
        probe_offset_bytes: 1 << 20,
        slot_alignment_bytes: 4096,
    };
    HandshakeAnswer { epoch: RECEIVER, tp_rank: 0, ports: PORTS, region, lease_ms: 1000 }
}
