//! Every rule of every field decides by itself, in the parser and in the schema.

use l2_adapter::registry;
use l2_adapter_agreement::Agreement;

use crate::shown;

/// Every rule flips, and those that no generator can guess were shown.
fn objection(agreement: &Agreement) -> Option<String> {
    match agreement.flip_every_rule() {
        Ok(flips) if flips.wanting.is_empty() => None,
        Ok(flips) => Some(format!("rules without a document that shows them: {:?}", flips.wanting)),
        Err(disagreement) => Some(disagreement.to_string()),
    }
}

#[test]
fn every_rule_of_every_registered_type_flips() {
    let registry = registry::global().unwrap();
    let objections: Vec<_> = registry
        .names()
        .into_iter()
        .filter_map(|name| {
            let agreement = shown::rules(name, Agreement::of_registered(registry.look_up(name).unwrap()));
            objection(&agreement).map(|objection| format!("{name}: {objection}"))
        })
        .collect();
    assert!(objections.is_empty(), "{}", objections.join("\n\n"));
}

#[test]
fn every_rule_of_a_nested_spec_flips() {
    assert_eq!(objection(&Agreement::of_specs()), None);
}
