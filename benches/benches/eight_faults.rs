//! A document with eight faults: all of them, with suggestions, compared with the findings of the peers.

use l2_adapter::{L2AdapterConfig as _, adapters::pd_l2_adapter::PdL2AdapterConfig};
use l2_adapter_benches::{
    Side, compare, documents,
    peers::SerdePd,
    peers_deserr::{DeserrPd, Faults},
    print,
};
use serde::Deserialize as _;
use serde_json::Value;

#[expect(clippy::print_stdout, reason = "the counts belong to the measurement")]
fn main() {
    let map = documents::eight_faults();
    let value = Value::Object(map.clone());
    let schema = PdL2AdapterConfig::json_schema();
    let Ok(validator) = jsonschema::validator_for(schema.as_value()) else {
        println!("jsonschema refused our schema");
        return;
    };
    let ours = || PdL2AdapterConfig::from_dict(&map).map_or_else(|error| error.faults.len(), |_| 0);
    let serde = || usize::from(SerdePd::deserialize(&value).is_err());
    let deserr =
        || deserr::deserialize::<DeserrPd, _, Faults>(value.clone()).map_or_else(|faults| faults.0.len(), |_| 0);
    let jsonschema = || validator.iter_errors(&value).filter(|error| !error.to_string().is_empty()).count();
    println!("faults found: ours {}, deserr {}, jsonschema {}, serde {}", ours(), deserr(), jsonschema(), serde());
    let measured = compare(&mut [
        Side::new("from_dict, all faults and suggestions", ours),
        Side::new("deserr, gathering (takes a clone)", deserr),
        Side::new("jsonschema, all errors as text", jsonschema),
        Side::new("serde, the first error", serde),
        Side::new("a clone of the document", || value.clone()),
    ]);
    print("One pd document with eight faults", &measured);
}
