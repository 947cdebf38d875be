//! `check`: validates specs and reports all their faults.
//!
//! Inputs are streamed, and each document is reported before the next is read, so a million lines need no more memory than one.

mod findings;
mod folder;
mod sarif;
mod source;
mod tally;

use std::{
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};
use l2_adapter_schema::{Context, write_visible_json};

use self::{
    findings::{Finding, Level},
    sarif::Sarif,
    source::Source,
    tally::Tally,
};
use super::{
    exit::{EXIT_HELP, Exit, Failure},
    lmcache::LmcacheArgs,
    streams::Streams,
    style::paint_part,
};
use crate::{
    machine::{ThisMachine, environment_variable},
    registry::Registry,
    specs::{Document, DocumentSplitter, Pairs, Report, Target, UNENDED_BYTES_MAX},
};

const EXAMPLES: &str = "\
Examples:
  l2-adapter check specs.json more.jsonl
  l2-adapter check --l2-adapter '{\"type\": \"pd\", \"role\": \"sender\"}'
  l2-adapter check --on-this-machine specs.json
  some-program | l2-adapter check --format json | jq -r 'select(.ok | not)'

A file has one object, a list of objects, or JSON Lines; --l2-adapter takes one
object, as LMCache does. In a folder all files are checked that end in .json,
.jsonl or .ndjson, except hidden ones and those that .gitignore excludes.
With --format json each document becomes one line, an object with the keys
source, index, type, ok, errors, warnings and value: `index` counts from 0 over
all inputs, `value` has defaults filled in and secrets redacted. --format github
annotates the files of a pull request in GitHub Actions; --format sarif is one
SARIF document of all inputs.

A spec may be for another machine, so environment variables and files of this
machine are not read. If a required key is absent and a variable could supply
it, the report has a note: a warning with the code `environment`. The key is
then omitted from `value`. With --on-this-machine the variables are read, and
paths, rights, ports and memory are checked: what is missing is an error.

LMCache's specs differ by version: they are checked for its last release, with
--on-this-machine for the version that is installed, if its package is found in
PYTHONPATH or next to a command of PATH, and with --lmcache for the one it names.
Keys that only other versions have are errors, and say which versions have them.
`value` leaves such a key out while it has its default.

If there are several `pd` specs, each sender is compared with the receiver
that it names, over all inputs. Mismatches are reported after the last
document; with --format json in one more line, an object with ok and pairs.";

/// Validate specs and report every fault
#[derive(Debug, Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{EXIT_HELP}"))]
pub(super) struct CheckArgs {
    /// Files and folders to check; `-` or no FILE means standard input
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// A spec to check, or @FILE with one or more specs
    #[arg(long = "l2-adapter", value_name = "JSON")]
    l2_adapter: Vec<String>,
    /// Format of the report: lines for people, one JSON object for each document, or a format for a service
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Check for a server on this machine, with its environment variables, directories and devices
    #[arg(long)]
    on_this_machine: bool,
    #[command(flatten)]
    lmcache: LmcacheArgs,
    /// Do not compare `pd` specs with each other, as they belong to different deployments
    #[arg(long)]
    no_pairs: bool,
    /// Report errors only: no warnings, no notes, no summary
    #[arg(long, short)]
    quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
    Github,
    Sarif,
}

/// Runs `check`. `program` is the name of the command in hints.
pub(super) fn run(
    args: &CheckArgs,
    program: String,
    registry: &Registry,
    streams: &mut Streams<'_>,
) -> Result<Exit, Failure> {
    let sources = source::sources(&args.files, &args.l2_adapter);
    let awaits_typing = args.files.is_empty() && streams.input_is_terminal;
    if awaits_typing && sources.contains(&Source::StandardInput) {
        return Err(Failure::NothingToCheck);
    }
    let lmcache = match args.on_this_machine {
        true => args.lmcache.peer_on_this_machine()?,
        false => args.lmcache.peer(),
    };
    let context = Context::empty().with_adapters(registry).with_peer(&lmcache);
    let mut run = Run {
        args,
        target: match args.on_this_machine {
            true => Target::Local(context.with_environment(&environment_variable).with_machine(&ThisMachine)),
            false => Target::Unknown(context),
        },
        tally: Tally::new(program),
        pairs: (!args.no_pairs).then(Pairs::new),
        sarif: if args.format == Format::Sarif { Some(Sarif::begin(streams.out)?) } else { None },
    };
    for source in &sources {
        match source {
            Source::Folder(path) => run.folder(path, streams)?,
            source => run.usable_source(source, streams)?,
        }
    }
    let tally = run.end(streams.out)?;
    // Before the summary, so that the order is right if both streams are the same.
    streams.out.flush()?;
    if !args.quiet {
        streams.tell(format_args!("{tally}"));
    }
    Ok(tally.exit())
}

/// The arguments, and the state of the run so far.
struct Run<'a> {
    args: &'a CheckArgs,
    target: Target<'a>,
    tally: Tally,
    /// `None` if specs shall not be compared.
    pairs: Option<Pairs>,
    /// The SARIF document, with that format.
    sarif: Option<Sarif>,
}

impl Run<'_> {
    /// Checks the files of a folder.
    fn folder(&mut self, folder: &Path, streams: &mut Streams<'_>) -> Result<(), Failure> {
        let mut is_empty = true;
        for file in folder::files(folder) {
            is_empty = false;
            match file {
                Ok(path) => self.usable_source(&Source::File(path), streams)?,
                Err(failure) => self.unusable(&failure, streams),
            }
        }
        if is_empty {
            self.unusable(&Failure::NoFile { folder: folder.to_owned() }, streams);
        }
        Ok(())
    }

    /// Checks the documents of one source, or reports why it cannot be used.
    fn usable_source(&mut self, source: &Source, streams: &mut Streams<'_>) -> Result<(), Failure> {
        if let Err(failure) = self.source(source, streams)? {
            self.unusable(&failure, streams);
        }
        Ok(())
    }

    fn unusable(&mut self, failure: &Failure, streams: &mut Streams<'_>) {
        streams.complain(failure);
        self.tally.unusable_sources += 1;
    }

    /// Checks the documents of one source. The inner error means that the source cannot be read to its end, or is empty; other
    /// sources are still checked.
    fn source(&mut self, source: &Source, streams: &mut Streams<'_>) -> Result<Result<(), Failure>, Failure> {
        let mut input = match source.open(streams.input) {
            Ok(input) => input,
            Err(failure) => return Ok(Err(failure)),
        };
        let documents_before = self.tally.documents;
        if let Some(document) = source.document() {
            return self.document(document, source, streams.out).map(Ok).map_err(Failure::from);
        }
        let mut documents = DocumentSplitter::new();
        let mut buffer = vec![0; CHUNK_BYTES];
        let mut unended_bytes = 0;
        loop {
            // Reading may wait for the writer, so the results so far are shown first.
            streams.out.flush()?;
            let length = match read(&mut *input, &mut buffer) {
                Ok(0) => break,
                Ok(length) => length,
                Err(error) => return Ok(Err(source.unreadable(error))),
            };
            let mut chunk = &buffer[..length];
            unended_bytes += length;
            while let Some(document) = documents.next_in(&mut chunk) {
                self.document(document, source, streams.out)?;
                unended_bytes = 0;
            }
            if unended_bytes > UNENDED_BYTES_MAX {
                return Ok(Err(Failure::Endless { name: source.name(), bytes: UNENDED_BYTES_MAX }));
            }
        }
        while let Some(document) = documents.finish() {
            self.document(document, source, streams.out)?;
        }
        if self.tally.documents == documents_before {
            return Ok(Err(Failure::NoDocument { name: source.name() }));
        }
        Ok(Ok(()))
    }

    /// Checks a document and reports its findings.
    fn document(&mut self, document: Document, source: &Source, out: &mut dyn Write) -> io::Result<()> {
        let (start, text) = (document.start, self.pairs.as_ref().and(document.content.clone().ok()));
        let mut report = Report::of(document, &source.name(), self.tally.documents, self.target);
        self.tally.count(&report);
        match self.args.format {
            Format::Human => {
                if self.args.quiet {
                    report.warnings.clear();
                }
                write!(out, "{}", report.lines(paint_part))?;
            }
            Format::Json => {
                write_visible_json(&report, out)?;
                out.write_all(b"\n")?;
            }
            Format::Github | Format::Sarif => {
                findings::of_report(&report, source.is_file()).try_for_each(|finding| self.finding(&finding, out))?;
            }
        }
        if let (Some(pairs), Some(text)) = (self.pairs.as_mut(), text) {
            pairs.add(report, source.is_file(), start, &text);
        }
        Ok(())
    }

    fn finding(&mut self, finding: &Finding<'_>, out: &mut dyn Write) -> io::Result<()> {
        if self.args.quiet && finding.level != Level::Error {
            return Ok(());
        }
        match (self.args.format, &mut self.sarif) {
            (_, Some(sarif)) => sarif.add(finding, out),
            (Format::Github, None) => finding.write_github(out),
            (_, None) => finding.write_line(out),
        }
    }

    /// Reports the findings that are known only after the last document.
    fn end(mut self, out: &mut dyn Write) -> io::Result<Tally> {
        if let Some(pairs) = self.pairs.take() {
            let misfits = pairs.misfits(self.args.on_this_machine);
            self.tally.count_pairs(&misfits);
            match self.args.format {
                Format::Json => misfits.record().map_or(Ok(()), |record| {
                    write_visible_json(&record, out)?;
                    out.write_all(b"\n")
                })?,
                _ => misfits.placed().try_for_each(|placed| self.finding(&findings::of_misfit(&placed), out))?,
            }
        }
        if let Some(sarif) = self.sarif.take() {
            sarif.end(self.tally.unusable_sources == 0, out)?;
        }
        Ok(self.tally)
    }
}

const CHUNK_BYTES: usize = 64 << 10;

fn read(input: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match input.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}
