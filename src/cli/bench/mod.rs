//! `bench`: what a PD node costs, beside the limit of the machine it runs on.
//!
//! Sender and receiver are two processes. Each ratio is taken round by round: ours, then the raw channel with the same
//! descriptors, in the same seconds; the median of the ratios is what is told, with its spread.

mod floor;
mod report;
mod setup;
mod small;
mod throughput;

use clap::{Args, ValueEnum};

use self::{report::Report, setup::Setup};
use super::{
    exit::{Exit, Failure},
    logs,
    signals::Interruption,
    streams::Streams,
};
use crate::adapters::pd_l2_adapter::TransferChannel;

/// Measure a PD sender and receiver on this machine beside the raw transfer channel
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  l2-adapter bench
  l2-adapter bench --transfer-channel nixl --chunk-bytes 4194304 --rounds 50
  l2-adapter bench --format json > bench.json

Numbers of one machine in one run: compare the ratios, and run it again before you believe them. GB are 10^9 bytes.")]
pub(super) struct BenchArgs {
    /// What moves the bytes
    #[arg(long, value_enum, value_name = "CHANNEL", default_value = "mock_memory")]
    transfer_channel: TransferChannel,
    /// The size of a chunk; a store task has 64 of them
    #[arg(long, value_name = "BYTES", default_value_t = 1 << 20, value_parser = clap::value_parser!(u32).range(1..=16 << 20))]
    chunk_bytes: u32,
    /// Store tasks that are in flight at once
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=16))]
    in_flight: u32,
    /// How often each pair of measurements is taken
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(3..=1000))]
    rounds: u32,
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
    let mut setup = Setup::start(args)?;
    let mut report = Report::new(args);
    for (what, part) in PARTS {
        if interruption.is_asked_for() {
            streams.tell(format_args!("interrupted: what was not measured is left out\n"));
            break;
        }
        streams.tell(format_args!("measuring {what}\n"));
        part(&mut setup, args, &mut report)?;
    }
    setup.close();
    match args.format {
        Format::Human => report.write_human(streams.out)?,
        Format::Json => writeln!(streams.out, "{}", report.to_json())?,
    }
    Ok(Exit::Success)
}

/// Measures one thing and adds it to the report.
type Part = fn(&mut Setup, &BenchArgs, &mut Report) -> Result<(), Failure>;

const PARTS: [(&str, Part); 6] = [
    ("stores from a registered L1 arena", throughput::store_from_arena),
    ("stores through staging memory", throughput::store_through_staging),
    ("loads", throughput::load),
    ("small stores", small::store_4_kib),
    ("look-ups", small::look_up),
    ("idle nodes", small::idle),
];
