//! A valid document: `from_dict` with every check, compared with serde without checks, and with serde and garde.

use garde::Validate as _;
use l2_adapter::{L2AdapterConfig as _, adapters::pd_l2_adapter::PdL2AdapterConfig};
use l2_adapter_benches::{Side, compare, documents, peers::SerdePd, print};
use serde::Deserialize as _;
use serde_json::Value;

fn main() {
    let map = documents::sender();
    let value = Value::Object(map.clone());
    let parsed = PdL2AdapterConfig::from_dict(&map);
    let measured = compare(&mut [
        Side::new("from_dict, all checks", || PdL2AdapterConfig::from_dict(&map).is_ok()),
        Side::new("serde from &Value, no checks", || SerdePd::deserialize(&value).is_ok()),
        Side::new("serde from &Value, then garde", || {
            SerdePd::deserialize(&value).is_ok_and(|config| config.validate().is_ok())
        }),
        Side::new("clone and drop of the parsed config", || parsed.clone().is_ok()),
    ]);
    print("One valid pd sender, TP 8", &measured);
}
