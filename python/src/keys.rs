//! Object keys from Python and back. Any object with the five attributes of LMCache's `ObjectKey` is one.

use l2_adapter::adapter::ObjectKey;
use pyo3::{exceptions::PyValueError, intern, prelude::*, types::PyBytes};

/// Reads one key.
pub(crate) fn object_key(key: &Bound<'_, PyAny>) -> PyResult<ObjectKey> {
    let py = key.py();
    let chunk_hash = key.getattr(intern!(py, "chunk_hash"))?;
    let model_name = key.getattr(intern!(py, "model_name"))?;
    let cache_salt = key.getattr(intern!(py, "cache_salt"))?;
    ObjectKey::new(
        model_name.extract()?,
        key.getattr(intern!(py, "kv_rank"))?.extract()?,
        chunk_hash.cast::<PyBytes>()?.as_bytes(),
    )
    .and_then(|key| key.with_cache_salt(cache_salt.extract().unwrap_or_default()))
    .map_err(|error| PyValueError::new_err(error.to_string()))
    .and_then(|object_key| Ok(object_key.with_object_group_id(key.getattr(intern!(py, "object_group_id"))?.extract()?)))
}

/// Reads a list of keys.
pub(crate) fn object_keys(keys: &[Bound<'_, PyAny>]) -> PyResult<Vec<ObjectKey>> {
    keys.iter().map(object_key).collect()
}

/// Creates a key of a class whose constructor has the parameters of LMCache's `ObjectKey`, in the same order.
pub(crate) fn to_python<'py>(class: &Bound<'py, PyAny>, key: &ObjectKey) -> PyResult<Bound<'py, PyAny>> {
    let chunk_hash = PyBytes::new(class.py(), key.chunk_hash());
    class.call1((chunk_hash, key.model_name(), key.kv_rank(), key.object_group_id(), key.cache_salt()))
}
