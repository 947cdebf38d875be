//! Every struct, enum, field and variant has documentation that is not blank.

use l2_adapter::{ConfigChoice, ConfigSection};

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    ///
    #[config(required)]
    pub blank_doc_comment: u16,
    #[config(required, doc = " ")]
    pub blank_doc: u16,
    /// A limit.
    #[config(required, doc = "")]
    pub empty_doc: u16,
    /// A limit.
    #[doc(hidden)]
    #[config(required)]
    pub hidden: u16,
    #[config(required)]
    pub undocumented_field: u16,
    #[config(rest)]
    pub undocumented_rest: std::collections::BTreeMap<String, String>,
}

#[derive(Debug, ConfigChoice)]
pub enum UndocumentedChoice {
    Undocumented,
    #[config(doc = "")]
    EmptyDocumentation,
}

#[derive(Debug, ConfigSection)]
pub struct UndocumentedStruct {}

#[derive(Debug, ConfigSection)]
#[config(doc = "")]
pub struct SectionWithEmptyDocumentation {}

fn main() {}
