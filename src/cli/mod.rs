//! The command line: lists and documents the registered types, validates specs, and runs PD nodes.
//!
//! Each command has one file. A command gets its arguments, a registry and streams, and returns its outcome; only [`main`]
//! knows the process. Data goes to standard output, everything else to standard error.
//!
//! Your own program can have the same commands for the adapter types that it links:
//!
//! ```no_run
//! // use the_crate_with_your_types as _;
//! fn main() -> std::process::ExitCode {
//!     l2_adapter::cli::main()
//! }
//! ```
//!
//! ```text
//! arguments             the command-line arguments
//! types, explain, schema, docs, example, completions, check, size     commands without a node
//! demo, bench, run      commands with nodes (nodes, processor, signals)
//! generated, files      generated text; files that users name
//! lmcache               the version of LMCache that specs are for
//! exit, logs            exit codes and errors; the log of adapters
//! streams, style        the three streams; colours
//! ```

mod arguments;
#[cfg(pd_runtime)]
mod bench;
mod check;
mod completions;
#[cfg(pd_runtime)]
mod demo;
mod docs;
mod example;
mod exit;
mod explain;
mod generated;
mod lmcache;
#[cfg(pd_runtime)]
mod logs;
#[cfg(pd_runtime)]
mod nodes;
#[cfg(pd_runtime)]
mod processor;
#[cfg(pd_runtime)]
mod run;
mod schema;
#[cfg(pd_runtime)]
mod signals;
#[cfg(pd_runtime)]
mod size;
mod streams;
mod style;
mod types;

use std::{
    ffi::{OsStr, OsString},
    io::{self, BufWriter, IsTerminal as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Parser as _;

pub use self::{exit::Exit, streams::Streams};

use self::{
    arguments::{Arguments, Command},
    exit::Failure,
};
use crate::registry::global;

/// Runs the command of the process's arguments.
pub fn main() -> ExitCode {
    run_with_streams_of_process(std::env::args_os()).into()
}

/// Runs a command in a process that is not the program itself, such as an interpreter, with that process's streams.
/// `arguments` begin with the name that the command has for its users. `demo` and `bench` start a second process: `launcher` is the
/// command line that runs this program there. `package_folders` are where the interpreter has its packages, of which NIXL may be one.
/// Later calls keep the first launcher and folders.
pub fn main_within(
    launcher: Vec<OsString>,
    package_folders: Vec<PathBuf>,
    arguments: impl IntoIterator<Item = OsString>,
) -> Exit {
    if let Some(program) = launcher.first() {
        lmcache::set_interpreter(program);
    }
    #[cfg(not(pd_runtime))]
    let _ = package_folders;
    #[cfg(pd_runtime)]
    {
        nodes::set_launcher(launcher);
        nodes::set_package_folders(package_folders);
    }
    run_with_streams_of_process(arguments)
}

fn run_with_streams_of_process(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let input = io::stdin();
    let streams = Streams {
        input_is_terminal: input.is_terminal(),
        input: &mut input.lock(),
        // Both streams remove colours unless they are terminals for which colours are enabled.
        out: &mut BufWriter::new(anstream::stdout().lock()),
        // Not locked: the threads of a node log meanwhile, and would wait for ever.
        err: &mut anstream::stderr(),
    };
    run(arguments, streams)
}

/// Runs the command of `arguments`, the first of which is the program's name.
///
/// ```
/// use l2_adapter::cli::{Exit, Streams, run};
///
/// let (mut out, mut err) = (Vec::new(), Vec::new());
/// let mut input = br#"{"type": "fs", "base_path": "/cache"}"#.as_slice();
/// let streams = Streams { input: &mut input, input_is_terminal: false, out: &mut out, err: &mut err };
/// let exit = run(["l2-adapter", "check"].map(Into::into), streams);
/// assert_eq!(exit, Exit::Success);
/// assert_eq!(err, b"checked 1 document: 1 valid\n");
/// ```
pub fn run(arguments: impl IntoIterator<Item = OsString>, mut streams: Streams<'_>) -> Exit {
    let ended = dispatch(arguments, &mut streams).and_then(|exit| {
        streams.out.flush()?;
        Ok(exit)
    });
    match ended {
        Ok(exit) => exit,
        // The reader closed the pipe: `l2-adapter types | head -1`.
        Err(failure) if failure.is_broken_pipe() => Exit::Success,
        Err(failure) => {
            streams.complain(&failure);
            Exit::Unusable
        }
    }
}

fn dispatch(arguments: impl IntoIterator<Item = OsString>, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let mut arguments = arguments.into_iter().peekable();
    let program = arguments.peek().map_or_else(|| "l2-adapter".to_owned(), |path| program_name(path));
    let command = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments.command,
        Err(error) => return explain_usage(&error, streams),
    };
    match &command {
        Command::Types => types::run(global()?.as_ref(), streams.out),
        Command::Explain(args) => explain::run(args, global()?.as_ref(), streams.out),
        Command::Schema(args) => schema::run(args, global()?.as_ref(), streams),
        Command::Docs(args) => docs::run(args, global()?.as_ref(), streams),
        Command::Example(args) => example::run(args, global()?.as_ref(), streams.out),
        Command::Check(args) => check::run(args, program, global()?.as_ref(), streams),
        #[cfg(pd_runtime)]
        Command::Size(args) => size::run(args, streams),
        #[cfg(pd_runtime)]
        Command::Demo(args) => demo::run(args, global()?.as_ref(), streams),
        #[cfg(pd_runtime)]
        Command::Bench(args) => bench::run(args, streams),
        #[cfg(pd_runtime)]
        Command::Run(args) => run::run(args, streams),
        #[cfg(pd_runtime)]
        Command::ServeReceiver(args) => nodes::receiver::run(args, streams.out),
        #[cfg(pd_runtime)]
        Command::KeepBusy => nodes::neighbours::run(),
        // These commands need no types, so they work even if registrations clash.
        Command::Completions(args) => completions::run(args, streams.out),
    }
}

/// The name under which a program was started, without its folder.
fn program_name(path: &OsStr) -> String {
    Path::new(path).file_name().unwrap_or(path).to_string_lossy().into_owned()
}

/// Prints clap's message: help or version if requested, otherwise the error in the arguments.
fn explain_usage(error: &clap::Error, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let text = error.render();
    if error.use_stderr() {
        streams.tell(format_args!("{}", text.ansi()));
        return Ok(Exit::Unusable);
    }
    write!(streams.out, "{}", text.ansi())?;
    Ok(Exit::Success)
}
