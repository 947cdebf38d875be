use l2_adapter::{ConfigSection, ConfigUnion, L2AdapterConfig, SharedConfig};

const BIG: u8 = 255;
type Shared = SharedConfig;

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(rule(name = "order", doc = "Order.", reads("one"), check = order))]
pub struct Limits {
    /// A limit.
    #[config(default_with = || 3, default_doc = "three")]
    pub closure: u16,
    /// A limit.
    #[config(required, range(1..5))]
    pub range: u16,
    /// A limit.
    #[config(default: 1)]
    pub colon: u16,
    /// A limit.
    #[config(default = BIG + 1)]
    pub overflow: u8,
    /// A limit.
    #[config(default = env!("NO_SUCH_VARIABLE"))]
    pub variable: String,
    /// A limit.
    #[config(required, min)]
    pub one: u8,
}

fn order(_: &u8) -> Result<(), String> { Ok(()) }

/// A backend.
#[derive(Debug, ConfigUnion)]
#[config(tag = "")]
pub enum Backend {
    /// Nothing.
    Nothing,
}

/// Keeps.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store")]
pub struct AliasConfig {
    pub shared: Shared,
}

fn main() {}
