//! Parts of a small store, alone: the wake-up of another thread by an event, of which it needs two, and a call without gRPC.

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use prost::Message as _;
use rustix::event::{PollFd, PollFlags, poll};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    runtime::{Builder, Runtime},
};

use crate::{adapter::CompletionEvent, cli::nodes::Latencies};

/// From a signal to the end of the other thread's poll: half of there and back.
pub(super) fn event_wake_ups(count: usize) -> io::Result<Latencies> {
    let (there, back) = (Arc::new(CompletionEvent::new()?), Arc::new(CompletionEvent::new()?));
    let (theirs, answer) = (Arc::clone(&there), Arc::clone(&back));
    let thread = std::thread::spawn(move || {
        for _ in 0..count {
            wait(&theirs)?;
            answer.signal();
        }
        Ok::<_, io::Error>(())
    });
    let mut latencies = Latencies::default();
    for _ in 0..count {
        let start = Instant::now();
        there.signal();
        wait(&back)?;
        latencies.add(start.elapsed() / 2);
    }
    // It has answered as often as it was asked.
    thread.join().unwrap_or_else(|_| Err(io::Error::other("the thread that is woken up has ended early")))?;
    Ok(latencies)
}

fn wait(event: &CompletionEvent) -> io::Result<()> {
    let mut polled = [PollFd::from_borrowed_fd(event.handle(), PollFlags::IN)];
    loop {
        match poll(&mut polled, None) {
            Ok(_) => break,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    event.drain();
    Ok(())
}

/// From an empty call over loopback to its answer, both in length-prefixed frames. Each side has a thread with sockets of its
/// own, as a rank has.
pub(super) fn framed_calls(count: usize) -> io::Result<Latencies> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    listener.set_nonblocking(true)?;
    let thread = std::thread::spawn(move || {
        runtime()?.block_on(async {
            let (mut stream, _) = TcpListener::from_std(listener)?.accept().await?;
            stream.set_nodelay(true)?;
            for _ in 0..count {
                read_frame(&mut stream).await?;
                stream.write_all(&().encode_length_delimited_to_vec()).await?;
            }
            Ok::<_, io::Error>(())
        })
    });
    let mut latencies = Latencies::default();
    runtime()?.block_on(async {
        let mut stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        for _ in 0..count {
            let start = Instant::now();
            stream.write_all(&().encode_length_delimited_to_vec()).await?;
            read_frame(&mut stream).await?;
            latencies.add(start.elapsed());
        }
        Ok::<_, io::Error>(())
    })?;
    thread.join().unwrap_or_else(|_| Err(io::Error::other("the thread that is called has ended early")))?;
    Ok(latencies)
}

fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_io().build()
}

/// Of an empty message, whose length is one byte.
async fn read_frame(stream: &mut TcpStream) -> io::Result<()> {
    let length = stream.read_u8().await?;
    let mut message = vec![0; usize::from(length)];
    stream.read_exact(&mut message).await?;
    <()>::decode(message.as_slice()).map_err(io::Error::other)
}

/// The shortest time of the report, which is the clock's resolution.
pub(super) const TICK: Duration = Duration::from_nanos(1);
