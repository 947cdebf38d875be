//! `check`: whether specs are right, and everything that is wrong with them.
//!
//! Inputs are read as they come and each document is reported before the next is looked at, so a million lines take no
//! more memory than one.

mod findings;
mod pairs;
mod sarif;
mod source;
mod tally;

use std::{
    io::{self, Read, Write},
    path::PathBuf,
};

use clap::{Args, ValueEnum};
use l2_adapter_schema::Context;

use self::{
    findings::{Finding, Level},
    pairs::Pairs,
    sarif::Sarif,
    source::Source,
    tally::Tally,
};
use super::{
    exit::{EXIT_HELP, Exit, Failure},
    streams::Streams,
    style::paint_part,
};
use crate::{
    machine::{ThisMachine, environment_variable},
    registry::Registry,
    specs::{Document, Documents, Report, Target},
};

const EXAMPLES: &str = "\
Examples:
  l2-adapter check specs.json more.jsonl
  l2-adapter check --l2-adapter '{\"type\": \"pd\", \"role\": \"sender\"}'
  l2-adapter check --on-this-machine specs.json
  some-program | l2-adapter check --format json | jq -r 'select(.ok | not)'

A file holds one object, a list of objects, or JSON Lines; --l2-adapter takes one
object, as LMCache does. With --format json
each document gives one line, an object with the keys source, index, type, ok,
errors, warnings and value: `index` counts from 0 over all inputs, `value` has
defaults filled in and secrets redacted. --format github annotates the files of a
pull request in GitHub Actions; --format sarif is one SARIF document of all inputs.

A spec may be for another machine: neither environment variables nor files of
this one are looked at. A required key that a variable could supply is a note
where it is absent: it is among the warnings, with the code `environment`, and
left out of `value`. With --on-this-machine the variables are read and paths are
followed, and what is not there is an error.

Where there are several `pd` specs, each sender is compared with the receiver
that it names, over all inputs. What does not fit is reported after the last
document; with --format json in one more line, an object with ok and pairs.";

/// Check specs and report everything that is wrong with them
#[derive(Debug, Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{EXIT_HELP}"))]
pub(super) struct CheckArgs {
    /// Files to check; `-` is standard input, and so is no FILE at all
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// A spec to check, or @FILE that holds one or several
    #[arg(long = "l2-adapter", value_name = "JSON")]
    l2_adapter: Vec<String>,
    /// Report in lines for people, one JSON object a document, or what a service reads
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Check as if for a server here: with these variables, directories and devices
    #[arg(long)]
    on_this_machine: bool,
    /// Do not compare `pd` specs with each other: they are not of one deployment
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

/// Checks what `args` ask for. `program` is the name that hints give the command.
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
    let context = Context::empty().with_adapters(registry);
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
        if let Err(failure) = run.source(source, streams)? {
            streams.complain(&failure);
            run.tally.unusable_sources += 1;
        }
    }
    let tally = run.end(streams.out)?;
    // Before the summary, so that both come in this order where both streams are one.
    streams.out.flush()?;
    if !args.quiet {
        streams.tell(format_args!("{tally}"));
    }
    Ok(tally.exit())
}

/// What is asked for, and what is known of the documents so far.
struct Run<'a> {
    args: &'a CheckArgs,
    target: Target<'a>,
    tally: Tally,
    /// `None` if specs are not to be compared.
    pairs: Option<Pairs>,
    /// The document of that format.
    sarif: Option<Sarif>,
}

impl Run<'_> {
    /// Checks the documents of one source. The inner error is that of a source that cannot be read to its end, or holds
    /// nothing: others are checked still.
    fn source(&mut self, source: &Source, streams: &mut Streams<'_>) -> Result<Result<(), Failure>, Failure> {
        let mut input = match source.open(streams.input) {
            Ok(input) => input,
            Err(failure) => return Ok(Err(failure)),
        };
        let documents_before = self.tally.documents;
        if let Some(document) = source.document() {
            return self.document(document, source, streams.out).map(Ok).map_err(Failure::from);
        }
        let mut documents = Documents::new();
        let mut buffer = vec![0; CHUNK_BYTES];
        let mut unended_bytes = 0;
        loop {
            // Reading may wait for whoever writes: until then, what is known should be seen.
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

    /// Checks a document and reports what is found.
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
                serde_json::to_writer(&mut *out, &report)?;
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

    /// Reports what is known only after the last document.
    fn end(mut self, out: &mut dyn Write) -> io::Result<Tally> {
        if let Some(pairs) = self.pairs.take() {
            let misfits = pairs.misfits(self.args.on_this_machine);
            self.tally.count_pairs(&misfits);
            match self.args.format {
                Format::Json => misfits.write_json(out)?,
                _ => misfits.findings().try_for_each(|finding| self.finding(&finding, out))?,
            }
        }
        if let Some(sarif) = self.sarif.take() {
            sarif.end(self.tally.unusable_sources == 0, out)?;
        }
        Ok(self.tally)
    }
}

const CHUNK_BYTES: usize = 64 << 10;

/// How many bytes are read in which no document ends: far more than one may have, so that what is too long is reported at its place,
/// and so few that a device, a file of zeros or a line without an end is soon given up.
const UNENDED_BYTES_MAX: usize = 64 << 20;

fn read(input: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match input.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}
