//! The `pd` specs of a deployment, which are compared with each other after the last document.

use l2_adapter_schema::counted;
use l2_adapter_schema::{AdapterSpec, Fault, FaultCode, Position, Report, locate};
use serde_json::{Value, json};

use crate::adapters::pd_l2_adapter::{
    PdL2AdapterConfig,
    pairs::{COMPARED_KEYS, Misfit, Node, PairCode, Severity, misfits},
};

/// The total size of the compared specs, including each one's overhead: some seven thousand specs of usual length. The
/// comparison needs a few times that memory, most of it for ports.
const BYTES_MAX: usize = 16 << 20;

/// The memory of a spec in addition to its text and the name of its source: its config without lists, and its places.
const BYTES_OF_A_SPEC: usize = 2 << 10;

/// The `pd` specs that were read, to be compared with each other.
///
/// ```
/// use l2_adapter::{
///     registry::GlobalTypes,
///     specs::{Document, Pairs, Position, Report, Target},
/// };
///
/// let mut pairs = Pairs::new();
/// for (role, port, index) in [("sender", 9053, 0), ("receiver", 9054, 1)] {
///     let ports = format!(r#""peer_init_port": [9051], "peer_alloc_port": [{port}]"#);
///     let text = format!(r#"{{"type": "pd", "role": "{role}", "peer_host": "10.0.0.2", {ports}}}"#);
///     let report = Report::of(Document::whole(text.as_str()), "specs", index, Target::Unknown(GlobalTypes::CONTEXT));
///     pairs.add(report, false, Position::START, text.as_bytes());
/// }
/// let record = pairs.misfits(false).record().expect("they do not fit");
/// assert_eq!(record["pairs"][0]["code"], "pair_ports");
/// ```
#[derive(Debug)]
pub struct Pairs {
    specs: Vec<PdSpec>,
    bytes_left: usize,
    /// The first spec that exceeded the limit.
    left_out: Option<PdSpec>,
}

#[derive(Debug)]
struct PdSpec {
    config: PdL2AdapterConfig,
    /// The pointer of the object with its keys.
    inside: &'static str,
    source: String,
    is_file: bool,
    /// The document's index in the run.
    index: usize,
    start: Position,
    /// The places of [`COMPARED_KEYS`].
    keys: [Position; COMPARED_KEYS.len()],
}

impl PdSpec {
    /// The place at the start of a report's line.
    fn label(&self) -> String {
        format!("{}:{}:{}", self.source, self.start.line, self.start.column)
    }

    fn place(&self, key: &str) -> Position {
        let index = COMPARED_KEYS.iter().position(|compared| *compared == key);
        index.map_or(self.start, |index| self.keys[index])
    }
}

impl Pairs {
    /// Before the first spec. Those that are kept take some 16 MiB: one for which there is no room is reported.
    pub fn new() -> Self {
        Self::with_limit(BYTES_MAX)
    }

    fn with_limit(bytes_max: usize) -> Self {
        Self { specs: Vec::new(), bytes_left: bytes_max, left_out: None }
    }

    /// Adds a reported spec if it is valid, and of type `pd` or of our plug-in in LMCache. Its `text` begins at `start` of its source, which may be a file that
    /// other programs find by its name.
    pub fn add(&mut self, report: Report, is_file: bool, start: Position, text: &[u8]) {
        let may_be_pd = matches!(report.adapter_type, Some("pd" | "plugin"));
        if !may_be_pd || !report.is_valid() || self.left_out.is_some() {
            return;
        }
        let Ok(text) = str::from_utf8(text) else { return };
        let (source, index) = (report.source.clone(), report.index);
        let Ok(parsed) = report.into_parsed() else { return };
        let Some((config, inside)) = pd_config(&parsed.value) else { return };
        let marks = COMPARED_KEYS.map(|key| Fault::new(format!("{inside}/{key}"), FaultCode::Rule, ""));
        let positions = locate(text, &marks);
        let keys = std::array::from_fn(|index| positions[index].within(start));
        let spec = PdSpec { config, inside, source, is_file, index, start, keys };
        match self.bytes_left.checked_sub(text.len() + spec.source.len() + BYTES_OF_A_SPEC) {
            Some(bytes_left) => {
                self.bytes_left = bytes_left;
                self.specs.push(spec);
            }
            None => self.left_out = Some(spec),
        }
    }

    /// Compares the specs. With `environment_is_known` a secret is absent if the spec has none, although a variable could supply
    /// it elsewhere.
    pub fn misfits(mut self, environment_is_known: bool) -> Misfits {
        let labels: Vec<_> = self.specs.iter().map(PdSpec::label).collect();
        let nodes: Vec<_> =
            self.specs.iter().zip(&labels).map(|(spec, label)| Node { config: &spec.config, label }).collect();
        let mut found = misfits(&nodes, environment_is_known);
        if let Some(spec) = self.left_out {
            let message =
                format!("the comparison ends before this one: there is room for {}", counted(nodes.len(), "`pd` spec"));
            let (node, severity) = (self.specs.len(), Severity::Note);
            found.push(Misfit { code: PairCode::Limit, severity, node, key: "", other: None, message });
            self.specs.push(spec);
        }
        Misfits { found, specs: self.specs }
    }
}

/// The config of a node, and the pointer of the object with its keys. A `pd` of another crate has a config of another type.
fn pd_config(spec: &AdapterSpec) -> Option<(PdL2AdapterConfig, &'static str)> {
    spec.downcast_ref::<PdL2AdapterConfig>().map(|config| (config.clone(), "")).or_else(|| plugin_config(spec))
}

/// The same of our plug-in in LMCache.
#[cfg(feature = "lmcache-catalogue")]
fn plugin_config(spec: &AdapterSpec) -> Option<(PdL2AdapterConfig, &'static str)> {
    use crate::adapters::catalogue::plugin_l2_adapter::PluginL2AdapterConfig;

    Some((spec.downcast_ref::<PluginL2AdapterConfig>()?.pd_config()?, "/adapter_params"))
}

/// No build without the catalogue has the type `plugin`.
#[cfg(not(feature = "lmcache-catalogue"))]
fn plugin_config(_: &AdapterSpec) -> Option<(PdL2AdapterConfig, &'static str)> {
    None
}

impl Default for Pairs {
    fn default() -> Self {
        Self::new()
    }
}

/// The mismatches, with their specs.
#[derive(Debug)]
pub struct Misfits {
    found: Vec<Misfit>,
    specs: Vec<PdSpec>,
}

/// One thing that does not fit, with its place.
#[derive(Debug)]
pub(crate) struct PlacedMisfit<'a> {
    pub(crate) misfit: &'a Misfit,
    pub(crate) source: &'a str,
    pub(crate) is_file: bool,
    pub(crate) position: Position,
    inside: &'static str,
}

impl PlacedMisfit<'_> {
    /// The pointer of its key; empty where the spec as a whole is meant.
    pub(crate) fn pointer(&self) -> String {
        if self.misfit.key.is_empty() { String::new() } else { format!("{}/{}", self.inside, self.misfit.key) }
    }
}

impl Misfits {
    pub(crate) fn count(&self, severity: Severity) -> usize {
        self.found.iter().filter(|misfit| misfit.severity == severity).count()
    }

    pub(crate) fn placed(&self) -> impl Iterator<Item = PlacedMisfit<'_>> {
        self.found.iter().map(|misfit| {
            let spec = &self.specs[misfit.node];
            let PdSpec { source, is_file, inside, .. } = spec;
            PlacedMisfit { misfit, source, is_file: *is_file, position: spec.place(misfit.key), inside }
        })
    }

    /// An object for programs, with `ok` and `pairs`; `None` if everything fits.
    pub fn record(&self) -> Option<Value> {
        let pairs: Vec<_> = self.placed().map(|placed| self.pair(&placed)).collect();
        (!pairs.is_empty()).then(|| json!({"ok": self.count(Severity::Fault) == 0, "pairs": pairs}))
    }

    fn pair(&self, placed: &PlacedMisfit<'_>) -> Value {
        let PlacedMisfit { misfit, source, position: Position { line, column }, .. } = placed;
        let other = misfit.other.map(|other| {
            let PdSpec { source, index, start, .. } = &self.specs[other];
            json!({"source": source, "index": index, "line": start.line, "column": start.column})
        });
        json!({
            "source": source, "index": self.specs[misfit.node].index, "pointer": placed.pointer(),
            "code": misfit.code.as_str(), "severity": misfit.severity.as_str(), "message": misfit.message,
            "line": line, "column": column, "other": other,
        })
    }
}

#[cfg(test)]
mod tests {
    use l2_adapter_schema::{Context, Document, Target};

    use super::*;
    use crate::registry::global;

    fn add(pairs: &mut Pairs, text: &str) {
        let registry = global().unwrap();
        let context = Context::empty().with_adapters(registry.as_ref());
        let report = Report::of(Document::whole(text), "a.json", 0, Target::Unknown(context));
        pairs.add(report, true, Position::START, text.as_bytes());
    }

    #[test]
    fn specs_beyond_the_limit_are_not_kept_and_a_note_reports_it() {
        let specs = ["sender", "receiver"].map(|role| {
            let ports = r#""peer_init_port": [1], "peer_alloc_port": [2]"#;
            format!(r#"{{"type": "pd", "role": "{role}", "peer_host": "h", {ports}}}"#)
        });
        let needed: usize = specs.iter().map(|spec| spec.len() + "a.json".len() + BYTES_OF_A_SPEC).sum();
        for (limit, expected) in [(needed, &[][..]), (needed - 1, &[PairCode::Limit])] {
            let mut pairs = Pairs::with_limit(limit);
            specs.iter().for_each(|spec| add(&mut pairs, spec));
            let misfits = pairs.misfits(false);
            let codes: Vec<_> = misfits.found.iter().map(|misfit| misfit.code).collect();
            assert_eq!(codes, expected);
        }
    }

    #[test]
    fn only_valid_specs_of_pd_are_kept() {
        let mut pairs = Pairs::new();
        for text in ["{}", "nonsense", r#"{"type": "fs", "base_path": "/"}"#, r#"{"type": "pd", "role": "sender"}"#] {
            add(&mut pairs, text);
        }
        assert!(pairs.specs.is_empty(), "{pairs:?}");
    }
}
