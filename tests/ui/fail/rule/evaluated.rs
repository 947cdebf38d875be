//! Rules that are wrong for a type that only the compiler knows.

use l2_adapter::ConfigSection;

/// A colour.
#[derive(Debug, l2_adapter::ConfigChoice)]
pub enum Colour {
    /// Red.
    Red,
    /// Blue.
    Blue,
}

type Port = u16;

type Ports = std::collections::BTreeMap<String, u16>;

const LEAST: u16 = 5;
const MOST: u16 = 4;

/// Inner.
#[derive(Debug, ConfigSection)]
pub struct Inner {}

/// A colour.
#[derive(Debug, l2_adapter::ConfigChoice)]
#[config(ignore_case)]
pub enum AnyCaseColour {
    /// Red.
    Red,
    /// Blue.
    Blue,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// A limit.
    #[config(required, allowed = ["red"])]
    pub allowed_on_choice: Colour,
    /// A limit.
    #[config(required, max = 65536)]
    pub bound_outside_type_of_alias: Port,
    /// A limit.
    #[config(required, min = 0.5)]
    pub bound_with_fraction_on_alias: Port,
    /// A limit.
    #[config(required, min = LEAST, max = MOST)]
    pub constant_bounds_cross: u16,
    /// A limit.
    #[config(required, each(min = 1))]
    pub each_of_wrong_kind_for_choice: Vec<Colour>,
    /// A limit.
    #[config(required, exists = file)]
    pub exists_on_alias_of_integer: Port,
    /// A limit.
    #[config(required, min_length = 1)]
    pub min_length_on_section: Inner,
    /// A limit.
    #[config(required, below = 0)]
    pub no_integer_below_the_type_of_alias: Port,
    /// A limit.
    #[config(required, each(min = 4, max = 5, multiple_of = 3))]
    pub no_multiple_in_the_range_of_alias: Vec<Port>,
    /// A limit.
    #[config(required, min = 1)]
    pub range_on_choice: Colour,
    /// A limit.
    #[config(required, unique)]
    pub unique_on_choices_that_ignore_case: Vec<AnyCaseColour>,
    /// A limit.
    #[config(unique, min_items = 3)]
    pub unique_on_too_few_choices: Option<Vec<Colour>>,
    /// A limit.
    #[config(keys(allowed = ["a"]), min_items = 2)]
    pub too_few_keys_of_alias: Option<Ports>,
    /// A limit.
    #[config(required, unique)]
    pub unique_on_sections: Vec<Inner>,
    /// A limit.
    #[config(required, allowed = [true])]
    pub allowed_on_alias_of_boolean: Flag,
    /// A limit.
    #[config(required, allowed = [1, true])]
    pub allowed_boolean_on_alias_of_integer: Port,
    /// A limit.
    #[config(required, allowed = [LEAST, MOST], max = 4)]
    pub allowed_constants_of_which_one_breaks_a_rule: u16,
    /// A limit.
    #[config(required, each(allowed = [LEAST], min = 8000))]
    pub allowed_constant_breaks_a_rule_of_items: Vec<u16>,
    /// A text.
    #[config(required, example = "a", unit = bytes)]
    pub unit_on_alias_of_string: Text,
    /// A ratio.
    #[config(default = 1.5)]
    pub ratio: Ratio,
    /// A limit.
    #[config(required_if(ratio = 1.5))]
    pub condition_on_alias_of_float: Option<u16>,
}

type Flag = bool;
type Ratio = f64;
type Text = String;

fn main() {}
