//! `completions`: completion scripts for shells.

use std::io::Write;

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::{
    arguments::Arguments,
    exit::{Exit, Failure},
};

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  l2-adapter completions fish > ~/.config/fish/completions/l2-adapter.fish")]
pub(super) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

pub(super) fn run(args: &CompletionsArgs, out: &mut dyn Write) -> Result<Exit, Failure> {
    // The generator panics on write errors, which memory does not have.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Arguments::command(), "l2-adapter", &mut script);
    out.write_all(&script)?;
    Ok(Exit::Success)
}
