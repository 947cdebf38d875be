//! Two processes, one of which dies in the middle of a write: the test's own executable runs again, with a role from its
//! environment.

use std::{
    env,
    io::{BufRead, BufReader, Read, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use super::*;
use crate::transfer::{ChannelRegion, WriteId};

const ROLE: &str = "L2_ADAPTER_NIXL_TEST_ROLE";
const SIZE: u64 = 64 * MIB;

/// The prefix of each line from the other process; the test harness writes other lines.
const SAYS: &str = "says ";

/// The other process, with the ends of its standard streams.
struct Other {
    child: Child,
    tells: ChildStdin,
    hears: BufReader<ChildStdout>,
}

impl Other {
    fn start(role: &str) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "transfer::nixl::tests::processes::the_other_process", "--nocapture", "--test-threads=1"])
            .env(ROLE, role)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (tells, hears) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, tells, hears }
    }

    fn hear(&mut self) -> String {
        loop {
            let mut line = String::new();
            assert!(self.hears.read_line(&mut line).unwrap() > 0, "the other process ended early");
            // The harness does not end the line that names the test.
            if let Some((_, said)) = line.split_once(SAYS) {
                return said.trim().to_owned();
            }
        }
    }

    fn tell(&mut self, line: &str) {
        writeln!(self.tells, "{line}").unwrap();
    }

    /// SIGKILL. When this returns, it is dead.
    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn to_line(region: &ChannelRegion) -> String {
    let metadata: String = region.metadata.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{} {} {metadata}", region.base_address, region.length_bytes)
}

fn from_line(line: &str) -> ChannelRegion {
    let words: Vec<_> = line.split_whitespace().collect();
    let byte = |index| u8::from_str_radix(&words[2][index..index + 2], 16).unwrap();
    let metadata = (0..words[2].len()).step_by(2).map(byte).collect();
    ChannelRegion { base_address: words[0].parse().unwrap(), length_bytes: words[1].parse().unwrap(), metadata }
}

/// The role of the other process; does nothing in any other process.
#[test]
fn the_other_process() {
    match env::var(ROLE).as_deref() {
        Ok("receiver") => receive_a_part(),
        Ok("receiver over shared memory") => receive_over_shared_memory(),
        Ok("sender") => send_until_killed(),
        _ => {}
    }
}

/// Polls until the first bytes have arrived, and then never again.
fn receive_a_part() {
    let mut receiver = channel(2, &["tcp"], SIZE);
    println!("\n{SAYS}{}", to_line(&receiver.region()));
    until("the first byte", || {
        receiver.poll(&mut Vec::new());
        (loaded(&receiver, 0, 1) != [0]).then_some(())
    });
    println!("\n{SAYS}stopped");
    // Until it is killed, or the test has ended.
    let _ = std::io::stdin().read(&mut [0]);
}

/// Polls until it is killed.
fn receive_over_shared_memory() {
    let mut receiver = channel(2, &["shm"], SIZE);
    println!("\n{SAYS}{}", to_line(&receiver.region()));
    loop {
        receiver.poll(&mut Vec::new());
        std::thread::yield_now();
    }
}

/// Writes a byte into the given region, and, when told to, all its memory: with a receiver that does not poll, that never ends.
fn send_until_killed() {
    let mut sender = channel(1, &["tcp"], SIZE);
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    sender.add_peer(PeerId(2), &from_line(&line)).unwrap();
    stage(&mut sender, 0, &vec![9; SIZE as usize]);
    sender.post_write(WriteId(1), PeerId(2), &[staged(0, 0, 1)]).unwrap();
    drain_alone(&mut sender);
    println!("\n{SAYS}connected");
    std::io::stdin().read_line(&mut line).unwrap();
    sender.post_write(WriteId(2), PeerId(2), &[staged(0, 0, SIZE)]).unwrap();
    // As much as the kernels can hold. After that, every poll finds a full socket.
    for _ in 0..100_000 {
        sender.poll(&mut Vec::new());
    }
    println!("\n{SAYS}stuck");
    drain_alone(&mut sender);
}

fn drain_alone(sender: &mut NixlChannel) -> Vec<WriteEnd> {
    let mut ended = Vec::new();
    until("the end of all writes", || {
        sender.poll(&mut ended);
        (sender.writes_in_flight() == 0).then_some(())
    });
    ended
}

#[test]
fn writes_to_a_killed_receiver_end_as_broken_off_and_its_next_start_is_reached() {
    let mut sender = channel(1, &["tcp"], SIZE);
    stage(&mut sender, 0, &pattern(SIZE as usize, 1));
    let mut other = Other::start("receiver");
    sender.add_peer(PeerId(2), &from_line(&other.hear())).unwrap();
    for write in 0..3 {
        sender.post_write(WriteId(write), PeerId(2), &[staged(0, 0, SIZE)]).unwrap();
    }
    let mut ended = Vec::new();
    std::thread::scope(|scope| {
        let stopped = scope.spawn(|| other.hear());
        until("the receiver's stop", || {
            sender.poll(&mut ended);
            stopped.is_finished().then_some(())
        });
    });
    assert_eq!((ended.len(), sender.writes_in_flight()), (0, 3));
    other.kill();
    let ended = drain_alone(&mut sender);
    assert_eq!(ended.iter().map(|end| end.write.0).collect::<Vec<_>>(), [0, 1, 2]);
    assert!(ended.iter().all(|end| !end.status.succeeded() && end.status.may_still_land()));

    // A write to the dead receiver is refused, or ends: it must not stay in progress for ever.
    let _ = sender.post_write(WriteId(4), PeerId(2), &[staged(0, 0, 1)]);
    assert!(drain_alone(&mut sender).iter().all(|end| !end.status.succeeded()));

    let mut receiver = channel(3, &["tcp"], SIZE);
    sender.remove_peer(PeerId(2));
    sender.add_peer(PeerId(3), &receiver.region()).unwrap();
    sender.post_write(WriteId(5), PeerId(3), &[staged(0, 0, SIZE)]).unwrap();
    assert!(drain(&mut sender, &mut receiver)[0].status.succeeded());
    assert_eq!(loaded(&receiver, 0, SIZE as usize), pattern(SIZE as usize, 1));
    eprintln!("lost {:?}", sender.close());
    receiver.close();
}

#[test]
fn a_write_over_shared_memory_to_a_killed_receiver_ends_as_broken_off() {
    let mut sender = channel(1, &["shm"], SIZE);
    let mut other = Other::start("receiver over shared memory");
    sender.add_peer(PeerId(2), &from_line(&other.hear())).unwrap();
    sender.post_write(WriteId(1), PeerId(2), &[staged(0, 0, SIZE)]).unwrap();
    assert!(drain_alone(&mut sender)[0].status.succeeded());
    other.kill();
    sender.post_write(WriteId(2), PeerId(2), &[staged(0, 0, SIZE)]).unwrap();
    let ended = drain_alone(&mut sender);
    assert!(!ended[0].status.succeeded() && ended[0].status.may_still_land());
    assert_eq!(sender.close(), 0);
}

/// A sender that is killed while its write of the receiver's whole memory is in progress.
fn kill_a_sender_during_a_write(receiver: &mut NixlChannel) {
    let mut other = Other::start("sender");
    other.tell(&to_line(&receiver.region()));
    std::thread::scope(|scope| {
        let connected = scope.spawn(|| other.hear());
        until("the connection", || {
            receiver.poll(&mut Vec::new());
            connected.is_finished().then_some(())
        });
    });
    other.tell("go on");
    other.hear();
    other.kill();
}

/// How much of that write is in the receiver's memory after as many polls as the whole write needs.
fn arrived_bytes(receiver: &mut NixlChannel) -> usize {
    for _ in 0..1000 {
        receiver.poll(&mut Vec::new());
    }
    loaded(receiver, 0, SIZE as usize).into_iter().filter(|byte| *byte == 9).count()
}

#[test]
fn the_write_of_a_killed_sender_lands_after_its_death_but_not_in_replaced_memory() {
    let mut receiver = channel(2, &["tcp"], SIZE);
    kill_a_sender_during_a_write(&mut receiver);
    assert_eq!(loaded(&receiver, 0, 2), [9, 0], "the receiver has not polled since the first byte");
    // This is why the memory is replaced below: a slot that was freed as soon as the death is known would get these bytes.
    assert!(arrived_bytes(&mut receiver) > 1);

    let region = replaced(&mut receiver);
    assert_eq!(region.length_bytes, SIZE);
    kill_a_sender_during_a_write(&mut receiver);
    replaced(&mut receiver);
    assert_eq!(arrived_bytes(&mut receiver), 0);
    assert_eq!(receiver.close(), 0);
}
