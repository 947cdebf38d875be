//! Two conditions on one field whose values may be equal do not contradict each other.

use l2_adapter::{ConfigChoice, ConfigSection};

const FAST: &str = "fast";

/// How fast.
#[derive(Debug, Clone, PartialEq, ConfigChoice)]
#[config(ignore_case)]
enum Mode {
    /// Fast.
    Fast,
    /// Slow.
    Slow,
}

/// A section.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
struct Section {
    /// A name for the mode.
    #[config(default = "slow", allowed = ["fast", "slow"])]
    name: String,
    /// The mode.
    #[config(default = "slow")]
    mode: Mode,
    /// By a constant and by the text that it is.
    #[config(required_if(name = FAST), forbidden_unless(name = "fast"))]
    by_constant: Option<u8>,
    /// In two letter cases.
    #[config(required_if(mode = "fast"), forbidden_unless(mode = "FAST"))]
    by_case: Option<u8>,
}

fn main() {
    let _ = std::any::type_name::<Section>();
    let _ = Mode::Fast;
}
