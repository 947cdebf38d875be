//! Test assertions about a config type beyond the compiler's checks.

use l2_adapter_schema::{ConfigError, Secrets, Section, parse_silently, section_json, unsound};
use serde_json::{Map, Value};

use crate::registry::GlobalTypes;

/// Asserts what the compiler cannot check of a config type or a section: that the examples and defaults of every key, also of
/// nested sections, are accepted, that no computed default violates a rule, that the written form of a parsed config is read
/// again as the same, and that nothing inside a secret lists values.
///
/// ```standalone_crate
/// use l2_adapter::{ConfigSection, assert_sound};
///
/// /// A retry.
/// #[derive(Debug, ConfigSection)]
/// struct Retry {
///     /// How often.
///     #[config(default = 3, max = 9)]
///     times: u8,
/// }
///
/// assert_sound::<Retry>();
/// ```
///
/// # Panics
///
/// With one line for each mistake.
#[track_caller]
pub fn assert_sound<T: Section>() {
    let tag = T::table().adapter.map(|name| ("type", name));
    let parse = |map: &Map<String, Value>, secrets: Secrets| -> Result<Map<String, Value>, ConfigError> {
        parse_silently::<T>(map, &GlobalTypes::CONTEXT).map(|config| section_json(&config, tag, secrets))
    };
    let found = unsound(T::table(), &parse);
    assert!(found.is_empty(), "`{}` is not sound:\n{}", T::table().name, found.join("\n"));
}
