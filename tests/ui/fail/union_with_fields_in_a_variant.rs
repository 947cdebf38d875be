use l2_adapter::ConfigUnion;

/// A backend.
#[derive(Debug, ConfigUnion)]
#[config(tag = "kind")]
pub enum Backend {
    /// In a file.
    File {
        /// Where.
        path: String,
    },
}

fn main() {}
