//! What only the compiler expands: documentation by macros and constants, and `Self`.

use l2_adapter::{ConfigChoice, ConfigSection};

const ABOUT_THE_PORT: &str = "Where to listen.";

macro_rules! about {
    ($what:literal) => {
        concat!("How many ", $what, " there are.")
    };
}

#[doc = include_str!("documentation.md")]
#[derive(Debug, ConfigSection)]
struct Limits {
    /// A tree of these.
    ///
    #[doc = concat!("At most ", 9, " of them.")]
    #[config(max_items = 9)]
    children: Option<Vec<Self>>,
    #[config(default = Self::SIZE, doc = about!("bytes"))]
    size: u8,
    #[config(required, doc = ABOUT_THE_PORT)]
    port: u16,
}

impl Limits {
    const SIZE: u8 = 4;
}

/// A colour.
#[derive(Debug, PartialEq, ConfigChoice)]
enum Colour {
    #[doc = about!("reds")]
    Red,
}

/// Colours.
#[derive(Debug, ConfigSection)]
#[config(rule(name = "reds", doc = about!("reds"), reads(colour), check = red))]
struct Colours {
    /// A colour.
    #[config(required)]
    colour: Colour,
}

fn red(colour: &Colour) -> Result<(), String> {
    if *colour == Colour::Red { Ok(()) } else { Err("must be red".to_owned()) }
}

fn main() {
    use l2_adapter::schema::Section;

    let table = Limits::table();
    assert_eq!(table.doc, "Limits of a node.");
    assert_eq!(table.fields[0].doc, "A tree of these.\n\nAt most 9 of them.");
    assert_eq!(table.fields[1].doc, "How many bytes there are.");
    assert_eq!(table.fields[2].doc, ABOUT_THE_PORT);
    assert_eq!(Colours::table().rules[0].doc, "How many reds there are.");
    let l2_adapter::Kind::Choice(choices) = Colours::table().fields[0].kind else { panic!("a choice") };
    assert_eq!(choices.variants[0].doc, "How many reds there are.");
}
