//! Every rule of every field decides by itself, in the parser and in the schema.

use l2_adapter::registry;
use l2_adapter_agreement::Agreement;

use crate::shown;

/// The errors of a type: a rule that does not matter, or one that no generator can guess and no document violates.
fn objection(agreement: &Agreement) -> Option<String> {
    match agreement.probe_every_rule() {
        Ok(rules) if rules.without_example.is_empty() => None,
        Ok(rules) => Some(format!("rules without a document that violates them: {:?}", rules.without_example)),
        Err(disagreement) => Some(disagreement.to_string()),
    }
}

#[test]
fn every_rule_of_every_registered_type_decides_by_itself() {
    let registry = registry::global().unwrap();
    let errors: Vec<_> = registry
        .names()
        .into_iter()
        .filter_map(|name| {
            let agreement = shown::rules(name, Agreement::of_registered(registry.look_up(name).unwrap()));
            objection(&agreement).map(|objection| format!("{name}: {objection}"))
        })
        .collect();
    assert!(errors.is_empty(), "{}", errors.join("\n\n"));
}

#[test]
fn every_rule_of_a_version_decides_by_itself_in_that_version() {
    let registry = registry::global().unwrap();
    let mut errors = Vec::new();
    for (name, peer) in shown::in_each_version() {
        let agreement = Agreement::of_registered(registry.look_up(name).unwrap()).for_peer(peer);
        errors.extend(objection(&shown::rules(name, agreement)).map(|why| format!("{name} for {peer}: {why}")));
    }
    assert!(errors.is_empty(), "{}", errors.join("\n\n"));
}

#[test]
fn every_rule_of_a_nested_spec_decides_by_itself() {
    assert_eq!(objection(&Agreement::of_specs()), None);
}
