use l2_adapter::{ConfigSection, ConfigUnion};

/// A file.
#[derive(Debug, ConfigSection)]
pub struct File {
    /// Where.
    #[config(required)]
    pub path: String,
}

/// A backend.
#[derive(Debug, ConfigUnion)]
pub enum Backend {
    /// In a file.
    File(File),
}

fn main() {}
