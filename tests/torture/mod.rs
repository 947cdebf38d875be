//! Config types that use every attribute in every allowed combination. They make no sense as adapters.

pub(crate) mod names;
pub(crate) mod shapes;
pub(crate) mod values;
pub(crate) mod versions;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use l2_adapter::{AdapterSpec, CommonConfig, Given, L2AdapterConfig, Machine, RuleError, Secret};
use serde_json::{Map, Value};

use names::Names;
use shapes::{Mode, Node, Storage};
use values::{Integers, Lists, Maps, Numbers, Texts};

/// What another type extends.
///
/// Its keys, its forbidden key and its rule are the other type's too.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "torture-base")]
#[config(forbidden(key = "storage_type", reason = "it was the type's name once; write `storage`"))]
#[config(common_key(name = "affinity_tag", allowed = ["_default", "torture"], reason = "there are two groups"))]
#[config(rule(
    name = "low_below_high",
    doc = "`low` is below `high`.",
    reads(low, high),
    check = low_below_high
))]
pub(crate) struct TortureBaseL2AdapterConfig {
    /// The lower end.
    #[config(default = 0, min = -100, max = 100)]
    pub(crate) low: i64,
    /// The upper end.
    #[config(default = 1000, min = -100)]
    pub(crate) high: i64,
    /// A copy of `high` unless it is given.
    #[config(default_from = high)]
    pub(crate) copy: i64,
    /// The keys that every adapter shares.
    pub(crate) common: CommonConfig,
}

fn low_below_high(low: &i64, high: &i64) -> Result<(), RuleError> {
    if low < high { Ok(()) } else { Err(RuleError::new("must be below `high`")) }
}

/// Everything the language can say, in one type.
///
/// The second paragraph has `code`, "quotes", a backslash \ and a line that is long enough to be wrapped in any terminal of
/// eighty columns.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "torture")]
#[config(common_key(name = "persist_enabled", allowed = [true], reason = "nothing here forgets"))]
#[config(common_key(name = "eviction", forbidden, reason = "nothing here makes room"))]
#[config(forbidden(key = "gone", reason = "it never worked"))]
#[config(rule(
    name = "role_is_listed",
    doc = "A `role` is one of `roles` where there are any.",
    reads(role, roles),
    check = role_is_listed
))]
#[config(machine_rule(
    name = "directory_of_role",
    doc = "There is nothing at `role` in `directory`.",
    reads(directory, role),
    check = is_free
))]
#[config(warning(
    name = "many_roles",
    doc = "More than three roles are hard to follow.",
    reads(roles),
    check = few_roles
))]
pub(crate) struct TortureL2AdapterConfig {
    /// The keys of `torture-base`.
    #[config(extends)]
    pub(crate) base: TortureBaseL2AdapterConfig,
    /// A key that must be there.
    #[config(required, trimmed, min_length = 1, max_length = 12, example = "sender")]
    pub(crate) role: String,
    /// Roles that may be taken; any where none is listed.
    #[config(default = [], unique, each(trimmed, min_length = 1))]
    pub(crate) roles: Vec<String>,
    /// What this node does.
    #[config(default = "reader")]
    pub(crate) mode: Mode,
    /// Where things are kept.
    #[config(required)]
    pub(crate) storage: Storage,
    /// Integers of every width.
    pub(crate) integers: Option<Integers>,
    /// Numbers.
    pub(crate) numbers: Option<Numbers>,
    /// Strings.
    pub(crate) texts: Option<Texts>,
    /// Lists.
    pub(crate) lists: Option<Lists>,
    /// Maps.
    pub(crate) maps: Option<Maps>,
    /// Keys with several names, and keys that depend on others.
    pub(crate) names: Option<Names>,
    /// A tree of anything.
    pub(crate) tree: Option<Node>,
    /// A spec of any registered type, this one included.
    pub(crate) inner: Option<AdapterSpec>,
    /// Specs of any registered type.
    #[config(default = [], max_items = 2)]
    pub(crate) layers: Vec<AdapterSpec>,
    /// Passed on as it is.
    pub(crate) settings: Option<Map<String, Value>>,
    /// Passed on as it is, whatever it is.
    pub(crate) anything: Option<Value>,
    /// Absent, `null` and a value are three things.
    #[config(min = 1)]
    pub(crate) given: Given<u16>,
    /// A directory.
    #[config(default = "/tmp", min_length = 1, prefix = "/", exists = directory)]
    pub(crate) directory: PathBuf,
    /// A password.
    #[config(secret, env = "TORTURE_PASSWORD", min_length = 4)]
    pub(crate) password: Option<Secret<String>>,
    /// A token that the environment may supply.
    #[config(required, secret, env = "TORTURE_TOKEN", not_blank)]
    pub(crate) token: Secret<String>,
    /// A token that the environment may supply.
    #[config(default = "", secret, env = "TORTURE_SECOND_TOKEN", must_not_contain = " ")]
    pub(crate) second_token: Secret<String>,
    /// A secret whose keys and values are all part of it.
    #[config(secret)]
    pub(crate) vault: Option<Secret<BTreeMap<String, Vec<Storage>>>>,
    /// A level that the environment may supply.
    #[config(default = 3, env = "TORTURE_LEVEL", max = 9)]
    pub(crate) level: u8,
    /// How many threads.
    #[config(default_with = thread_count, default_doc = "two", min = 1, max = 64)]
    pub(crate) threads: u8,
    /// Not used any more.
    #[config(default = false, deprecated = "use `mode`")]
    pub(crate) read_only: bool,
    /// A host and a port.
    #[config(default = "localhost:80", max_length = 30, example = "10.0.0.1:9051")]
    #[config(parse_with = parse_endpoint, write_with = write_endpoint)]
    pub(crate) endpoint: Endpoint,
    /// A key with a Rust keyword for a name.
    #[config(default = 1.5, unit = seconds)]
    pub(crate) r#loop: f64,
}

fn role_is_listed(role: &String, roles: &[String]) -> Result<(), RuleError> {
    if roles.is_empty() || roles.contains(role) { Ok(()) } else { Err(RuleError::new("must be one of `roles`")) }
}

fn is_free(machine: &dyn Machine, directory: &Path, role: &String) -> Result<(), RuleError> {
    match machine.look(&machine.resolve(directory).join(role)) {
        Ok(found) => Err(RuleError::new(format!("holds a {found}")).at("directory")),
        Err(_) => Ok(()),
    }
}

fn few_roles(roles: &[String]) -> Result<(), RuleError> {
    if roles.len() <= 3 { Ok(()) } else { Err(RuleError::new("is long")) }
}

fn thread_count() -> u8 {
    2
}

/// A host and a port.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Endpoint {
    pub(crate) host: String,
    pub(crate) port: u16,
}

fn parse_endpoint(text: String) -> Result<Endpoint, RuleError> {
    let (host, port) = text.rsplit_once(':').ok_or_else(|| RuleError::new("needs a port after a colon"))?;
    let port = port.parse().map_err(|_| RuleError::new("needs a port from 0 to 65535 after the colon"))?;
    Ok(Endpoint { host: host.to_owned(), port })
}

fn write_endpoint(endpoint: &Endpoint) -> String {
    format!("{}:{}", endpoint.host, endpoint.port)
}

/// A type that collects undeclared keys.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "torture-open")]
#[config(forbidden(key = "limit", reason = "write `limits`"))]
#[config(common_key(name = "shared", allowed = [true], reason = "it is always shared"))]
pub(crate) struct TortureOpenL2AdapterConfig {
    /// A declared key, not bound by the rules of the others.
    #[config(default = -1)]
    pub(crate) declared: i32,
    /// All other keys: limits by name.
    #[config(rest, keys(pattern = "^[a-z][a-z_]*$", max_length = 8), each(min = 1, max = 1000))]
    pub(crate) limits: BTreeMap<String, u32>,
    /// The keys that every adapter shares.
    pub(crate) common: CommonConfig,
}
