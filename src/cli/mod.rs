//! The command line: what the registered types are, what they accept, and whether specs are right.
//!
//! One file a command. A command gets its arguments, a registry and streams, and answers how it ended; only [`main`] knows
//! the process it runs in. Data goes to standard output, everything else to standard error.
//!
//! A program of your own that links other adapter types has the same commands for them:
//!
//! ```no_run
//! // use the_crate_with_your_types as _;
//! fn main() -> std::process::ExitCode {
//!     l2_adapter::cli::main()
//! }
//! ```

mod arguments;
mod check;
mod completions;
mod docs;
mod example;
mod exit;
mod explain;
mod generated;
mod schema;
mod streams;
mod style;
mod types;

use std::{
    ffi::OsString,
    io::{self, BufWriter, IsTerminal as _},
    process::ExitCode,
};

use clap::Parser as _;

use self::{
    arguments::{Arguments, Command},
    exit::{Exit, Failure},
    streams::Streams,
};
use crate::registry::global;

/// Runs the command that the process's arguments ask for.
pub fn main() -> ExitCode {
    let input = io::stdin();
    let streams = &mut Streams {
        input_is_terminal: input.is_terminal(),
        input: &mut input.lock(),
        // Both streams leave colours out unless a terminal reads them that is allowed to show some.
        out: &mut BufWriter::new(anstream::stdout().lock()),
        err: &mut anstream::stderr().lock(),
    };
    let ended = run(std::env::args_os(), streams).and_then(|exit| {
        streams.out.flush()?;
        Ok(exit)
    });
    match ended {
        Ok(exit) => exit.into(),
        // Whoever reads has read enough: `l2-adapter types | head -1`.
        Err(failure) if failure.is_broken_pipe() => Exit::Success.into(),
        Err(failure) => {
            streams.complain(&failure);
            Exit::Unusable.into()
        }
    }
}

fn run(arguments: impl Iterator<Item = OsString>, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let command = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments.command,
        Err(error) => return explain_usage(&error, streams),
    };
    // Completions know no types: they work even where registrations clash.
    if let Command::Completions(args) = &command {
        return completions::run(args, streams.out);
    }
    let registry = global()?;
    match &command {
        Command::Types => types::run(&registry, streams.out),
        Command::Explain(args) => explain::run(args, &registry, streams.out),
        Command::Schema(args) => schema::run(args, &registry, streams),
        Command::Docs(args) => docs::run(args, &registry, streams),
        Command::Example(args) => example::run(args, &registry, streams.out),
        Command::Check(args) => check::run(args, &registry, streams),
        Command::Completions(args) => completions::run(args, streams.out),
    }
}

/// Shows what clap has to say: help and version where they were asked for, else what is wrong with the arguments.
fn explain_usage(error: &clap::Error, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let text = error.render();
    if error.use_stderr() {
        streams.tell(format_args!("{}", text.ansi()));
        return Ok(Exit::Unusable);
    }
    write!(streams.out, "{}", text.ansi())?;
    Ok(Exit::Success)
}
