//! Which versions of the peer have a key, a value or a rule.

use l2_adapter_rules::Versions;

use super::rules::leaked;
use crate::{
    errors::Errors,
    model::{CheckedVersions, RawField, RawVersions},
};

/// Checks the ends of a range. One that makes no sense is reported, and counts as all versions.
pub(super) fn check_versions(raw: &RawVersions, errors: &Errors) -> CheckedVersions {
    let ends = [&raw.since, &raw.until].map(|end| end.as_ref().map(|end| (leaked(&end.value), &end.tokens)));
    let [since, until] = ends.map(|end| end.map(|(text, _)| text));
    // Each end by itself, then both: what is wrong is reported where it is written.
    let alone = ends.into_iter().flatten().map(|(text, tokens)| (Versions::between(Some(text), None), tokens));
    let both = ends[1].map(|(_, tokens)| (Versions::between(since, until), tokens));
    let refused = alone.chain(both).find_map(|(range, tokens)| range.err().map(|why| (why, tokens)));
    if let Some((why, tokens)) = refused {
        errors.on(tokens, why);
        return CheckedVersions::ALL;
    }
    match Versions::between(since, until) {
        Ok(versions) => CheckedVersions { versions, since, until },
        Err(_) => CheckedVersions::ALL,
    }
}

/// Checks the versions of a key. A version that lacks it must be able to do without: its value is then that of an absent key, and a
/// config that is written out must be able to leave it out.
pub(super) fn check_key_versions(field: &RawField, optional: bool, errors: &Errors) -> CheckedVersions {
    let attributes = &field.attributes;
    let checked = check_versions(&attributes.versions, errors);
    if let Some(end) = attributes.versions.since.as_ref().or(attributes.versions.until.as_ref())
        && !attributes.is_damaged
        && !optional
        && attributes.default.is_none()
    {
        errors.on(
            &end.tokens,
            "a key that some versions lack is an `Option` or has `default = ...`: there it is absent, and left out where a \
             config is written",
        );
    }
    checked
}
