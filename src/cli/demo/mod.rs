//! `demo`: two PD nodes on this machine, chunks from one to the other, and every byte compared.

mod table;

use l2_adapter_schema::counted;
use std::{io::IsTerminal as _, time::Instant};

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use self::table::Row;
use super::{
    exit::{Exit, Failure},
    logs,
    nodes::{Answer, Ask, LoadReport, NodeSpecs, PeerError, ReceiverProcess, Workload, sender_context, store},
    signals::Interruption,
    streams::Streams,
};
use crate::{
    adapter::{L2Adapter, StoreBuffer, StoreChunk},
    adapters::pd_l2_adapter::TransferChannel,
    registry::Registry,
    specs::L2AdapterArgs,
};

/// The buffer of each node and rank.
const BUFFER_BYTES: u64 = 64 << 20;
/// The bytes of a task's chunks, if the buffer of a rank has room.
const TASK_BYTES: usize = 32 << 20;
const TASK_CHUNKS_MAX: usize = 64;
/// The tasks of each size and rank.
const TASKS: usize = 12;

/// Move KV-shaped chunks between two PD nodes on this machine and compare every byte
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  l2-adapter demo
  l2-adapter demo --ranks 4 --chunk-bytes 2097152
  l2-adapter demo --transfer-channel nixl      needs a build with `--features nixl`")]
pub(super) struct DemoArgs {
    /// The transfer channel
    #[arg(long, value_enum, value_name = "CHANNEL", default_value = "mock_memory")]
    transfer_channel: TransferChannel,
    /// The size of a chunk; repeat it for several sizes
    #[arg(long, value_name = "BYTES", default_values_t = [65536, 1048576, 8388608], value_parser = parse_chunk_bytes)]
    chunk_bytes: Vec<usize>,
    /// TP ranks, each with a separate thread and buffer on both nodes
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=16))]
    ranks: u8,
}

fn parse_chunk_bytes(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(bytes) if (1..=BUFFER_BYTES as usize).contains(&bytes) => Ok(bytes),
        _ => Err(format!("a chunk has 1 to {BUFFER_BYTES} bytes here: each node's buffer is that large")),
    }
}

pub(super) fn run(args: &DemoArgs, registry: &Registry, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    logs::show(tracing::Level::WARN)?;
    let interruption = Interruption::listen().map_err(Failure::System)?;
    let ranks = usize::from(args.ranks);
    let specs = NodeSpecs::new(args.transfer_channel, ranks, BUFFER_BYTES, BUFFER_BYTES).map_err(Failure::System)?;
    writeln!(streams.out, "sender    {}\nreceiver  {}\n", specs.sender, specs.receiver)?;
    streams.out.flush()?;
    let parsed = L2AdapterArgs::from_iter([specs.sender.to_string(), specs.receiver.to_string()]).parse()?;
    let Some(sender_spec) = parsed.first() else { return Ok(Exit::Unusable) };
    let mut receiver = ReceiverProcess::start(&specs.receiver)?;
    let sender = registry.create(&sender_spec.value, &sender_context(ranks, None))?;

    let progress = progress(args);
    let mut table = Vec::new();
    let mut wrong = 0;
    'sizes: for (size, chunk_bytes) in args.chunk_bytes.iter().enumerate() {
        let mut row = Row::new(*chunk_bytes);
        for task in 0..TASKS {
            for tp_rank in 0..args.ranks {
                if interruption.is_asked_for() {
                    break 'sizes;
                }
                let workload = Workload { tp_rank, chunk_bytes: *chunk_bytes, distinct: u64::MAX };
                let names = names(size, task, *chunk_bytes);
                wrong += move_chunks(sender.as_ref(), &mut receiver, workload, &names, &mut row)?;
                progress.inc((names.len() * chunk_bytes) as u64);
            }
        }
        table.push(row);
    }
    progress.finish_and_clear();
    let status = match receiver.ask(&Ask::Status)? {
        Answer::Status(status) => status,
        other => return Err(PeerError::Unexpected(format!("{other:?}")).into()),
    };
    drop(receiver);
    sender.close();
    table::write(streams.out, &table, &status)?;
    if interruption.is_asked_for() {
        streams.tell(format_args!("interrupted: the table has only the chunks moved so far\n"));
    }
    if wrong > 0 {
        streams.tell(format_args!(
            "{} arrived wrong or not at all, which is a bug: please report it\n",
            counted(wrong, "chunk")
        ));
        return Ok(Exit::Refused);
    }
    Ok(Exit::Success)
}

/// Names that no other task uses.
fn names(size: usize, task: usize, chunk_bytes: usize) -> Vec<u64> {
    let count = (TASK_BYTES / chunk_bytes).clamp(1, TASK_CHUNKS_MAX) as u64;
    let first = (size * TASKS + task) as u64 * count;
    (first..first + count).collect()
}

/// Stores one task, loads the same chunks and compares them. Returns how many are wrong.
fn move_chunks(
    sender: &dyn L2Adapter,
    receiver: &mut ReceiverProcess,
    workload: Workload,
    names: &[u64],
    row: &mut Row,
) -> Result<u64, Failure> {
    let chunk = |name: &u64| StoreChunk::new(workload.key(*name), StoreBuffer::new(workload.bytes(*name)));
    let chunks = names.iter().map(chunk).collect();
    let start = Instant::now();
    store(sender, vec![chunks], 1)?;
    row.stores.add(start.elapsed());
    match receiver.ask(&Ask::Load { workload, names: names.to_vec() })? {
        Answer::Loaded(LoadReport { wrong, took, .. }) => {
            row.loads.add(took);
            row.chunks += names.len() as u64;
            Ok(wrong)
        }
        other => Err(PeerError::Unexpected(format!("{other:?}")).into()),
    }
}

/// A progress bar on a terminal, nothing elsewhere.
fn progress(args: &DemoArgs) -> ProgressBar {
    let of_size = |bytes: &usize| names(0, 0, *bytes).len() * bytes * TASKS * usize::from(args.ranks);
    let total = args.chunk_bytes.iter().map(of_size).sum::<usize>() as u64;
    let target =
        if std::io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(Some(total), target);
    // An invalid template leaves the bar in its plain style.
    if let Ok(style) = ProgressStyle::with_template("moving and comparing {bar:30} {bytes} of {total_bytes}") {
        bar.set_style(style);
    }
    bar
}
