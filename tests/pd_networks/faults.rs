//! Random faults of all kinds, one after another, against several deployments side by side.
//!
//! A deployment is a receiver and two senders: a victim, and another one that uses every freed slot at once. Checksums are off, so
//! that they hide no wrong byte.

use std::{
    any::Any,
    collections::{BTreeMap, VecDeque},
    fmt,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::Mutex,
    time::{Duration, Instant},
};

use fastrand::Rng;
use serde_json::json;

use crate::{
    network::{Host, LinkFault, Network},
    nodes::{CONTROL_PORTS, OTHER_SENDER, RECEIVER, Receiver, SENDER, Sender, Settings, say, settle},
};

/// How many hosts of dead senders stay up. Their kernels still send what the senders had written.
const OLD_HOSTS: usize = 4;

/// A kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    SenderKilled,
    ReceiverKilled,
    SenderStopped,
    ReceiverStopped,
    Cut,
    OneWayCut,
    DataPathBlocked,
    DataConnectionsDestroyed,
    PacketsLost,
    ReceiverElsewhere,
    SameNameTwice,
}

/// Every kind, as the table names it.
const KINDS: [(Kind, &str); 11] = [
    (Kind::SenderKilled, "a sender is killed"),
    (Kind::ReceiverKilled, "the receiver is killed"),
    (Kind::SenderStopped, "a sender is stopped"),
    (Kind::ReceiverStopped, "the receiver is stopped"),
    (Kind::Cut, "a link is cut"),
    (Kind::OneWayCut, "a link is cut one way"),
    (Kind::DataPathBlocked, "NIXL's ports are blocked"),
    (Kind::DataConnectionsDestroyed, "NIXL's connections are ended"),
    (Kind::PacketsLost, "10 % of packets are lost"),
    (Kind::ReceiverElsewhere, "the receiver restarts elsewhere"),
    (Kind::SameNameTwice, "a `node_name` is started twice"),
];

/// The results of one kind of fault.
#[derive(Default)]
struct Outcome {
    healed_after: Vec<Duration>,
    violations: Vec<String>,
}

/// The state that the threads share.
struct Run {
    faults_left: Mutex<u32>,
    outcomes: Mutex<BTreeMap<Kind, Outcome>>,
}

/// Inflicts faults that are drawn from a seed. Fails after the last one if there was a violation.
pub(crate) fn random_faults(faults: u32, seed: u64, deployments: u64) {
    say(&format!("{faults} faults against {deployments} deployments, seed {seed}"));
    let start = Instant::now();
    let run = Run { faults_left: Mutex::new(faults), outcomes: Mutex::default() };
    std::thread::scope(|scope| {
        for deployment in 0..deployments {
            let run = &run;
            scope.spawn(move || run.break_one_deployment(deployment, Rng::with_seed(seed.wrapping_add(deployment))));
        }
    });
    let minutes = start.elapsed().as_secs_f64() / 60.0;
    say(&format!("{faults} faults in {minutes:.1} minutes, seed {seed}\n{run}"));
    let violations: usize = run.outcomes.lock().unwrap().values().map(|outcome| outcome.violations.len()).sum();
    assert_eq!(violations, 0, "violations, with seed {seed}");
}

impl Run {
    fn break_one_deployment(&self, number: u64, mut random: Rng) {
        let network = Network::new();
        let mut deployment = None;
        while self.takes_one() {
            let (kind, _) = random.choice(KINDS).unwrap();
            // A violation must not change the faults that follow it.
            let mut details = random.fork();
            let current = deployment.take();
            let suffer = || current.unwrap_or_else(|| Deployment::new(&network)).suffer(kind, &mut details);
            let result = catch_unwind(AssertUnwindSafe(suffer));
            let mut outcomes = self.outcomes.lock().unwrap();
            let outcome = outcomes.entry(kind).or_default();
            match result {
                Ok((healed, healed_after)) => {
                    deployment = Some(healed);
                    outcome.healed_after.push(healed_after);
                }
                Err(panic) => {
                    let violation = message(&*panic);
                    say(&format!("deployment {number}, {kind:?}: {violation}"));
                    outcome.violations.push(violation);
                }
            }
        }
    }

    fn takes_one(&self) -> bool {
        let mut left = self.faults_left.lock().unwrap();
        if *left > 0 && left.is_multiple_of(50) {
            say(&format!("{left} faults left"));
        }
        let takes = *left > 0;
        *left = left.saturating_sub(1);
        takes
    }
}

/// The message of a panic.
fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default();
    text.trim_start_matches("assertion `left == right` failed: ").to_owned()
}

impl fmt::Display for Run {
    /// As a table for docs/pd.md.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| fault | times | median | 99 % | worst | violations |")?;
        writeln!(f, "|---|---|---|---|---|---|")?;
        let outcomes = self.outcomes.lock().unwrap();
        for (kind, name) in KINDS {
            let Some(outcome) = outcomes.get(&kind) else { continue };
            let mut sorted = outcome.healed_after.clone();
            sorted.sort_unstable();
            let percentile = |percent: usize| {
                let rank = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
                sorted.get(rank).map_or("-".to_owned(), |time| format!("{:.1} s", time.as_secs_f64()))
            };
            let times = sorted.len() + outcome.violations.len();
            let [median, most, worst] = [50, 99, 100].map(percentile);
            let mut violations: BTreeMap<_, u32> = BTreeMap::new();
            for violation in &outcome.violations {
                *violations.entry(violation.split(':').next().unwrap_or_default()).or_default() += 1;
            }
            let violations: Vec<_> = violations.iter().map(|(name, times)| format!("{times} {name}")).collect();
            let violations = if violations.is_empty() { "none".to_owned() } else { violations.join(", ") };
            writeln!(f, "| {name} | {times} | {median} | {most} | {worst} | {violations} |")?;
        }
        Ok(())
    }
}

struct Deployment<'network> {
    network: &'network Network,
    receiver: Receiver<'network>,
    victim: Sender<'network>,
    other: Sender<'network>,
    /// Keys that dead senders were given.
    orphans: Vec<u64>,
    old_hosts: VecDeque<Host<'network>>,
    /// The number of hosts that the victim and senders of its name have had.
    victims_hosts: u32,
}

fn settings() -> Settings {
    Settings::short().with("checksum", json!(false))
}

fn victims_settings() -> Settings {
    settings().with("node_name", json!("prefill-0"))
}

impl<'network> Deployment<'network> {
    fn new(network: &'network Network) -> Self {
        Self {
            network,
            receiver: Receiver::start(network.host(RECEIVER), &settings()),
            victim: Sender::start(network.host(SENDER), &victims_settings()),
            other: Sender::start(network.host(OTHER_SENDER), &settings()),
            orphans: Vec::new(),
            old_hosts: VecDeque::new(),
            victims_hosts: 0,
        }
    }

    /// Suffers one fault, and checks every claim afterwards. Returns how long it took until bytes moved again.
    fn suffer(mut self, kind: Kind, random: &mut Rng) -> (Self, Duration) {
        self.victim.until_bytes_move();
        self.other.begin_to_store(4);
        match random.u32(..3) {
            0 => {}
            1 => self.victim.begin_to_store(12),
            _ => self.victim.store_until_a_transfer_is_under_way(),
        }
        let mut healed = self.inflict(kind, random);
        let result = catch_unwind(AssertUnwindSafe(|| healed.check()));
        let healed_after = result.unwrap_or_else(|panic| {
            // A crash explains everything else.
            healed.check_for_crashes();
            resume_unwind(panic)
        });
        (healed, healed_after)
    }

    fn check(&mut self) -> Duration {
        let healed_after = self.victim.until_bytes_move();
        self.other.until_bytes_move();
        settle(&mut [&mut self.victim, &mut self.other], &mut self.receiver, &self.orphans);
        self.orphans.clear();
        healed_after
    }

    fn check_for_crashes(&mut self) {
        let nodes = [&mut self.receiver.node, &mut self.victim.node, &mut self.other.node];
        for (name, node) in ["receiver", "victim", "other sender"].iter().zip(nodes) {
            if let Some(end) = node.end() {
                panic!("crash: the {name} has ended: {end}");
            }
        }
    }

    /// Inflicts a fault and ends it.
    fn inflict(mut self, kind: Kind, random: &mut Rng) -> Self {
        let duration = duration(random);
        match kind {
            Kind::SenderKilled if random.bool() => {
                let (host, keys) = self.victim.kill();
                self.orphans.extend(keys);
                host.repair();
                self.victim = Sender::start(host, &victims_settings());
            }
            // Its kernel holds back what it had written, and a sender of its name starts elsewhere.
            Kind::SenderKilled => {
                self.victim.host.suffer(LinkFault::DataDropped, &CONTROL_PORTS);
                let second = self.second_of_the_name();
                self.replace_the_victim(second, duration);
            }
            Kind::ReceiverKilled => {
                let Receiver { node, host } = self.receiver;
                node.kill();
                self.receiver = Receiver::start(host, &settings());
                self.victim.expect_nothing_so_far();
                self.other.expect_nothing_so_far();
            }
            Kind::ReceiverElsewhere => {
                if random.bool() {
                    self.receiver.host.suffer(LinkFault::Unplugged, &CONTROL_PORTS);
                }
                drop(self.receiver);
                self.receiver = Receiver::start(self.network.host(RECEIVER), &settings());
                self.victim.expect_nothing_so_far();
                self.other.expect_nothing_so_far();
            }
            Kind::SenderStopped => {
                self.victim.node.freeze();
                self.bear(&mut |deployment| _ = deployment.other.watch(TURN), duration);
                self.victim.node.thaw();
            }
            Kind::ReceiverStopped => {
                self.receiver.node.freeze();
                self.bear(&mut Self::watch, duration);
                self.receiver.node.thaw();
            }
            Kind::Cut => self.break_a_link(&[LinkFault::Unplugged], duration, random),
            Kind::OneWayCut => {
                self.break_a_link(&[LinkFault::NothingLeaves, LinkFault::NothingArrives], duration, random);
            }
            Kind::PacketsLost => self.break_a_link(&[LinkFault::Loss(10)], duration, random),
            Kind::DataPathBlocked => {
                let faults = [LinkFault::DataDropped, LinkFault::DataRejected, LinkFault::LargeDataDropped(1400)];
                self.break_a_link(&faults, duration, random);
            }
            Kind::DataConnectionsDestroyed => {
                let host = if random.bool() { &self.victim.host } else { &self.receiver.host };
                host.destroy_data_connections(&CONTROL_PORTS);
            }
            Kind::SameNameTwice => self.same_name_twice(duration, random),
        }
        self.victim.host.repair();
        self.receiver.host.repair();
        self
    }

    fn break_a_link(&mut self, faults: &[LinkFault], duration: Duration, random: &mut Rng) {
        let host = if random.bool() { &self.victim.host } else { &self.receiver.host };
        host.suffer(*random.choice(faults).unwrap(), &CONTROL_PORTS);
        self.bear(&mut Self::watch, duration);
        if random.u32(..4) == 0 {
            self.victim.probe_while_broken();
        }
    }

    /// Lets a fault last, while the other sender keeps storing.
    fn bear(&mut self, watch: &mut dyn FnMut(&mut Self), duration: Duration) {
        // The demand of all senders together must fit into the receiver.
        const STORES: u32 = 4;
        let start = Instant::now();
        let mut stores = 0;
        while start.elapsed() < duration {
            if stores < STORES && start.elapsed() >= duration * stores / STORES {
                self.other.begin_to_store(2);
                stores += 1;
            }
            watch(self);
        }
    }

    fn watch(&mut self) {
        self.victim.watch(TURN);
        self.other.collect();
    }

    /// The victim is cut off, another process takes its name, the victim comes back, and one of the two dies.
    fn same_name_twice(&mut self, duration: Duration, random: &mut Rng) {
        self.victim.host.suffer(LinkFault::NothingLeaves, &CONTROL_PORTS);
        let mut second = self.second_of_the_name();
        second.begin_to_store(8);
        let mut watch = |deployment: &mut Self| {
            deployment.watch();
            second.collect();
        };
        // Long enough for the victim's lease to run out.
        self.bear(&mut watch, duration.max(Duration::from_secs(5)));
        self.victim.host.repair();
        self.bear(&mut watch, duration);
        if random.bool() {
            std::mem::swap(&mut self.victim, &mut second);
        }
        self.kill(second);
    }

    /// A sender of the victim's name on another host.
    fn second_of_the_name(&mut self) -> Sender<'network> {
        // Old hosts still have the addresses before it.
        self.victims_hosts += 1;
        let address = format!("10.77.0.{}", 10 + self.victims_hosts % 50);
        Sender::start(self.network.host(&address), &victims_settings())
    }

    /// Kills the victim, and another sender becomes the victim. What the dead one's kernel still sends arrives after a while.
    fn replace_the_victim(&mut self, successor: Sender<'network>, duration: Duration) {
        let dead = std::mem::replace(&mut self.victim, successor);
        self.kill(dead);
        self.bear(&mut Self::watch, duration);
        if let Some(host) = self.old_hosts.back() {
            host.repair();
        }
        self.bear(&mut Self::watch, duration);
    }

    /// Kills a sender. Its host stays up.
    fn kill(&mut self, sender: Sender<'network>) {
        let (host, keys) = sender.kill();
        self.orphans.extend(keys);
        self.old_hosts.push_back(host);
        if self.old_hosts.len() > OLD_HOSTS {
            self.old_hosts.pop_front();
        }
    }
}

/// How long one node is watched before the next.
const TURN: Duration = Duration::from_millis(100);

/// Mostly short. One in ten outlasts leases and deadlines.
fn duration(random: &mut Rng) -> Duration {
    let seconds = if random.u32(..10) == 0 { 10.0 + 15.0 * random.f64() } else { 0.2 + 5.0 * random.f64() };
    Duration::from_secs_f64(seconds)
}
