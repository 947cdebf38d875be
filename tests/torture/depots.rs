//! The peer of the type `torture-versions`. Only tests that read it for some version have this file.

use l2_adapter::{Peer, Version};

/// The peer in each version that it is known in.
pub(crate) fn depots() -> [Peer<'static>; 3] {
    const KNOWN: &[Version] = &[version("1.0"), version("2.0"), version("3.0")];
    [0, 1, 2].map(|index| Peer::new("Depot", KNOWN[index]).with_choice(KNOWN, |version| format!("--depot {version}")))
}

const fn version(text: &str) -> Version {
    match Version::parse(text) {
        Some(version) => version,
        None => panic!("not a version"),
    }
}
