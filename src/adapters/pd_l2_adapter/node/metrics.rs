//! A node's status as Prometheus metrics, in OpenMetrics text. Pure.

use std::sync::atomic::AtomicU64;

use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

use super::{requests::RequestCounters, status::RankStatus};
use crate::adapters::pd_l2_adapter::{
    proxy::ProxyCounters,
    receiver::{ReceiverStatus, Tally},
    sender::SenderStatus,
};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RankLabel {
    tp_rank: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SlotLabel {
    tp_rank: u32,
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct WaitLabel {
    tp_rank: u32,
    end: &'static str,
}

/// One metric of a rank: name, help, how to read it.
type Metric<S> = (&'static str, &'static str, fn(&S) -> u64);

const SENDER_GAUGES: &[Metric<SenderStatus>] = &[
    ("connected", "1 while chunks can be stored: the receiver answers and a write has arrived there", |status| {
        u64::from(status.is_ready())
    }),
    ("open_store_tasks", "Store tasks that are not over", |status| status.open_tasks as u64),
    ("open_requests", "Reserve calls that are open, being written or being committed", |status| {
        status.open_requests as u64
    }),
    ("writes_in_flight", "Writes that the transfer channel has not ended", |status| status.writes_in_flight as u64),
    ("staged_bytes", "Bytes of the staging buffer in use", |status| status.staged_bytes),
];

const SENDER_COUNTERS: &[Metric<SenderStatus>] = &[
    ("stored_tasks", "Store tasks that succeeded", |status| status.counters.stored_tasks),
    ("failed_tasks", "Store tasks that failed", |status| status.counters.failed_tasks),
    ("stored_chunks", "Chunks committed at the receiver", |status| status.counters.stored_chunks),
    ("stored_bytes", "Bytes committed at the receiver", |status| status.counters.stored_bytes),
    ("present_chunks", "Chunks that were at the receiver already", |status| status.counters.present_chunks),
    ("failed_writes", "Failed writes", |status| status.counters.failed_writes),
    ("broken_peers", "Times the transfer channel's connection to the receiver broke", |status| {
        status.counters.broken_peers
    }),
    ("connections", "Handshakes with a receiver that succeeded", |status| status.counters.connections),
    ("busy_answers", "Reserve calls that found no room within their wait", |status| status.counters.busy_answers),
];

const RECEIVER_GAUGES: &[Metric<ReceiverStatus>] = &[
    ("capacity_bytes", "Size of the staging buffer", |status| status.capacity_bytes),
    ("free_bytes", "Bytes of the staging buffer that no slot holds", ReceiverStatus::free_bytes),
    ("senders", "Incarnations of senders that are known", |status| status.senders as u64),
    ("silent_senders", "Senders whose lease has run out", |status| status.silent_senders as u64),
    ("waiting_reserve_calls", "Reserve calls that wait for room or for another write", |status| {
        status.parked_calls as u64
    }),
    ("waiting_lookups", "Lookups that wait for keys", |status| status.waiting_lookups as u64),
];

const RECEIVER_COUNTERS: &[Metric<ReceiverStatus>] = &[
    ("committed_chunks", "Chunks that were committed", |status| status.counters.committed_chunks),
    ("committed_bytes", "Bytes that were committed", |status| status.counters.committed_bytes),
    ("loaded_chunks", "Chunks that were loaded", |status| status.counters.loaded_chunks),
    ("loaded_bytes", "Bytes that were loaded", |status| status.counters.loaded_bytes),
    ("evicted_chunks", "Chunks that made room or outlived their time", |status| status.counters.evicted_chunks),
    ("refused_commits", "Commits of slots that were given up or broke a rule", |status| {
        status.counters.refused_commits
    }),
    ("corrupt_chunks", "Chunks whose bytes changed after their commit", |status| status.counters.corrupt_chunks),
    ("other_layout_chunks", "Chunks that a lookup did not find because it wants another layout", |status| {
        status.counters.other_layout_chunks
    }),
    ("busy_answers", "Reserve calls that found no room within their wait", |status| status.counters.busy_answers),
    ("leases_run_out", "Times a sender was silent for longer than its lease", |status| status.counters.leases_run_out),
    ("senders_died", "Senders found dead", |status| status.counters.senders_died),
    ("senders_superseded", "Silent senders whose name another one has taken", |status| {
        status.counters.senders_superseded
    }),
    ("regions_replaced", "Times the staging buffer was registered anew", |status| status.counters.regions_replaced),
];

/// One state of slots: its name, and how many slots and bytes are in it.
type SlotState = (&'static str, fn(&ReceiverStatus) -> Tally);

const SLOT_STATES: &[SlotState] = &[
    ("reserved", |status| status.reserved),
    ("committed", |status| status.committed),
    ("locked", |status| status.locked),
    ("quarantined", |status| status.quarantined),
];

/// The content type of metrics: `application/openmetrics-text`.
pub(super) fn openmetrics(ranks: &[RankStatus], requests: RequestCounters, proxy: Option<ProxyCounters>) -> String {
    let mut registry = Registry::with_prefix("l2_adapter_pd");
    let numbered = || (0_u32..).zip(ranks);
    let senders: Vec<_> =
        numbered().filter_map(|(rank, status)| status.as_sender().map(|status| (rank, status))).collect();
    let receivers: Vec<_> =
        numbered().filter_map(|(rank, status)| status.as_receiver().map(|status| (rank, status))).collect();
    if !senders.is_empty() {
        gauges(registry.sub_registry_with_prefix("sender"), SENDER_GAUGES, &senders);
        counters(registry.sub_registry_with_prefix("sender"), SENDER_COUNTERS, &senders);
        followed_requests(registry.sub_registry_with_prefix("sender"), requests);
    }
    if !receivers.is_empty() {
        gauges(registry.sub_registry_with_prefix("receiver"), RECEIVER_GAUGES, &receivers);
        counters(registry.sub_registry_with_prefix("receiver"), RECEIVER_COUNTERS, &receivers);
        slots(registry.sub_registry_with_prefix("receiver"), &receivers);
        lookup_waits(registry.sub_registry_with_prefix("receiver"), &receivers);
    }
    if let Some(proxy) = proxy {
        notifications(registry.sub_registry_with_prefix("proxy"), proxy);
    }
    let leaked = Gauge::<u64, AtomicU64>::default();
    leaked.set(ranks.iter().map(RankStatus::leaked_bytes).sum());
    registry.register("leaked_bytes", "Memory kept for ever because a write could still reach it", leaked);
    let died = Gauge::<u64, AtomicU64>::default();
    died.set(ranks.iter().filter(|status| **status == RankStatus::Died).count() as u64);
    registry.register("died_ranks", "TP ranks whose thread has ended by a fault of its own", died);
    let mut encoded = String::new();
    // Writing to a string does not fail.
    let _ = text::encode(&mut encoded, &registry);
    encoded
}

fn gauges<S>(registry: &mut Registry, metrics: &[Metric<S>], ranks: &[(u32, &S)]) {
    for (name, help, read) in metrics {
        let family = Family::<RankLabel, Gauge<u64, AtomicU64>>::default();
        for (tp_rank, status) in ranks {
            family.get_or_create(&RankLabel { tp_rank: *tp_rank }).set(read(status));
        }
        registry.register(*name, *help, family);
    }
}

fn counters<S>(registry: &mut Registry, metrics: &[Metric<S>], ranks: &[(u32, &S)]) {
    for (name, help, read) in metrics {
        let family = Family::<RankLabel, Counter>::default();
        for (tp_rank, status) in ranks {
            family.get_or_create(&RankLabel { tp_rank: *tp_rank }).inc_by(read(status));
        }
        registry.register(*name, *help, family);
    }
}

fn slots(registry: &mut Registry, ranks: &[(u32, &ReceiverStatus)]) {
    let count = Family::<SlotLabel, Gauge<u64, AtomicU64>>::default();
    let bytes = Family::<SlotLabel, Gauge<u64, AtomicU64>>::default();
    for (tp_rank, status) in ranks {
        for (state, read) in SLOT_STATES {
            let label = SlotLabel { tp_rank: *tp_rank, state };
            count.get_or_create(&label).set(read(status).slots);
            bytes.get_or_create(&label).set(read(status).bytes);
        }
    }
    registry.register("slots", "Slots in each state; locked ones are committed, too", count);
    registry.register("slot_bytes", "Bytes of the staging buffer in each state of slots", bytes);
}

fn lookup_waits(registry: &mut Registry, ranks: &[(u32, &ReceiverStatus)]) {
    let count = Family::<WaitLabel, Counter>::default();
    let seconds = Family::<RankLabel, Counter<f64, AtomicU64>>::default();
    for (tp_rank, status) in ranks {
        let waits = &status.counters.lookup_waits;
        for (end, waited) in waits.ends() {
            count.get_or_create(&WaitLabel { tp_rank: *tp_rank, end }).inc_by(waited);
        }
        seconds.get_or_create(&RankLabel { tp_rank: *tp_rank }).inc_by(waits.waited.as_secs_f64());
    }
    registry.register("lookup_waits", "Lookups that waited for keys, by what ended the wait", count);
    registry.register("lookup_wait_seconds", "How long lookups waited, all together", seconds);
}

fn followed_requests(registry: &mut Registry, requests: RequestCounters) {
    let open = Gauge::<u64, AtomicU64>::default();
    open.set(requests.open);
    registry.register("followed_requests", "Requests of the serving engine that are not over", open);
    for (name, help, value) in [
        ("failed_requests", "Requests that ended without all of their chunks at the receiver", requests.failed),
        ("missing_chunks", "Chunks of requests that no store task came for in time", requests.missing_chunks),
    ] {
        let counter: Counter = Counter::default();
        counter.inc_by(value);
        registry.register(name, help, counter);
    }
}

fn notifications(registry: &mut Registry, proxy: ProxyCounters) {
    let waiting = Gauge::<u64, AtomicU64>::default();
    waiting.set(proxy.waiting);
    registry.register("waiting_notifications", "Notifications that have not gone out", waiting);
    for (name, help, value) in [
        ("sent_notifications", "Notifications that went out", proxy.sent),
        ("retried_notifications", "Attempts to notify that failed", proxy.retried),
        ("dropped_notifications", "Notifications that a full queue dropped", proxy.dropped),
    ] {
        let counter: Counter = Counter::default();
        counter.inc_by(value);
        registry.register(name, help, counter);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rank_has_its_own_lines() {
        let receiver = ReceiverStatus { capacity_bytes: 10, ..ReceiverStatus::default() };
        let text = openmetrics(
            &[RankStatus::Receiver(receiver.clone()), RankStatus::Receiver(receiver)],
            RequestCounters::default(),
            None,
        );
        for line in [
            "l2_adapter_pd_receiver_free_bytes{tp_rank=\"1\"} 10",
            "l2_adapter_pd_receiver_slots{tp_rank=\"0\",state=\"quarantined\"} 0",
            "l2_adapter_pd_receiver_committed_chunks_total{tp_rank=\"0\"} 0",
            "l2_adapter_pd_leaked_bytes 0",
        ] {
            assert!(text.lines().any(|of_text| of_text == line), "{line} is not in:\n{text}");
        }
        assert!(!text.contains("sender_stored"), "{text}");
    }

    #[test]
    fn a_sender_with_a_proxy_has_metrics_of_notifications() {
        let sender = RankStatus::Sender(SenderStatus::default());
        let proxy = ProxyCounters { sent: 3, ..ProxyCounters::default() };
        let text = openmetrics(&[sender], RequestCounters::default(), Some(proxy));
        assert!(text.contains("l2_adapter_pd_proxy_sent_notifications_total 3"), "{text}");
        assert!(text.contains("l2_adapter_pd_sender_connected{tp_rank=\"0\"} 0"), "{text}");
    }
}
