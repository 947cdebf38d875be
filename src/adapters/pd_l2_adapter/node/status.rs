//! The status that a rank's thread last published, readable from any thread.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde_json::{Map, Value, json};

use super::requests::RequestCounters;
use crate::{
    adapters::pd_l2_adapter::{
        proxy::ProxyCounters,
        receiver::{LookupWaits, ReceiverStatus, Tally},
        sender::SenderStatus,
    },
    transfer::CallTimes,
};

/// The state of one TP rank.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum RankStatus {
    /// Its thread has not published anything yet.
    Starting,
    /// It sends.
    Sender(SenderStatus),
    /// It receives.
    Receiver(ReceiverStatus),
    /// Its thread has ended by a fault of its own.
    Died,
    /// It is over. Bytes that a write could still reach are kept for ever.
    Closed { leaked_bytes: u64 },
}

impl RankStatus {
    /// Why the rank does not serve.
    pub(crate) fn trouble(&self) -> Option<String> {
        match self {
            Self::Sender(sender) => sender.trouble(),
            Self::Starting => None,
            Self::Receiver(receiver) => receiver.trouble(),
            Self::Died => Some(
                "its thread ended by a fault of its own: stores fail and nothing is found; keep the log, which has the panic, and \
                 start the node again"
                    .to_owned(),
            ),
            Self::Closed { .. } => Some("its thread has ended".to_owned()),
        }
    }

    pub(super) fn as_sender(&self) -> Option<&SenderStatus> {
        if let Self::Sender(status) = self { Some(status) } else { None }
    }

    pub(super) fn as_receiver(&self) -> Option<&ReceiverStatus> {
        if let Self::Receiver(status) = self { Some(status) } else { None }
    }

    pub(super) fn leaked_bytes(&self) -> u64 {
        if let Self::Closed { leaked_bytes } = self { *leaked_bytes } else { 0 }
    }

    fn report(&self) -> Value {
        match self {
            Self::Starting => json!({"state": "starting"}),
            Self::Died => json!({"state": "died", "trouble": self.trouble()}),
            Self::Sender(status) => sender_report(status),
            Self::Receiver(status) => receiver_report(status),
            Self::Closed { leaked_bytes } => json!({"state": "closed", "leaked_bytes": leaked_bytes}),
        }
    }
}

/// A node's status for programs: an object for each rank, by TP rank, and one for the proxy.
pub(super) fn report(
    ranks: &[RankStatus],
    calls: &[Arc<CallTimes>],
    requests: RequestCounters,
    proxy: Option<ProxyCounters>,
) -> Value {
    let rank = |(status, calls): (&RankStatus, &Arc<CallTimes>)| {
        let mut rank = status.report();
        rank["library_calls"] = library_calls(calls);
        rank
    };
    let ranks: Vec<Value> = ranks.iter().zip(calls).map(rank).collect();
    let proxy = proxy.map(|proxy| {
        json!({
            "sent": proxy.sent,
            "retried": proxy.retried,
            "dropped": proxy.dropped,
            "waiting": proxy.waiting,
        })
    });
    let RequestCounters { open, failed, missing_chunks } = requests;
    let requests = json!({"open": open, "failed": failed, "missing_chunks": missing_chunks});
    json!({"ranks": ranks, "requests": requests, "proxy": proxy})
}

/// How often each function of the library behind the channel was called, and the longest call.
fn library_calls(calls: &CallTimes) -> Value {
    let call = |(name, count, longest): (&'static str, u64, std::time::Duration)| {
        let longest_us = u64::try_from(longest.as_micros()).unwrap_or(u64::MAX);
        (name.to_owned(), json!({"count": count, "longest_us": longest_us}))
    };
    Value::Object(calls.made().map(call).collect())
}

fn sender_report(status: &SenderStatus) -> Value {
    json!({
        "state": if status.is_ready() { "connected" } else { "disconnected" },
        "peer": status.peer.name(),
        "trouble": status.trouble(),
        "open_tasks": status.open_tasks,
        "open_requests": status.open_requests,
        "writes_in_flight": status.writes_in_flight,
        "staged_bytes": status.staged_bytes,
        "stored_tasks": status.counters.stored_tasks,
        "failed_tasks": status.counters.failed_tasks,
        "stored_chunks": status.counters.stored_chunks,
        "stored_bytes": status.counters.stored_bytes,
        "present_chunks": status.counters.present_chunks,
        "failed_writes": status.counters.failed_writes,
        "broken_peers": status.counters.broken_peers,
        "connections": status.counters.connections,
        "busy_answers": status.counters.busy_answers,
    })
}

fn receiver_report(status: &ReceiverStatus) -> Value {
    let tally = |tally: Tally| json!({"slots": tally.slots, "bytes": tally.bytes});
    json!({
        "state": "receiving",
        "trouble": status.trouble(),
        "capacity_bytes": status.capacity_bytes,
        "free_bytes": status.free_bytes(),
        "reserved": tally(status.reserved),
        "committed": tally(status.committed),
        "locked": tally(status.locked),
        "quarantined": tally(status.quarantined),
        "senders": status.senders,
        "silent_senders": status.silent_senders,
        "waiting_reserve_calls": status.parked_calls,
        "waiting_lookups": status.waiting_lookups,
        "lookup_waits": lookup_waits(&status.counters.lookup_waits),
        "committed_chunks": status.counters.committed_chunks,
        "committed_bytes": status.counters.committed_bytes,
        "loaded_chunks": status.counters.loaded_chunks,
        "loaded_bytes": status.counters.loaded_bytes,
        "evicted_chunks": status.counters.evicted_chunks,
        "refused_commits": status.counters.refused_commits,
        "corrupt_chunks": status.counters.corrupt_chunks,
        "other_layout_chunks": status.counters.other_layout_chunks,
        "busy_answers": status.counters.busy_answers,
        "leases_run_out": status.counters.leases_run_out,
        "senders_died": status.counters.senders_died,
        "senders_superseded": status.counters.senders_superseded,
        "regions_replaced": status.counters.regions_replaced,
    })
}

/// How the waits of lookups ended, and how long all of them took.
fn lookup_waits(waits: &LookupWaits) -> Value {
    let mut report: Map<String, Value> = waits.ends().map(|(end, count)| (end.to_owned(), json!(count))).collect();
    report.insert("seconds".to_owned(), json!(waits.waited.as_secs_f64()));
    Value::Object(report)
}

/// Written by the rank's thread, read by everybody. Never held for longer than a copy.
#[derive(Debug)]
pub(super) struct StatusBoard {
    status: Mutex<RankStatus>,
    calls: OnceLock<Arc<CallTimes>>,
}

impl StatusBoard {
    pub(super) fn new() -> Self {
        Self { status: Mutex::new(RankStatus::Starting), calls: OnceLock::new() }
    }

    /// Sets the counter of the channel's calls, once.
    pub(super) fn count_calls(&self, calls: Arc<CallTimes>) {
        // The rank's thread has one channel.
        let _ = self.calls.set(calls);
    }

    pub(super) fn calls(&self) -> Arc<CallTimes> {
        self.calls.get().cloned().unwrap_or_default()
    }

    pub(super) fn publish(&self, status: RankStatus) {
        *self.status.lock().unwrap_or_else(PoisonError::into_inner) = status;
    }

    pub(super) fn read(&self) -> RankStatus {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
