//! Object keys from Python and back. Any object with the five attributes of LMCache's `ObjectKey` is one.

use l2_adapter::adapter::ObjectKey;
use pyo3::{exceptions::PyValueError, intern, prelude::*, types::PyBytes};

/// Reads one key.
pub(crate) fn object_key(key: &Bound<'_, PyAny>) -> PyResult<ObjectKey> {
    object_key_after(key, None)
}

/// Reads a list of keys. Each shares the memory of what it has in common with the one before it.
pub(crate) fn object_keys(keys: &[Bound<'_, PyAny>]) -> PyResult<Vec<ObjectKey>> {
    let mut read: Vec<ObjectKey> = Vec::with_capacity(keys.len());
    for key in keys {
        read.push(object_key_after(key, read.last())?);
    }
    Ok(read)
}

fn object_key_after(key: &Bound<'_, PyAny>, last: Option<&ObjectKey>) -> PyResult<ObjectKey> {
    let py = key.py();
    let chunk_hash = key.getattr(intern!(py, "chunk_hash"))?;
    let chunk_hash = chunk_hash.cast::<PyBytes>()?.as_bytes();
    let model_name = key.getattr(intern!(py, "model_name"))?;
    let model_name: &str = model_name.extract()?;
    let cache_salt = key.getattr(intern!(py, "cache_salt"))?;
    let cache_salt: &str = cache_salt.extract().unwrap_or_default();
    let kv_rank = key.getattr(intern!(py, "kv_rank"))?.extract()?;
    let object_group_id = key.getattr(intern!(py, "object_group_id"))?.extract()?;
    let is_like = |last: &&ObjectKey| {
        (last.model_name(), last.kv_rank(), last.object_group_id(), last.cache_salt())
            == (model_name, kv_rank, object_group_id, cache_salt)
    };
    if let Some(last) = last.filter(is_like) {
        return Ok(last.with_chunk_hash(chunk_hash));
    }
    ObjectKey::new(model_name, kv_rank, chunk_hash)
        .and_then(|key| key.with_object_group_id(object_group_id).with_cache_salt(cache_salt))
        .map_err(|error| PyValueError::new_err(error.to_string()))
}

/// Creates a key of a class whose constructor has the parameters of LMCache's `ObjectKey`, in the same order.
pub(crate) fn to_python<'py>(class: &Bound<'py, PyAny>, key: &ObjectKey) -> PyResult<Bound<'py, PyAny>> {
    let chunk_hash = PyBytes::new(class.py(), key.chunk_hash());
    class.call1((chunk_hash, key.model_name(), key.kv_rank(), key.object_group_id(), key.cache_salt()))
}
