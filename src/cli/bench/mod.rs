//! `bench`: the cost of a PD node, compared with the limits of its machine.
//!
//! Sender and receiver are two processes. Each ratio is measured in rounds: ours, then the raw channel with the same
//! descriptors, in the same seconds. A run's number is the median of its rounds; the report has the middle run and the spread.
//!
//! ```text
//! rows         what each number is, and its aim
//! report       the numbers of all runs, for people and programs, and compared with an earlier report
//! setup        the nodes and the raw channel
//! throughput   large stores and loads
//! small        small stores, lookups, idle nodes
//! crowd        a small store next to idle senders
//! floor        the wake-ups of a small store's lower bound
//! ```

mod crowd;
mod floor;
mod report;
mod rows;
mod setup;
mod small;
mod throughput;

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};

pub(in crate::cli) use self::report::BaselineError;
use self::{
    report::{Baseline, Report},
    setup::Setup,
};
use super::{
    exit::{Exit, Failure},
    logs,
    nodes::Neighbours,
    signals::Interruption,
    streams::Streams,
};
use crate::adapters::pd_l2_adapter::TransferChannel;

/// Measure a PD sender and receiver on this machine, compared with the raw transfer channel
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  l2-adapter bench
  l2-adapter bench --transfer-channel nixl --runs 5
  l2-adapter bench --runs 5 --busy 2
  l2-adapter bench --runs 5 --format json > before.json
  l2-adapter bench --runs 5 --baseline before.json

Numbers of one machine: compare the ratios, and those of five runs at least. GB are 10^9 bytes.")]
pub(super) struct BenchArgs {
    /// What moves the bytes
    #[arg(long, value_enum, value_name = "CHANNEL", default_value = "mock_memory")]
    transfer_channel: TransferChannel,
    /// The size of a chunk; a store task has 64 of them
    #[arg(long, value_name = "BYTES", default_value_t = 1 << 20, value_parser = clap::value_parser!(u32).range(4096..=4 << 20))]
    chunk_bytes: u32,
    /// How often each pair of measurements is taken in one run
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(3..=1000))]
    rounds: u32,
    /// How often everything is measured
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=25))]
    runs: u32,
    /// Connected senders that do nothing while another one stores; 0 leaves that row out
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(0..=256))]
    idle_senders: u32,
    /// Processes that keep a core busy meanwhile
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=256))]
    busy: u32,
    /// A report of an earlier run, written with `--format json`, to compare with
    #[arg(long, value_name = "FILE", conflicts_with = "format")]
    baseline: Option<PathBuf>,
    /// How the result is written
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Human,
    /// One object
    Json,
}

pub(super) fn run(args: &BenchArgs, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    logs::show(tracing::Level::WARN)?;
    let interruption = Interruption::listen().map_err(Failure::System)?;
    let mut report = Report::new(args);
    let baseline = args.baseline.as_deref().map(|path| read_baseline(path, &report)).transpose()?;
    let mut setup = Setup::start(args)?;
    let neighbours = Neighbours::start(args.busy)?;
    'runs: for run in 1..=args.runs {
        for (what, part) in PARTS {
            if interruption.is_asked_for() {
                streams.tell(format_args!("interrupted: the report has only what was measured\n"));
                break 'runs;
            }
            streams.tell(format_args!("run {run} of {}: measuring {what}\n", args.runs));
            part(&mut setup, args, &mut report)?;
        }
    }
    drop(neighbours);
    setup.close();
    match args.format {
        Format::Human => report.write_human(baseline.as_ref(), streams.out)?,
        Format::Json => writeln!(streams.out, "{}", report.to_json())?,
    }
    Ok(Exit::Success)
}

fn read_baseline(path: &Path, report: &Report) -> Result<Baseline, Failure> {
    let text = fs::read_to_string(path).map_err(|error| Failure::Read { path: path.to_owned(), source: error })?;
    Baseline::new(&text, report).map_err(|source| Failure::Baseline { path: path.to_owned(), source })
}

/// Measures one thing once and adds it to the report.
type Part = fn(&mut Setup, &BenchArgs, &mut Report) -> Result<(), Failure>;

const PARTS: [(&str, Part); 8] = [
    ("small stores", small::store_4_kib),
    ("many small chunks", small::many_chunks),
    ("stores", throughput::stores),
    ("loads", throughput::loads),
    ("lookups", small::look_up),
    ("small stores next to idle senders", crowd::small_stores),
    ("idle nodes", small::idle),
    ("an empty call without gRPC", small::framed_call),
];
