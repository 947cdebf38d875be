//! A new adapter type in one file: its config is declared, the adapter is created from a spec by the type's name.
//!
//! Run it with `cargo run --example new_adapter`.
#![expect(clippy::print_stdout, reason = "an example talks to whoever runs it")]

use std::{fmt, path::PathBuf, sync::Arc};

use l2_adapter::{
    L2AdapterConfig, SharedConfig,
    adapter::{AdapterStatus, CreateError, CreationContext, L2Adapter, SystemClock},
    config::parse_l2_adapters,
    registry,
};

/// Keeps KV chunks in a folder of a scratch disk.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "scratch", factory = ScratchAdapter::create)]
pub struct ScratchL2AdapterConfig {
    /// The folder. It is created if it does not exist.
    #[config(required, min_length = 1, example = "/scratch/kv")]
    pub path: PathBuf,
    /// Threads that read and write.
    #[config(default = 4, min = 1, max = 64)]
    pub num_workers: u32,
    /// How much may be stored. Absent or null: as much as the disk holds.
    #[config(min = 1, unit = gib)]
    pub max_capacity_gb: Option<u32>,
    /// The keys that every adapter shares.
    pub shared: SharedConfig,
}

#[derive(Debug)]
struct ScratchAdapter {
    config: ScratchL2AdapterConfig,
    closed: bool,
}

impl ScratchAdapter {
    /// Refuses, in words for the operator, what only this machine can tell.
    fn create(config: &ScratchL2AdapterConfig, _: &CreationContext) -> Result<Box<dyn L2Adapter>, CreateError> {
        if config.path.is_file() {
            return Err(CreateError::Unusable {
                type_name: ScratchL2AdapterConfig::TYPE_NAME,
                reason: format!("{} is a file: name a folder", config.path.display()),
                source: None,
            });
        }
        Ok(Box::new(Self { config: config.clone(), closed: false }))
    }
}

impl fmt::Display for ScratchAdapter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "scratch({})", self.config.path.display())
    }
}

impl L2Adapter for ScratchAdapter {
    fn type_name(&self) -> &'static str {
        ScratchL2AdapterConfig::TYPE_NAME
    }

    fn status(&self) -> AdapterStatus {
        if self.closed { AdapterStatus::Closed } else { AdapterStatus::Healthy }
    }

    fn close(&mut self) {
        self.closed = true;
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("{}", ScratchL2AdapterConfig::help());

    let specs = parse_l2_adapters([r#"{"type": "scratch", "path": "/scratch/kv", "num_workers": 8}"#])?;
    let context = CreationContext::new(Arc::new(SystemClock::new()), 0);
    let mut adapter = registry::global()?.create(&specs[0].value, &context)?;
    println!("{adapter}: {:?}", adapter.status());
    adapter.close();

    if let Err(error) = parse_l2_adapters([r#"{"type": "scratch", "pth": "/scratch/kv", "num_workers": 0}"#]) {
        println!("\n{error}");
    }
    Ok(())
}
