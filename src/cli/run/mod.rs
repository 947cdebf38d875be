//! `run`: one PD node, until a signal.

mod http;

use std::{io, net::SocketAddr, sync::Arc};

use clap::Args;

use super::{
    exit::{Exit, Failure},
    logs,
    nodes::sender_context,
    signals::Signals,
    streams::Streams,
};
use crate::{
    adapter::L2Adapter as _,
    adapters::pd_l2_adapter::{PdL2Adapter, PdL2AdapterConfig},
    environment_variable,
    registry::GlobalTypes,
    specs::L2AdapterArgs,
};

/// Run one PD node until SIGINT or SIGTERM
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  l2-adapter run --l2-adapter @receiver.json --metrics 127.0.0.1:9400
  curl http://127.0.0.1:9400/status
  curl http://127.0.0.1:9400/metrics

A node alone moves no chunks: a server that has L1 memory links the library. `run` shows that a spec works on this machine,
and provides the other end for tests.")]
pub(super) struct RunArgs {
    #[command(flatten)]
    spec: L2AdapterArgs,
    /// Serve `/status` (JSON), `/metrics` (OpenMetrics) and `/health` here; keep it on a loopback or private address
    #[arg(long, value_name = "ADDR:PORT", value_parser = metrics_address)]
    metrics: Option<SocketAddr>,
}

fn metrics_address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "give an IP address and a port, such as 127.0.0.1:9400")
}

pub(super) fn run(args: &RunArgs, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    logs::show(tracing::Level::INFO)?;
    let config = pd_config(&args.spec)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::System)?;
    let ended = runtime.block_on(async {
        // Before the adapter starts, so that no signal is missed.
        let mut signals = Signals::listen().map_err(Failure::System)?;
        let listener = match args.metrics {
            Some(address) => Some(http::listen(address).await.map_err(|source| Failure::Listen { address, source })?),
            None => None,
        };
        // The lookup of the host, or a library, may hang: a signal still ends the command.
        let context = sender_context(config.peer_init_port.len(), None);
        let starting = tokio::task::spawn_blocking(move || PdL2Adapter::new(&config, &context));
        let adapter = tokio::select! {
            started = starting => Arc::new(started.map_err(|panic| Failure::System(io::Error::other(panic)))??),
            signal = signals.next() => {
                streams.tell(format_args!("{signal}: the node had not started\n"));
                return Ok(Exit::Success);
            }
        };
        streams.tell(format_args!("{adapter} serves\n"));
        if let Some(listener) = listener {
            if let Ok(address) = listener.local_addr() {
                streams.tell(format_args!("status and metrics at http://{address}\n"));
            }
            tokio::spawn(http::serve(listener, Arc::clone(&adapter)));
        }
        let signal = signals.next().await;
        streams.tell(format_args!("{signal}: {adapter} closes\n"));
        adapter.close();
        Ok(Exit::Success)
    });
    // A node that is still starting ends with the process.
    runtime.shutdown_background();
    ended
}

/// The only config of the arguments, of type `pd`. Environment variables supply the keys that declare one.
pub(super) fn pd_config(spec: &L2AdapterArgs) -> Result<PdL2AdapterConfig, Failure> {
    let mut specs = spec.parse_in(&GlobalTypes::CONTEXT.with_environment(&environment_variable))?;
    for warning in specs.iter().flat_map(|spec| &spec.warnings) {
        tracing::warn!("{warning}");
    }
    match (specs.pop(), specs.len()) {
        (Some(spec), 0) => spec
            .value
            .downcast_ref::<PdL2AdapterConfig>()
            .cloned()
            .ok_or_else(|| Failure::NotPd { type_name: spec.value.type_name() }),
        (_, others) => Err(Failure::OneSpec { given: others + usize::from(others > 0) }),
    }
}
