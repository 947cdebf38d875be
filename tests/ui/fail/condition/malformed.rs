//! Conditions on another field that cannot be decided from the document alone.

use l2_adapter::{ConfigSection, Secret};

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// A mode.
    #[config(required, example = "a")]
    pub mode: String,
    /// A mode with another name.
    #[config(required, alias = "m", example = "a")]
    pub aliased: String,
    /// A mode that is computed.
    #[config(default_with = String::new, default_doc = "nothing")]
    pub computed: String,
    /// A mode from the environment.
    #[config(required, env = "MODE", example = "a")]
    pub of_environment: String,
    /// A mode that is rounded.
    #[config(required)]
    pub rounded: f64,
    /// A mode that is hidden.
    #[config(required, secret)]
    pub hidden: Secret<String>,
    /// A mode that may be absent.
    pub optional: Option<String>,
    /// A mode of a list.
    #[config(required, allowed = ["slow"])]
    pub listed: String,
    /// A limit.
    #[config(required, forbidden_unless(mode = "fast"))]
    pub forbids_required_field: u16,
    /// A limit.
    #[config(required_if(aliased = "fast"))]
    pub on_aliased_field: Option<u16>,
    /// A limit.
    #[config(forbidden_unless(computed = "fast"))]
    pub on_computed_field: Option<u16>,
    /// A limit.
    #[config(required_if(of_environment = "fast"))]
    pub on_environment_field: Option<u16>,
    /// A limit.
    #[config(required_if(on_itself = 5))]
    pub on_itself: Option<u16>,
    /// A limit.
    #[config(required, required_if(mode = "fast"))]
    pub on_required_field: u16,
    /// A limit.
    #[config(required_if(mode = absent))]
    pub on_absence_of_required_field: Option<u16>,
    /// A limit.
    #[config(forbidden_unless(mode = absent))]
    pub allows_only_absence_of_required_field: Option<u16>,
    /// A limit.
    #[config(required_if(optional = present))]
    pub on_presence: Option<u16>,
    /// A limit.
    #[config(required_if(mode = ["fast", "slow"]), forbidden_unless(mode = "fast"))]
    pub requires_what_another_forbids: Option<u16>,
    /// A limit.
    #[config(forbidden_unless(mode = "fast"), forbidden_unless(mode = "slow"))]
    pub allow_nothing: Option<u16>,
    /// A limit.
    #[config(required_if(rounded = 0.5))]
    pub on_rounded_field: Option<u16>,
    /// A limit.
    #[config(required_if(hidden = "fast"))]
    pub on_secret_field: Option<u16>,
    /// A limit.
    #[config(required_if(mode = "fast", on_two_fields = 5))]
    pub on_two_fields: Option<u16>,
    /// A limit.
    #[config(required_if(mod = "fast"))]
    pub on_unknown_field: Option<u16>,
    /// A limit.
    #[config(required_if(listed = "fast"))]
    pub value_not_allowed: Option<u16>,
    /// A limit.
    #[config(required_if(mode = 5))]
    pub value_of_wrong_type: Option<u16>,
    /// A limit.
    #[config(required_if(mode = ["slow", "fast"]), required_if(mode = "fast"))]
    pub given_twice: Option<u16>,
    /// A limit.
    #[config(required_if(mode = ["fast", "fast"]))]
    pub with_one_value_twice: Option<u16>,
    /// A limit.
    #[config(required_if(mode = []))]
    pub with_empty_list: Option<u16>,
    /// A limit.
    #[config(env = "LIMIT", required_if(mode = "fast"))]
    pub with_environment: Option<u16>,
    /// A limit.
    #[config(required_if(reason = "it is needed"))]
    pub without_field: Option<u16>,
    /// A limit.
    #[config(required_if(mode = "fast"))]
    pub without_option: u16,
    /// A limit.
    #[config(required_if(mode))]
    pub without_value: Option<u16>,
}

fn main() {}
