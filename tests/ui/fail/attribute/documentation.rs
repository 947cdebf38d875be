//! Every struct, enum, field and variant has documentation that is not blank.

use l2_adapter::{ConfigChoice, ConfigSection};

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    ///
    #[config(required)]
    pub blank_doc_comment: u16,

    /// A limit.
    #[config(required, doc = "")]
    pub empty_doc: u16,

    /// A limit.
    #[doc(hidden)]
    #[config(required)]
    pub hidden: u16,

    #[config(required)]
    pub undocumented_field: u16,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct RestUndocumented {
    #[config(rest)]
    pub rest: std::collections::BTreeMap<String, String>,
}

#[derive(Debug, ConfigChoice)]
pub enum UndocumentedChoice {
    /// Red.
    Red,
}

#[derive(Debug, ConfigSection)]
pub struct UndocumentedStruct {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

/// A colour.
#[derive(Debug, ConfigChoice)]
pub enum UndocumentedVariant {
    /// Red.
    Red,
    Blue,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct FieldWithBlankDocumentation {
    #[config(required, doc = " ")]
    pub limit: u16,
}

#[derive(Debug, ConfigSection)]
#[config(doc = "")]
pub struct SectionWithEmptyDocumentation {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

/// A colour.
#[derive(Debug, ConfigChoice)]
pub enum VariantWithEmptyDocumentation {
    #[config(doc = "")]
    Red,
}

fn main() {}
