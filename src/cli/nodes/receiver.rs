//! The hidden command: a receiver that runs the commands of its input, line by line, until the input ends.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Write},
    os::fd::AsFd,
    sync::mpsc,
    time::Instant,
};

use clap::Args;

use super::{
    Workload,
    completion::{self, TaskFailed},
    messages::{Answer, Ask, LoadReport},
    package_folders, sender_context,
};
use crate::{
    adapter::{L2Adapter, LoadBuffer, LoadChunk, LoadedBytes, ObjectKey},
    adapters::pd_l2_adapter::{PdL2Adapter, PdL2AdapterConfig},
    cli::{
        exit::{Exit, Failure},
        logs, processor,
        signals::Interruption,
    },
    specs::L2AdapterArgs,
    transfer::{self, Channel, ChannelSettings},
};

/// The hidden command's name.
pub(super) const COMMAND: &str = "serve-receiver";

/// Serve a receiver for `demo` and `bench`
#[derive(Debug, Args)]
#[command(hide = true)]
pub(in crate::cli) struct ReceiverArgs {
    #[command(flatten)]
    spec: L2AdapterArgs,
}

/// Runs until standard input ends.
pub(in crate::cli) fn run(args: &ReceiverArgs, out: &mut dyn Write) -> Result<Exit, Failure> {
    logs::show(tracing::Level::WARN)?;
    // A terminal interrupts all its processes; this one ends with its input instead.
    let _ignored = Interruption::listen().map_err(Failure::System)?;
    let config = super::super::run::pd_config(&args.spec)?;
    let adapter = PdL2Adapter::new(&config, &sender_context(config.peer_init_port.len(), None))?;
    let (lines, asks) = mpsc::channel();
    let input = standard_input().map_err(Failure::System)?;
    // Ends with the process: it waits for input that may never end.
    std::thread::spawn(move || {
        for line in BufReader::new(input).lines().map_while(Result::ok) {
            if lines.send(line).is_err() {
                return;
            }
        }
    });
    let mut receiver = Receiver { adapter, config, raw: None, polls_raw: false };
    answer(out, &Answer::Serving)?;
    while let Some(line) = receiver.next_line(&asks) {
        receiver.polls_raw = false;
        let answered = match serde_json::from_str(&line) {
            Ok(ask) => receiver.perform(ask).unwrap_or_else(|error| Answer::Failed(error.to_string())),
            Err(error) => Answer::Failed(error.to_string()),
        };
        answer(out, &answered)?;
    }
    receiver.adapter.close();
    Ok(Exit::Success)
}

/// Not through `Stdin`, whose lock the program holds as long as it runs.
pub(super) fn standard_input() -> io::Result<File> {
    Ok(File::from(io::stdin().as_fd().try_clone_to_owned()?))
}

fn answer(out: &mut dyn Write, answer: &Answer) -> Result<(), Failure> {
    let line = serde_json::to_string(answer).map_err(io::Error::from)?;
    writeln!(out, "{line}")?;
    out.flush()?;
    Ok(())
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
enum AskFailed {
    #[error(transparent)]
    Task(#[from] TaskFailed),
    #[error(transparent)]
    Channel(#[from] transfer::TransferError),
    #[error("chunk {0} is not there")]
    Missing(u64),
}

/// The process's one adapter, and its raw channel, if one was opened. Belongs to the main thread.
struct Receiver {
    adapter: PdL2Adapter,
    config: PdL2AdapterConfig,
    raw: Option<Box<dyn Channel>>,
    polls_raw: bool,
}

impl Receiver {
    /// Waits for the next command, and polls the raw channel meanwhile if that was requested.
    fn next_line(&mut self, asks: &mpsc::Receiver<String>) -> Option<String> {
        let (true, Some(raw)) = (self.polls_raw, &mut self.raw) else { return asks.recv().ok() };
        let mut ended = Vec::new();
        loop {
            match asks.try_recv() {
                Ok(line) => return Some(line),
                Err(mpsc::TryRecvError::Empty) => drop(raw.poll(&mut ended)),
                Err(mpsc::TryRecvError::Disconnected) => return None,
            }
        }
    }

    fn perform(&mut self, ask: Ask) -> Result<Answer, AskFailed> {
        match ask {
            Ask::Load { workload, names } => self.load_and_compare(workload, &names).map(Answer::Loaded),
            Ask::LoadBesideCopy { workload, names } => self.load_beside_copy(workload, &names).map(Answer::Loaded),
            Ask::Delete { workload, names } => {
                self.adapter.delete(keys(workload, &names));
                self.settle(workload)?;
                Ok(Answer::Done)
            }
            Ask::LookUp { workload, names } => {
                let keys = keys(workload, &names);
                let wanted = keys.clone();
                let start = Instant::now();
                let found = completion::look_up(&self.adapter, wanted)?.count();
                let took = start.elapsed();
                self.adapter.submit_unlock(keys);
                self.settle(workload)?;
                Ok(Answer::LookedUp { found, took })
            }
            Ask::Status => Ok(Answer::Status(self.adapter.status())),
            Ask::ProcessorTime => Ok(Answer::Took(processor::time_of_this_process())),
            Ask::OpenRaw { staging_bytes, epoch } => {
                let settings = ChannelSettings {
                    kind: self.config.transfer_channel.into(),
                    nixl_backends: self.config.nixl_backends.clone(),
                    package_folders: package_folders(),
                    staging_bytes,
                    is_local: true,
                    l1_arena: None,
                    epoch,
                    tp_rank: 0,
                };
                let region = self.raw.insert(transfer::create_channel(&settings)?).region();
                Ok(Answer::Raw {
                    base_address: region.base_address,
                    length_bytes: region.length_bytes,
                    metadata: region.metadata,
                })
            }
            Ask::PollRaw => {
                self.polls_raw = true;
                Ok(Answer::Done)
            }
        }
    }

    fn load_and_compare(&self, workload: Workload, names: &[u64]) -> Result<LoadReport, AskFailed> {
        let keys = keys(workload, names);
        let found = completion::look_up(&self.adapter, keys.clone())?;
        if let Some(missing) = (0..names.len()).find(|index| !found.test(*index)) {
            return Err(AskFailed::Missing(names.get(missing).copied().unwrap_or_default()));
        }
        let (chunks, lent) = buffers(workload, &keys);
        let start = Instant::now();
        let loaded = completion::load(&self.adapter, chunks)?;
        let took = start.elapsed();
        self.adapter.submit_unlock(keys.clone());
        self.adapter.delete(keys);
        self.settle(workload)?;
        let mut report = LoadReport { took, ..LoadReport::default() };
        for (index, (name, bytes)) in names.iter().zip(lent).enumerate() {
            let whole = loaded.test(index).then(|| bytes.try_into_bytes().ok()).flatten();
            report.loaded += u64::from(whole.is_some());
            report.wrong += u64::from(whole.is_none_or(|bytes| *bytes != *workload.bytes(*name)));
        }
        Ok(report)
    }

    /// Waits until the rank has processed all earlier requests: it works in order, and unlocks and deletions report nothing. It
    /// uses a load, because a lookup would wait for a key that is not announced.
    fn settle(&self, workload: Workload) -> Result<(), TaskFailed> {
        let (chunks, _lent) = buffers(Workload { chunk_bytes: 1, ..workload }, &[workload.key(u64::MAX)]);
        completion::load(&self.adapter, chunks).map(drop)
    }

    /// Loads and copies use the same buffers, whose pages are in use before either.
    fn load_beside_copy(&self, workload: Workload, names: &[u64]) -> Result<LoadReport, AskFailed> {
        let keys = keys(workload, names);
        completion::look_up(&self.adapter, keys.clone())?;
        let (chunks, lent) = buffers(workload, &keys);
        let start = Instant::now();
        let loaded = completion::load(&self.adapter, chunks)?.count() as u64;
        let took = start.elapsed();
        self.adapter.submit_unlock(keys);
        self.settle(workload)?;
        let sources: Vec<_> = lent.into_iter().filter_map(|bytes| bytes.try_into_bytes().ok()).collect();
        let mut targets: Vec<_> = sources.iter().map(|source| vec![1_u8; source.len()]).collect();
        let start = Instant::now();
        for (target, source) in targets.iter_mut().zip(&sources) {
            target.copy_from_slice(source);
        }
        let copy_took = start.elapsed();
        std::hint::black_box(&targets);
        Ok(LoadReport { loaded, wrong: 0, took, copy_took: Some(copy_took) })
    }
}

fn keys(workload: Workload, names: &[u64]) -> Vec<ObjectKey> {
    let first = workload.key(0);
    names.iter().map(|name| first.with_chunk_hash(workload.key(*name).chunk_hash())).collect()
}

/// Buffers whose pages are in use, as in a server.
fn buffers(workload: Workload, keys: &[ObjectKey]) -> (Vec<LoadChunk>, Vec<LoadedBytes>) {
    let buffer = |key: &ObjectKey| {
        let (mut buffer, lent) = LoadBuffer::new(workload.chunk_bytes);
        buffer.as_mut_slice().fill(1);
        (LoadChunk { key: key.clone(), buffer }, lent)
    };
    keys.iter().map(buffer).unzip()
}
