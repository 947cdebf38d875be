//! The config of a `pd` adapter.

use l2_adapter::{
    L2AdapterConfig as _, adapters::pd_l2_adapter::PdL2AdapterConfig, environment_variable, registry::GlobalTypes,
};
use l2_adapter_schema::{ConfigError, from_text};
use pyo3::{create_exception, exceptions::PyValueError, prelude::*};
use serde_json::Value;

create_exception!(l2_adapter, SpecError, PyValueError, "An invalid spec. `errors` lists every fault.");

/// The error with the faults as Python's own objects.
fn spec_error(py: Python<'_>, error: &ConfigError) -> PyResult<PyErr> {
    let text = serde_json::to_string(&error.faults).map_err(|error| PyValueError::new_err(error.to_string()))?;
    let errors = py.import("json")?.call_method1("loads", (text,))?;
    let refused = SpecError::new_err(error.to_string());
    refused.value(py).setattr("errors", errors)?;
    Ok(refused)
}

/// A valid, immutable `pd` config.
#[pyclass(frozen, module = "l2_adapter._native")]
pub(crate) struct PdConfig {
    pub(crate) config: PdL2AdapterConfig,
    warnings: Vec<String>,
}

#[pymethods]
impl PdConfig {
    /// Reads a spec, which is JSON text. Environment variables supply the keys that declare one.
    #[staticmethod]
    fn parse(py: Python<'_>, text: &str) -> PyResult<Self> {
        let context = GlobalTypes::CONTEXT.with_environment(&environment_variable);
        let parsed = match from_text::<PdL2AdapterConfig>(text, &context) {
            Ok(parsed) => parsed,
            Err(error) => return Err(spec_error(py, &error)?),
        };
        let warnings = parsed.warnings.iter().map(ToString::to_string).collect();
        Ok(Self { config: parsed.value, warnings })
    }

    /// LMCache copies configs to print them. A copy is the same object, because a config is immutable.
    fn __deepcopy__(slf: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        slf
    }

    /// The warnings about the spec.
    fn warnings(&self) -> Vec<String> {
        self.warnings.clone()
    }

    /// The whole config as a JSON object: defaults filled in, secrets redacted.
    fn to_json(&self) -> String {
        Value::Object(self.config.to_dict()).to_string()
    }

    /// The help text of `pd` specs.
    #[staticmethod]
    fn help() -> String {
        PdL2AdapterConfig::help()
    }

    /// The JSON Schema of a `pd` spec.
    #[staticmethod]
    fn json_schema() -> String {
        Value::from(PdL2AdapterConfig::json_schema()).to_string()
    }
}
