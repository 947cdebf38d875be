//! Faults that strike at a certain moment: nodes and connections break, are cut off, die, stop and restart.

use super::{
    clock::{MILLISECOND, Micros},
    coverage::Seen,
    network::{ConnectionId, TO_RECEIVER, TO_SENDER},
    options::Fault,
    world::{Event, Process, World},
};
use crate::adapters::pd_l2_adapter::driver::{ReceiverDriver, ReceiverEvent, SenderEvent};

/// The longest delay of a message, except during cuts.
const DELAY_MAX: Micros = 300 * MILLISECOND;

impl World {
    pub(super) fn strike(&mut self) {
        if !self.has_faults || self.options.faults.is_empty() {
            return;
        }
        let delay = self.random.faults.u64(1..=2 * self.options.fault_interval);
        self.after(delay, Event::Strike);
        let fault = self.options.faults[self.random.faults.usize(..self.options.faults.len())];
        let sender = self.random.faults.usize(..self.options.senders);
        self.trace(|| format!("  {fault:?} on sender {sender}"));
        match fault {
            Fault::BreakConnection => self.break_connection(sender, false),
            Fault::HalfOpenConnection => self.break_connection(sender, true),
            Fault::CutToReceiver => self.cut(sender, &[TO_RECEIVER], Seen::CutToReceiver),
            Fault::CutToSender => self.cut(sender, &[TO_SENDER], Seen::CutToSender),
            Fault::CutBoth => self.cut(sender, &[TO_RECEIVER, TO_SENDER], Seen::CutBoth),
            Fault::KillSender => self.kill_sender(sender, false),
            Fault::PowerLossOfSender => self.kill_sender(sender, true),
            Fault::FreezeSender => self.freeze_sender(sender),
            Fault::CloseSender => self.close_sender(sender),
            Fault::KillReceiver => self.kill_receiver(),
            Fault::FreezeReceiver => self.freeze_receiver(),
            Fault::CloseReceiver => self.close_receiver(),
            Fault::Rot => self.rot(),
            Fault::BreakPeer => self.break_peer(sender),
        }
    }

    fn break_connection(&mut self, sender: usize, is_half_open: bool) {
        let node = &self.senders[sender];
        let (Some(ConnectionId(index)), process) = (node.current, node.process) else { return };
        self.see(if is_half_open { Seen::ConnectionHalfOpen } else { Seen::ConnectionBroken });
        let connection = &mut self.connections[index];
        connection.is_broken = true;
        connection.is_half_open |= is_half_open;
        // Without a reset, the sender detects it by its heartbeats.
        if self.random.faults.bool() {
            let delay = self.random.faults.u64(10..20 * MILLISECOND);
            self.after(delay, Event::ConnectionLost { sender, process, connection: ConnectionId(index) });
        }
    }

    fn cut(&mut self, sender: usize, directions: &[usize], seen: Seen) {
        self.see(seen);
        let until = self.now + self.while_it_lasts();
        for direction in directions {
            self.cuts[sender][*direction] = until;
        }
    }

    /// Often short, sometimes longer than a lease.
    fn while_it_lasts(&mut self) -> Micros {
        match self.random.faults.u8(..4) {
            0 => self.random.faults.u64(700..2500) * MILLISECOND,
            _ => self.random.faults.u64(5..200) * MILLISECOND,
        }
    }

    fn kill_sender(&mut self, sender: usize, loses_power: bool) {
        if !self.senders[sender].runs {
            return;
        }
        self.see(if loses_power { Seen::SenderLostPower } else { Seen::SenderKilled });
        self.end_sender(sender, loses_power);
    }

    fn end_sender(&mut self, sender: usize, loses_power: bool) {
        let process = self.senders[sender].process;
        self.orphan_transfers(sender, process);
        let node = &mut self.senders[sender];
        (node.runs, node.driver) = (false, None);
        node.frozen_until = 0;
        node.tasks = Default::default();
        for connection in self.connections_of(sender, process) {
            self.connections[connection.0].is_half_open |= loses_power;
            self.close_connection(connection);
        }
        let delay = self.random.faults.u64(10..900 * MILLISECOND);
        self.after(delay, Event::SenderStarts(sender));
    }

    fn freeze_sender(&mut self, sender: usize) {
        let lasts = self.while_it_lasts();
        let until = self.now + lasts;
        let node = &mut self.senders[sender];
        if !node.runs {
            return;
        }
        node.frozen_until = node.frozen_until.max(until);
        self.see(if lasts > 700 * MILLISECOND { Seen::SenderFrozenBeyondLease } else { Seen::SenderFrozen });
    }

    fn close_sender(&mut self, sender: usize) {
        let node = &self.senders[sender];
        if !node.runs || node.frozen_until > self.now {
            return;
        }
        let process = node.process;
        self.see(Seen::SenderClosed);
        self.senders[sender].is_closing = true;
        self.give_sender(sender, SenderEvent::Close);
        self.sender_turns(sender);
        assert!(self.senders[sender].tasks.is_empty(), "tasks: the adapter is closed, and a task is open");
        self.after(20 * MILLISECOND, Event::SenderExits(sender, process));
    }

    /// A closed adapter waits for its writes, for a limited time.
    pub(super) fn sender_exits(&mut self, sender: usize, process: Process) {
        if self.senders[sender].process == process && self.senders[sender].runs {
            self.sender_turns(sender);
            let node = &self.senders[sender];
            let now = node.clock.read(self.now);
            assert!(node.driver.as_ref().is_some_and(|driver| driver.is_over(now)), "law: it does not end");
            self.end_sender(sender, false);
        }
    }

    fn kill_receiver(&mut self) {
        // Rare, because otherwise little else would happen.
        if !self.receiver.runs || self.random.faults.u8(..3) > 0 {
            return;
        }
        self.see(Seen::ReceiverKilled);
        self.end_receiver_and_start_again();
    }

    fn end_receiver_and_start_again(&mut self) {
        self.end_receiver();
        let delay = self.random.faults.u64(10..600 * MILLISECOND);
        self.after(delay, Event::ReceiverStarts);
    }

    fn freeze_receiver(&mut self) {
        if self.receiver.runs {
            self.see(Seen::ReceiverFrozen);
            self.receiver.frozen_until = self.receiver.frozen_until.max(self.now + self.while_it_lasts());
        }
    }

    fn close_receiver(&mut self) {
        if !self.receiver.runs || self.receiver.frozen_until > self.now || self.random.faults.u8(..3) > 0 {
            return;
        }
        self.see(Seen::ReceiverClosed);
        self.receiver.is_closing = true;
        self.give_receiver(ReceiverEvent::Close);
        self.receiver_turns();
        assert!(self.receiver.driver.as_ref().is_some_and(ReceiverDriver::is_over), "law: it closes in one turn");
        self.after(15 * MILLISECOND, Event::ReceiverExits(self.receiver.process));
    }

    pub(super) fn receiver_exits(&mut self, process: Process) {
        if self.receiver.process == process && self.receiver.runs {
            self.end_receiver_and_start_again();
        }
    }

    /// A page of the region is corrupted after it was written.
    fn rot(&mut self) {
        self.see(Seen::BytesRotten);
        let page = self.random.faults.usize(..self.receiver.memory.len());
        self.receiver.memory.spoil(page);
    }

    /// Ends the faults. Cuts are repaired, stopped nodes continue in time, and dead nodes may stay dead.
    pub(super) fn end_faults(&mut self) {
        self.trace(|| "the faults are over".to_owned());
        self.has_faults = false;
        let frozen = self.senders.iter().map(|sender| sender.frozen_until).chain([self.receiver.frozen_until]);
        let cut = self.cuts.iter().flatten().copied();
        self.echoes_until = frozen.chain(cut).max().unwrap_or_default().max(self.now) + DELAY_MAX;
        // If all were dead, nothing else would happen.
        self.at(self.echoes_until, Event::Strike);
        self.cuts.iter_mut().for_each(|cut| *cut = [0; 2]);
        if self.receiver.is_closing {
            self.end_receiver();
        }
        self.start_receiver();
        for sender in 0..self.options.senders {
            if self.senders[sender].is_closing && self.senders[sender].runs {
                self.end_sender(sender, false);
            }
            if self.options.dead_come_back {
                self.start_sender(sender);
            }
        }
    }
}
