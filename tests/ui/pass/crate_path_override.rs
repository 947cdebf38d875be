//! The crate under another name.

extern crate l2_adapter as adapters;

mod l2_adapter {}

use adapters::{CommonConfig, ConfigChoice, ConfigSection, ConfigUnion, L2AdapterConfig};

/// Found elsewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "elsewhere", crate = adapters)]
struct Elsewhere {
    /// A section.
    section: Option<Section>,
    /// A place.
    place: Option<Place>,
    common: CommonConfig,
}

/// A section.
#[derive(Debug, ConfigSection)]
#[config(crate = adapters)]
struct Section {
    /// A colour.
    #[config(default = "red")]
    colour: Colour,
}

/// A place.
#[derive(Debug, ConfigUnion)]
#[config(tag = "kind", crate = adapters)]
enum Place {
    /// Here.
    Here(Section),
}

/// A colour.
#[derive(Debug, ConfigChoice)]
#[config(crate = adapters)]
enum Colour {
    /// Red.
    Red,
}

fn main() {
    let config = Elsewhere::from_str(r#"{"section": {}, "place": {"kind": "here"}}"#).unwrap();
    assert!(config.section.is_some_and(|section| section.colour == "red"));
    assert!(matches!(config.place, Some(Place::Here(Section { colour: Colour::Red }))));
    assert!(!config.common.shared);
}
