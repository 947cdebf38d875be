//! Derives a config and uses it, without any feature of the crate.
#![expect(clippy::print_stdout, reason = "the test reads what this program prints")]

use l2_adapter::{CommonConfig, ConfigError, L2AdapterConfig};

/// Keeps chunks in a folder.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "folder")]
struct FolderL2AdapterConfig {
    /// The folder.
    #[config(required, not_blank, example = "/cache")]
    path: String,
    /// The share of the folder that may be used.
    #[config(default = 1.0)]
    share: f64,
    /// The keys that every adapter shares.
    common: CommonConfig,
}

fn main() -> Result<(), ConfigError> {
    let config = FolderL2AdapterConfig::from_value(&serde_json::json!({"path": "/cache"}))?;
    println!("path: {}", config.path);
    println!("types: {}", l2_adapter::get_registered_l2_adapter_types().unwrap_or_default().join(", "));
    println!("floats misread: {}", floats_misread()?);
    Ok(())
}

/// How many numbers change on the way through text. Counted in this program, because tests are linked with crates that may enable a
/// better parser of numbers.
fn floats_misread() -> Result<usize, ConfigError> {
    let mut misread = 0;
    let mut bits = 1_u64;
    for _ in 0..20_000 {
        // A linear congruential generator with Knuth's constants gives the same numbers in each run.
        bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let share = (bits >> 11) as f64 / (1_u64 << 43) as f64;
        let config = FolderL2AdapterConfig { path: "/cache".to_owned(), share, common: CommonConfig::default() };
        let text = serde_json::Value::Object(config.to_dict()).to_string();
        misread += usize::from(FolderL2AdapterConfig::from_str(&text)?.share.to_bits() != share.to_bits());
    }
    Ok(misread)
}
