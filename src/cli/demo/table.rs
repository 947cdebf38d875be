//! The table of a demo's transfers.

use std::io::{self, Write};

use serde_json::Value;

use crate::cli::nodes::Latencies;

/// The transfers of one chunk size.
#[derive(Debug)]
pub(super) struct Row {
    chunk_bytes: usize,
    pub(super) chunks: u64,
    pub(super) stores: Latencies,
    pub(super) loads: Latencies,
}

impl Row {
    pub(super) fn new(chunk_bytes: usize) -> Self {
        Self { chunk_bytes, chunks: 0, stores: Latencies::default(), loads: Latencies::default() }
    }

    fn bytes(&self) -> u64 {
        self.chunks * self.chunk_bytes as u64
    }
}

/// Times are those of whole tasks; GB are 10⁹ bytes.
pub(super) fn write(out: &mut dyn Write, rows: &[Row], status: &Value) -> io::Result<()> {
    writeln!(
        out,
        "{:>11} {:>7} {:>13} | {:>6} {:>8} {:>8} | {:>6} {:>8} {:>8}",
        "chunk bytes", "chunks", "bytes", "store", "p50", "p99", "load", "p50", "p99"
    )?;
    writeln!(
        out,
        "{:>11} {:>7} {:>13} | {:>6} {:>8} {:>8} | {:>6} {:>8} {:>8}",
        "", "", "", "GB/s", "ms", "ms", "GB/s", "ms", "ms"
    )?;
    for row in rows {
        write!(out, "{:>11} {:>7} {:>13}", row.chunk_bytes, row.chunks, row.bytes())?;
        for latencies in [&row.stores, &row.loads] {
            write!(
                out,
                " | {:>6.2} {:>8.3} {:>8.3}",
                gigabytes_a_second(row.bytes(), latencies),
                latencies.median().as_secs_f64() * 1e3,
                latencies.percentile(99.0).as_secs_f64() * 1e3
            )?;
        }
        writeln!(out)?;
    }
    write_slots(out, status)
}

fn gigabytes_a_second(bytes: u64, latencies: &Latencies) -> f64 {
    let seconds = latencies.total().as_secs_f64();
    if seconds > 0.0 { bytes as f64 / 1e9 / seconds } else { 0.0 }
}

fn write_slots(out: &mut dyn Write, status: &Value) -> io::Result<()> {
    writeln!(out, "\nreceiver's slots at the end")?;
    let ranks = status.get("ranks").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for (tp_rank, rank) in ranks.iter().enumerate() {
        let slots = |state: &str| rank.pointer(&format!("/{state}/slots")).and_then(Value::as_u64).unwrap_or_default();
        let bytes = |key: &str| rank.get(key).and_then(Value::as_u64).unwrap_or_default();
        writeln!(
            out,
            "  TP rank {tp_rank}: {} reserved, {} committed, {} locked, {} quarantined; {} of {} bytes free",
            slots("reserved"),
            slots("committed"),
            slots("locked"),
            slots("quarantined"),
            bytes("free_bytes"),
            bytes("capacity_bytes")
        )?;
    }
    Ok(())
}
