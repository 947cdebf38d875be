//! What parsing needs from outside and this crate may not fetch itself.

use std::ffi::OsString;

use serde_json::Value;

use crate::{
    machine::Machine,
    peer::Peer,
    spec::AdapterEntry,
    table::{Field, Table},
};

/// The environment, the machine, the adapter types and the version of the peer that a document may refer to.
///
/// ```
/// use l2_adapter_schema::Context;
///
/// let lookup = |name: &str| (name == "PD_SECRET").then(|| "s3cret".into());
/// let context = Context::empty().with_environment(&lookup);
/// assert_eq!(context.variable("PD_SECRET"), Some("s3cret".into()));
/// assert_eq!(Context::empty().variable("PD_SECRET"), None);
/// ```
#[derive(Clone, Copy, Default)]
pub struct Context<'a> {
    environment: Option<&'a dyn Fn(&str) -> Option<OsString>>,
    machine: Option<&'a dyn Machine>,
    adapters: Option<&'a dyn AdapterTypes>,
    peer: Option<&'a Peer<'a>>,
    supposed: Option<fn(&'static Field) -> Option<Value>>,
    /// Whether variables may be set that are not known here.
    apart: bool,
}

impl<'a> Context<'a> {
    /// No environment variables, no machine, no adapter types, no peer.
    pub const fn empty() -> Self {
        Self { environment: None, machine: None, adapters: None, peer: None, supposed: None, apart: false }
    }

    /// This context with environment variables looked up by `lookup`.
    pub const fn with_environment(self, lookup: &'a dyn Fn(&str) -> Option<OsString>) -> Self {
        Self { environment: Some(lookup), ..self }
    }

    /// This context with a machine for the rules `exists` and `machine_rule`. Without a machine every value satisfies them.
    pub const fn with_machine(self, machine: &'a dyn Machine) -> Self {
        Self { machine: Some(machine), ..self }
    }

    /// This context with the adapter types that specs may name.
    pub const fn with_adapters(self, adapters: &'a dyn AdapterTypes) -> Self {
        Self { adapters: Some(adapters), ..self }
    }

    /// This context, in which documents are for a peer in one version. Without one, keys and values of all versions are accepted,
    /// and rules of some versions are not asked.
    pub const fn with_peer(self, peer: &'a Peer<'a>) -> Self {
        Self { peer: Some(peer), ..self }
    }

    /// This context, in which a function makes up the value of each required key that the environment does not supply.
    /// Cross-field rules that read such a value are ignored.
    pub(crate) const fn with_placeholder_values(self, value: fn(&'static Field) -> Option<Value>) -> Self {
        Self { supposed: Some(value), ..self }
    }

    /// This context, for a document that will be read where other variables are set.
    pub(crate) const fn apart(self) -> Self {
        Self { apart: true, ..self }
    }

    /// The adapter types and the peer of this context, for a document that is not read yet.
    pub(crate) const fn elsewhere(self) -> Self {
        Self { environment: None, machine: None, supposed: None, ..self }.apart()
    }

    /// Whether it may help to set a variable.
    pub(crate) const fn may_have_variables(&self) -> bool {
        self.environment.is_some() || self.apart
    }

    /// What makes up values that the environment would supply.
    pub(crate) const fn supposed(&self) -> Option<fn(&'static Field) -> Option<Value>> {
        self.supposed
    }

    /// Whether there is an environment to look up variables in.
    pub(crate) const fn has_environment(&self) -> bool {
        self.environment.is_some()
    }

    /// The value of an environment variable, which need not be UTF-8.
    pub fn variable(&self, name: &str) -> Option<OsString> {
        self.environment.and_then(|lookup| lookup(name))
    }

    /// The machine for rules that need one.
    pub fn machine(&self) -> Option<&'a dyn Machine> {
        self.machine
    }

    /// The peer that documents are for, in one version.
    pub const fn peer(&self) -> Option<&'a Peer<'a>> {
        self.peer
    }

    pub(crate) fn adapter_tables(&self) -> Vec<&'static Table> {
        let Some(adapters) = self.adapters else { return Vec::new() };
        adapters.names().into_iter().filter_map(|name| adapters.find(name)).map(|entry| (entry.table)()).collect()
    }

    /// The adapter types that specs may name.
    pub fn adapters(&self) -> Option<&'a dyn AdapterTypes> {
        self.adapters
    }
}

impl std::fmt::Debug for Context<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Context").field("peer", &self.peer).finish_non_exhaustive()
    }
}

/// The adapter types that a spec's `type` key may name. The registry is one.
pub trait AdapterTypes {
    /// The type with this name.
    fn find(&self, name: &str) -> Option<AdapterEntry>;

    /// All names, sorted.
    fn names(&self) -> Vec<&'static str>;
}
