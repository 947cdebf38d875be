//! The peer that documents are for, in one version: keys, values and rules may be there in some versions only.

use l2_adapter_rules::{Version, Versions};

/// The program that documents are for, in the version that they are checked for.
///
/// ```
/// use l2_adapter_schema::{Context, Peer, Version};
///
/// let known = ["0.5.6", "0.5.7"].map(|text| Version::parse(text).expect("a version"));
/// let peer = Peer::new("LMCache", known[0]).with_choice(&known, |version| format!("--lmcache {version}"));
/// let context = Context::empty().with_peer(&peer);
/// assert_eq!(context.peer().map(|peer| peer.to_string()), Some("LMCache 0.5.6".to_owned()));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Peer<'a> {
    name: &'a str,
    version: Version,
    known: &'a [Version],
    choose: Option<fn(Version) -> String>,
}

impl<'a> Peer<'a> {
    /// A peer of this name. Keys and rules of other peers are not judged by its version.
    pub const fn new(name: &'a str, version: Version) -> Self {
        Self { name, version, known: &[], choose: None }
    }

    /// This peer, and how a user chooses one of the versions that the program knows: faults name it.
    pub const fn with_choice(self, known: &'a [Version], choose: fn(Version) -> String) -> Self {
        Self { known, choose: Some(choose), ..self }
    }

    /// The version that documents are checked for.
    pub const fn version(&self) -> Version {
        self.version
    }

    /// Whether these versions are those of this peer.
    fn is_meant(&self, versions: &Versions) -> bool {
        versions.peer().is_empty() || versions.peer() == self.name
    }

    /// The versions by the name of this peer, and which one is checked for: the end of a sentence.
    fn compared(&self, versions: &Versions) -> String {
        let shown = match versions.peer() {
            "" if !self.name.is_empty() => versions.to_string().replacen("versions", self.name, 1),
            _ => versions.to_string(),
        };
        format!("{shown}, and this checks for {}", self.version)
    }

    /// How to check for a version that has something, or for one that lacks it.
    fn choice(&self, versions: &Versions, has: bool) -> Option<String> {
        let choose = self.choose?;
        // A version that has begun is better than one that is to come, and a late one better than an early one.
        let version = self.known.iter().rev().find(|version| versions.include(**version) == has)?;
        Some(format!("`{}`", choose(*version)))
    }

    /// Why a key is not accepted that other versions have, and what to do.
    pub(crate) fn lacks_key(&self, versions: &Versions) -> String {
        let choice = self.choice(versions, true).map(|choice| format!(", or check for another version with {choice}"));
        format!("is only in {}: leave it out{}", self.compared(versions), choice.unwrap_or_default())
    }

    /// Why a value is not accepted that other versions have, and how to check for one of these.
    pub(crate) fn lacks_value(&self, versions: &Versions) -> String {
        let choice = self.choice(versions, true).map(|choice| format!("; {choice} checks for another version"));
        format!("is only in {}{}", self.compared(versions), choice.unwrap_or_default())
    }

    /// Which versions have a rule, and what to do: the end of a message of it.
    pub(crate) fn note(&self, versions: &Versions) -> String {
        let choice = self.choice(versions, false).map(|choice| format!("; {choice} checks for another version"));
        format!(" (so in {}{})", self.compared(versions), choice.unwrap_or_default())
    }
}

impl std::fmt::Display for Peer<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = if self.name.is_empty() { "version" } else { self.name };
        write!(formatter, "{name} {}", self.version)
    }
}

/// Which versions count where documents are for one peer in one version, or for none that is known.
pub trait InVersion {
    /// Whether keys and values of these versions may be given. Where no version is known, those of all versions may.
    fn has(self, versions: &Versions) -> bool;

    /// Whether a rule of these versions is to be satisfied. Where no version is known, only one of all versions is.
    fn demands(self, versions: &Versions) -> bool;
}

impl InVersion for Option<&Peer<'_>> {
    fn has(self, versions: &Versions) -> bool {
        self.is_none_or(|peer| !peer.is_meant(versions) || versions.include(peer.version))
    }

    fn demands(self, versions: &Versions) -> bool {
        versions.are_all() || self.is_some_and(|peer| peer.is_meant(versions) && versions.include(peer.version))
    }
}
