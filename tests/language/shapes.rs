//! Lists, maps, sections, unions, nested specs, free-form values, the rest of the keys, and structs that extend others.

use std::{collections::BTreeMap, ffi::OsString};

use l2_adapter::{AdapterSpec, CommonConfig, ConfigSection, ConfigUnion, Context, L2AdapterConfig, RuleError};
use serde_json::{Map, Value, json};

use crate::{accepted, message, object, refused, round_trips};

/// Shows containers.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "containers")]
struct Containers {
    /// Between one and three different ports.
    #[config(default = [80], min_items = 1, max_items = 3, unique, each(min = 1))]
    ports: Vec<u16>,
    /// Rows of numbers.
    #[config(default = [[1], [2, 3]], min_items = 1, each(min_items = 1, each(max = 9)))]
    rows: Vec<Vec<u8>>,
    /// Weights of hosts.
    #[config(default_with = BTreeMap::new, default_doc = "no weights")]
    #[config(max_items = 2, keys(pattern = "^[a-z]+$", max_length = 5), each(above = 0.0))]
    weights: BTreeMap<String, f64>,
    /// Lists that may have gaps.
    #[config(default = [])]
    gaps: Vec<Option<u16>>,
    /// Anything at all.
    #[config(default_with = Value::default, default_doc = "null")]
    anything: Value,
    /// Any object.
    free: Option<Map<String, Value>>,
    common: CommonConfig,
}

#[test]
fn a_list_has_faults_at_itself_and_at_each_item() {
    assert_eq!(refused::<Containers>(json!({"ports": []})), ["/ports item_count"]);
    assert_eq!(refused::<Containers>(json!({"ports": [1, 2, 3, 4]})), ["/ports item_count"]);
    assert_eq!(refused::<Containers>(json!({"ports": [1, 0, "2"]})), ["/ports/1 out_of_range", "/ports/2 wrong_type"]);
    assert_eq!(refused::<Containers>(json!({"ports": [1, 2, 1]})), ["/ports/2 repeated_item"]);
    assert_eq!(refused::<Containers>(json!({"ports": "80"})), ["/ports wrong_type"]);
    accepted::<Containers>(json!({"ports": [1, 2, 3]}));
}

#[test]
fn rules_apply_in_nested_lists() {
    assert_eq!(refused::<Containers>(json!({"rows": [[], [1, 10]]})), ["/rows/0 item_count", "/rows/1/1 out_of_range"]);
    assert_eq!(accepted::<Containers>(json!({})).rows, [vec![1], vec![2, 3]]);
}

#[test]
fn a_map_has_rules_on_its_size_keys_and_values() {
    let config: Containers = accepted(json!({"weights": {"a": 0.5, "b": 1}}));
    assert_eq!(config.weights["b"], 1.0);
    round_trips(&config);
    // Keys are in alphabetic order, here and below, so that the order of faults does not depend on serde_json's features.
    let faults = refused::<Containers>(json!({"weights": {"A": 1, "c": 0, "toolong": 1}}));
    assert_eq!(
        faults,
        ["/weights item_count", "/weights/A pattern", "/weights/c out_of_range", "/weights/toolong length"]
    );
    assert_eq!(refused::<Containers>(json!({"weights": [1]})), ["/weights wrong_type"]);
}

#[test]
fn items_may_be_null_if_they_are_options() {
    assert_eq!(accepted::<Containers>(json!({"gaps": [1, null]})).gaps, [Some(1), None]);
}

#[test]
fn free_form_values_are_passed_on_unchanged() {
    let config: Containers = accepted(json!({"anything": [1, {"a": null}], "free": {"b": [true]}}));
    assert_eq!(config.anything, json!([1, {"a": null}]));
    assert_eq!(config.free, Some(Map::from_iter([("b".to_owned(), json!([true]))])));
    round_trips(&config);
    assert_eq!(refused::<Containers>(json!({"free": []})), ["/free wrong_type"]);
}

/// A window of time.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
pub(crate) struct Window {
    /// When it begins.
    #[config(required)]
    start: u32,
    /// When it ends.
    #[config(default_from = start)]
    end: u32,
    /// Windows inside it.
    #[config(default = [])]
    inner: Vec<Window>,
}

/// Where chunks are kept.
#[derive(Debug, Clone, PartialEq, ConfigUnion)]
#[config(tag = "kind")]
enum Place {
    /// Nowhere.
    Nowhere,
    /// In a file.
    File(FilePlace),
    /// In a window of time.
    #[config(name = "TIME")]
    Time(Window),
}

/// A file.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
struct FilePlace {
    /// Its path.
    #[config(required, not_blank, example = "/cache")]
    path: String,
}

/// Shows nesting.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "nesting")]
struct Nesting {
    /// One window.
    window: Option<Window>,
    /// Windows by name.
    #[config(default_with = BTreeMap::new, default_doc = "none")]
    windows: BTreeMap<String, Window>,
    /// A place.
    place: Option<Place>,
    /// Places.
    #[config(default = [])]
    places: Vec<Place>,
    /// Another adapter.
    inner: Option<AdapterSpec>,
    common: CommonConfig,
}

#[test]
fn a_section_is_read_like_a_config_and_refuses_unknown_keys() {
    let config: Nesting = accepted(json!({"window": {"start": 5}}));
    assert_eq!(config.window, Some(Window { start: 5, end: 5, inner: vec![] }));
    let faults = refused::<Nesting>(json!({"window": {"strt": 5}, "windows": {"a": {"start": "5"}}}));
    assert_eq!(faults, ["/window/start missing", "/window/strt unknown_key", "/windows/a/start wrong_type"]);
    assert_eq!(refused::<Nesting>(json!({"window": [5]})), ["/window wrong_type"]);
}

#[test]
fn a_section_may_contain_itself() {
    let config: Nesting = accepted(json!({"window": {"start": 1, "inner": [{"start": 2, "inner": [{"start": 3}]}]}}));
    round_trips(&config);
    let faults = refused::<Nesting>(json!({"window": {"start": 1, "inner": [{"start": 2, "inner": [{}]}]}}));
    assert_eq!(faults, ["/window/inner/0/inner/0/start missing"]);
}

#[test]
fn a_union_is_read_by_its_tag() {
    let place = |document| accepted::<Nesting>(json!({"place": document})).place;
    assert_eq!(place(json!({"kind": "nowhere"})), Some(Place::Nowhere));
    assert_eq!(place(json!({"path": "a", "kind": "file"})), Some(Place::File(FilePlace { path: "a".to_owned() })));
    assert_eq!(place(json!(null)), None);
    let config: Nesting = accepted(json!({"places": [{"kind": "nowhere"}, {"kind": "TIME", "start": 1}]}));
    round_trips(&config);
    assert_eq!(config.to_dict()["places"][1]["kind"], "TIME");
}

#[test]
fn a_union_refuses_keys_that_do_not_belong_to_its_tag() {
    let faults = |document| refused::<Nesting>(json!({"place": document}));
    assert_eq!(faults(json!({})), ["/place/kind missing"]);
    assert_eq!(faults(json!({"kind": 5})), ["/place/kind wrong_type"]);
    assert_eq!(faults(json!({"kind": "time"})), ["/place/kind not_allowed"]);
    assert_eq!(faults(json!({"kind": "file"})), ["/place/path missing"]);
    assert_eq!(
        faults(json!({"kind": "file", "path": " ", "start": 5})),
        ["/place/path blank", "/place/start unknown_key"]
    );
    assert_eq!(faults(json!({"kind": "nowhere", "path": "a"})), ["/place/path unknown_key"]);
    assert_eq!(faults(json!("nowhere")), ["/place wrong_type"]);
    let message = |document| message::<Nesting>(json!({"place": document}));
    assert_eq!(
        message(json!({"kind": "nowhere", "path": "a"})),
        r#"`path` is not a key of `place` where `kind` is "nowhere"; it is one where `kind` is "file""#
    );
    assert_eq!(
        message(json!({"kind": "file", "path": "a", "colour": 1})),
        r#"`colour` is not a key of `place` where `kind` is "file""#
    );
    // A section inside a variant is not a variant.
    assert_eq!(
        message(json!({"kind": "TIME", "start": 1, "inner": [{"start": 2, "path": "a"}]})),
        "`path` is not a key of `inner[0]`"
    );
}

#[test]
fn a_nested_spec_is_of_any_registered_type() {
    let config: Nesting = accepted(json!({"inner": {"type": "nesting", "inner": {"type": "containers"}}}));
    let inner = config.inner.as_ref().and_then(|spec| spec.downcast_ref::<Nesting>()).expect("a Nesting");
    assert_eq!(inner.inner.as_ref().map(AdapterSpec::type_name), Some("containers"));
    round_trips(&config);
    let faults = refused::<Nesting>(json!({"inner": {"type": "containers", "ports": 5}}));
    assert_eq!(faults, ["/inner/ports wrong_type"]);
}

/// Shows undeclared keys.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "rest")]
struct Others {
    /// Weights of hosts.
    #[config(rest, min_items = 1, keys(max_length = 5), each(above = 0.0))]
    weights: BTreeMap<String, f64>,
    common: CommonConfig,
}

#[test]
fn undeclared_keys_are_a_map_with_rules() {
    let config: Others = accepted(json!({"type": "rest", "shared": true, "a": 1, "b": 0.5}));
    assert_eq!(config.weights, BTreeMap::from([("a".to_owned(), 1.0), ("b".to_owned(), 0.5)]));
    round_trips(&config);
    assert_eq!(refused::<Others>(json!({"type": "rest", "shared": true})), [" item_count"]);
    assert_eq!(refused::<Others>(json!({"b": 0, "toolong": 1})), ["/b out_of_range", "/toolong length"]);
}

/// Keys of every store.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
#[config(rule(name = "some_room", doc = "There is room.", reads(room), check = some_room))]
struct Store {
    /// How much fits in.
    #[config(required, alias = "size")]
    room: u64,
    /// Options of the store.
    #[config(rest, keys(not_blank), each(max = 9))]
    options: BTreeMap<String, u16>,
}

fn some_room(room: &u64) -> Result<(), String> {
    if *room > 0 { Ok(()) } else { Err("must not be 0".to_owned()) }
}

/// A store in a folder.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "folder-store")]
struct FolderStore {
    #[config(extends)]
    store: Store,
    /// Where.
    #[config(required, example = "/cache")]
    folder: String,
    common: CommonConfig,
}

/// A store in a folder on another machine.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "remote-store", forbidden(key = "port", reason = "the machine says which"))]
struct RemoteStore {
    #[config(extends)]
    folder_store: FolderStore,
    /// Which machine.
    #[config(required, example = "10.0.0.7")]
    machine: String,
}

#[test]
fn an_undeclared_key_close_to_a_declared_one_has_a_warning() {
    let document = json!({"shard": 1, "far": 2});
    let warnings = Others::parse(document.as_object().unwrap(), &Context::empty()).unwrap().warnings;
    let found: Vec<_> = warnings.iter().map(|warning| format!("{} {}", warning.code, warning.message)).collect();
    assert_eq!(found, ["near_key `shard` is passed on unchanged; did you mean `shared`?"]);
}

#[test]
fn faults_of_an_extending_struct_have_the_usual_order() {
    let document = json!({"room": 0, "shared": "yes", "port": 1});
    assert_eq!(
        refused::<RemoteStore>(document),
        ["/folder missing", "/machine missing", "/shared wrong_type", "/room rule", "/port forbidden_key"]
    );
}

#[test]
fn rules_and_aliases_of_the_base_apply() {
    assert_eq!(accepted::<FolderStore>(json!({"size": 5, "folder": "a"})).store.room, 5);
    assert_eq!(refused::<FolderStore>(json!({"room": 0, "folder": "a"})), ["/room rule"]);
}

/// Has lists that may contain `null`.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "nulls")]
struct Nulls {
    /// Flags.
    #[config(required, unique, min_items = 3, example = [true, false, null])]
    flags: Vec<Option<bool>>,
    /// Numbers.
    #[config(required, unique, min_items = 3, each(allowed = [1, 2]), example = [1, 2, null])]
    numbers: Vec<Option<u8>>,
    common: CommonConfig,
}

#[test]
fn null_may_not_be_repeated_among_unique_items() {
    let config: Nulls = accepted(json!({"flags": [true, null, false], "numbers": [null, 1, 2]}));
    round_trips(&config);
    assert_eq!(refused::<Nulls>(json!({"flags": [true, null, null], "numbers": [1, 2]})).len(), 2);
}

#[test]
fn a_rule_points_at_a_key_of_the_base_under_the_given_name() {
    let faults = |document, lookup: &dyn Fn(&str) -> Option<OsString>| {
        let context = Context::empty().with_environment(&lookup);
        let error = Roomy::parse(&object(document), &context).expect_err("refused");
        error.faults.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(faults(json!({"size": 5}), &|_| None), ["/size: `size` must differ from `other`"]);
    let five = |name: &str| (name == "SHAPES_ROOM").then(|| "5".into());
    assert_eq!(
        faults(json!({}), &five),
        ["/room: `room`, from the environment variable SHAPES_ROOM, must differ from `other`"]
    );
}

/// Has a rule that points at a key of its base's base.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "roomy", rule(name = "differ", doc = "They differ.", reads(base, other), check = differ))]
struct Roomy {
    #[config(extends)]
    base: Room,
    /// Something else.
    #[config(default = 5, alias = "others")]
    other: u8,
    common: CommonConfig,
}

/// Has a forbidden key and another name before the keys of its base.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
#[config(forbidden(key = "hall", reason = "there is none"))]
struct Room {
    #[config(extends)]
    base: InnerRoom,
    /// A door.
    #[config(default = 1, alias = "gate", alias = "entry")]
    door: u8,
}

/// Has a room.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
struct InnerRoom {
    /// A window.
    #[config(default = 1, alias = "pane")]
    window: u8,
    /// A room.
    #[config(env = "SHAPES_ROOM", alias = "size")]
    room: Option<u8>,
}

fn differ(base: &Room, other: &u8) -> Result<(), RuleError> {
    if base.base.room == Some(*other) { Err(RuleError::new("must differ from `other`").at("room")) } else { Ok(()) }
}

#[test]
fn undeclared_keys_of_the_base_are_those_that_neither_struct_declares() {
    let document = json!({"type": "folder-store", "room": 5, "folder": "a", "depth": 3, "affinity_tag": "b"});
    let config: FolderStore = accepted(document);
    assert_eq!(config.store.options, BTreeMap::from([("depth".to_owned(), 3)]));
    round_trips(&config);
    let faults = refused::<FolderStore>(json!({" ": 1, "room": 5, "folder": "a", "x": 10, "y": "b"}));
    assert_eq!(faults, ["/  blank", "/x out_of_range", "/y wrong_type"]);
}

#[test]
fn extending_an_adapter_config_brings_its_common_keys() {
    let document = json!({
        "type": "remote-store", "room": 5, "folder": "a", "machine": "b", "depth": 3,
        "eviction": {"eviction_policy": "LRU"},
    });
    let config: RemoteStore = accepted(document);
    assert!(config.eviction_config().is_some());
    assert_eq!(config.folder_store.store.options.len(), 1);
    round_trips(&config);
    assert_eq!(refused::<RemoteStore>(json!({})), ["/room missing", "/folder missing", "/machine missing"]);
    let faults = refused::<RemoteStore>(json!({"room": 5, "folder": "a", "machine": "b", "port": 3}));
    assert_eq!(faults, ["/port forbidden_key"]);
}
