//! The command-line arguments.

use clap::{Parser, Subcommand};

use super::{
    check::CheckArgs, completions::CompletionsArgs, docs::DocsArgs, example::ExampleArgs, exit::EXIT_HELP,
    explain::ExplainArgs, schema::SchemaArgs,
};

#[cfg(pd_runtime)]
use super::{bench::BenchArgs, demo::DemoArgs, nodes::receiver::ReceiverArgs, run::RunArgs, size::SizeArgs};

const EXAMPLES: &str = "\
Examples:
  l2-adapter types
  l2-adapter explain pd
  l2-adapter example pd > pd.json
  l2-adapter check pd.json
  l2-adapter check --l2-adapter '{\"type\": \"fs\", \"base_path\": \"/cache\"}'
  l2-adapter schema --editor --output l2-adapter.schema.json
  l2-adapter demo";

/// Documents and validates the configuration of LMCache L2 adapters, and runs PD nodes.
#[derive(Debug, Parser)]
#[command(name = "l2-adapter", version, disable_help_subcommand = true)]
#[command(after_help = format!("{EXAMPLES}\n\n{EXIT_HELP}"))]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the adapter types
    #[command(after_help = "One line for each type: name, whether this program can run it, and summary.")]
    Types,
    Explain(ExplainArgs),
    Schema(SchemaArgs),
    Docs(DocsArgs),
    Example(ExampleArgs),
    Check(CheckArgs),
    #[cfg(pd_runtime)]
    Size(SizeArgs),
    #[cfg(pd_runtime)]
    Demo(DemoArgs),
    #[cfg(pd_runtime)]
    Bench(BenchArgs),
    #[cfg(pd_runtime)]
    Run(RunArgs),
    #[cfg(pd_runtime)]
    ServeReceiver(ReceiverArgs),
    #[cfg(pd_runtime)]
    #[command(hide = true)]
    KeepBusy,
    Completions(CompletionsArgs),
}
