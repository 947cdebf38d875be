//! Annotates a struct and uses everything that this brings, without any feature of the crate.
#![expect(clippy::print_stdout, reason = "the test reads what this program prints")]

use l2_adapter::{ConfigError, L2AdapterConfig, SharedConfig};

/// Keeps chunks in a folder.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "folder")]
struct FolderL2AdapterConfig {
    /// Where the chunks are kept.
    #[config(required, not_blank)]
    path: String,
    /// The keys that every adapter shares.
    shared: SharedConfig,
}

fn main() -> Result<(), ConfigError> {
    let config = FolderL2AdapterConfig::from_value(&serde_json::json!({"path": "/cache"}))?;
    println!("path: {}", config.path);
    println!("types: {}", l2_adapter::get_registered_l2_adapter_types().unwrap_or_default().join(", "));
    Ok(())
}
