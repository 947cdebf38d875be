//! Conditions on another field that cannot be decided from the document alone.

use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct ConditionForbidsRequiredField {
    /// The mode.
    #[config(required, example = "a")]
    pub mode: String,
    /// The limit.
    #[config(required, forbidden_unless(mode = "fast"))]
    pub limit: u16,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct ConditionOnAliasedField {
    /// The mode.
    #[config(required, alias = "m", example = "a")]
    pub mode: String,
    /// The limit.
    #[config(required_if(mode = "fast"))]
    pub limit: Option<u16>,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct ConditionOnComputedField {
    /// The mode.
    #[config(default_with = String::new, default_doc = "nothing")]
    pub mode: String,
    /// The limit.
    #[config(forbidden_unless(mode = "fast"))]
    pub limit: Option<u16>,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct ConditionOnEnvironmentField {
    /// The mode.
    #[config(required, env = "MODE", example = "a")]
    pub mode: String,
    /// The limit.
    #[config(required_if(mode = "fast"))]
    pub limit: Option<u16>,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct ConditionOnItself {
    /// The mode.
    #[config(required, example = "a")]
    pub mode: String,
    /// The limit.
    #[config(required_if(limit = 5))]
    pub limit: Option<u16>,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct ConditionOnRequiredField {
    /// The mode.
    #[config(required, example = "a")]
    pub mode: String,
    /// The limit.
    #[config(required, required_if(mode = "fast"))]
    pub limit: u16,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct ConditionOnAbsenceOfRequiredField {
    /// The mode.
    #[config(required, example = "a")]
    pub mode: String,
    /// The limit.
    #[config(required_if(mode = absent))]
    pub limit: Option<u16>,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct ConditionAllowsOnlyAbsenceOfRequiredField {
    /// The mode.
    #[config(required, example = "a")]
    pub mode: String,
    /// The limit.
    #[config(forbidden_unless(mode = absent))]
    pub limit: Option<u16>,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct ConditionOnPresence {
    /// The mode.
    pub mode: Option<String>,
    /// The limit.
    #[config(required_if(mode = present))]
    pub limit: Option<u16>,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct ConditionRequiresWhatAnotherForbids {
    /// The mode.
    #[config(required, example = "a")]
    pub mode: String,
    /// The limit.
    #[config(required_if(mode = ["fast", "slow"]), forbidden_unless(mode = "fast"))]
    pub limit: Option<u16>,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct ConditionsThatAllowNothing {
    /// The mode.
    #[config(required, example = "a")]
    pub mode: String,
    /// The limit.
    #[config(forbidden_unless(mode = "fast"), forbidden_unless(mode = "slow"))]
    pub limit: Option<u16>,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct ConditionOnRoundedField {
    /// The mode.
    #[config(required)]
    pub mode: f64,
    /// The limit.
    #[config(required_if(mode = 0.5))]
    pub limit: Option<u16>,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct ConditionOnSecretField {
    /// The mode.
    #[config(required, secret)]
    pub mode: l2_adapter::Secret<String>,
    /// The limit.
    #[config(required_if(mode = "fast"))]
    pub limit: Option<u16>,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct ConditionOnTwoFields {
    /// The mode.
    #[config(required, example = "a")]
    pub mode: String,
    /// The limit.
    #[config(required_if(mode = "fast", limit = 5))]
    pub limit: Option<u16>,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct ConditionOnUnknownField {
    /// The mode.
    #[config(required, example = "a")]
    pub mode: String,
    /// The limit.
    #[config(required_if(mod = "fast"))]
    pub limit: Option<u16>,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct ConditionValueNotAllowed {
    /// The mode.
    #[config(required, allowed = ["slow"])]
    pub mode: String,
    /// The limit.
    #[config(required_if(mode = "fast"))]
    pub limit: Option<u16>,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct ConditionValueOfWrongType {
    /// The mode.
    #[config(required, example = "a")]
    pub mode: String,
    /// The limit.
    #[config(required_if(mode = 5))]
    pub limit: Option<u16>,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct ConditionGivenTwice {
    /// The mode.
    #[config(required, example = "a")]
    pub mode: String,
    /// The limit.
    #[config(required_if(mode = ["slow", "fast"]), required_if(mode = "fast"))]
    pub limit: Option<u16>,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct ConditionWithOneValueTwice {
    /// The mode.
    #[config(required, example = "a")]
    pub mode: String,
    /// The limit.
    #[config(required_if(mode = ["fast", "fast"]))]
    pub limit: Option<u16>,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct ConditionWithEmptyList {
    /// The mode.
    #[config(required, example = "a")]
    pub mode: String,
    /// The limit.
    #[config(required_if(mode = []))]
    pub limit: Option<u16>,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct ConditionWithEnvironment {
    /// The mode.
    #[config(required, example = "a")]
    pub mode: String,
    /// The limit.
    #[config(env = "LIMIT", required_if(mode = "fast"))]
    pub limit: Option<u16>,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct ConditionWithoutField {
    /// The mode.
    #[config(required, example = "a")]
    pub mode: String,
    /// The limit.
    #[config(required_if(reason = "it is needed"))]
    pub limit: Option<u16>,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct ConditionWithoutOption {
    /// The mode.
    #[config(required, example = "a")]
    pub mode: String,
    /// The limit.
    #[config(required_if(mode = "fast"))]
    pub limit: u16,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct ConditionWithoutValue {
    /// The mode.
    #[config(required, example = "a")]
    pub mode: String,
    /// The limit.
    #[config(required_if(mode))]
    pub limit: Option<u16>,
}

fn main() {}
