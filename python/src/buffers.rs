//! Memory of Python's objects, lent to the adapter in place.
//!
//! LMCache's memory objects expose their bytes as a memoryview over `ctypes`, whose format is `<B`, so buffers are untyped
//! here.

use std::sync::Arc;

use l2_adapter::adapter::{KeepAlive, L1Arena, LoadBuffer, StoreBuffer};
use pyo3::{
    buffer::PyUntypedBuffer,
    exceptions::{PyBufferError, PyValueError},
    intern,
    prelude::*,
};

/// Keeps a lent buffer's memory in place. The caller that submits the buffer keeps it until the task's result was taken, or the
/// adapter is closed.
///
/// The bytes alone do not keep LMCache's memory objects: they name an address.
pub(crate) struct Lent {
    bytes: PyUntypedBuffer,
    _object: Py<PyAny>,
}

/// The bytes of a memory object, to be read.
pub(crate) fn store_buffer(object: &Bound<'_, PyAny>) -> PyResult<(StoreBuffer, Lent)> {
    let lent = lend(object)?;
    let (start, length) = (lent.bytes.buf_ptr().cast_const().cast::<u8>(), lent.bytes.len_bytes());
    if length == 0 {
        return Ok((StoreBuffer::new([]), lent));
    }
    // SAFETY: `lent` holds `length` contiguous bytes in place and is kept until the adapter has released the buffer. Python
    // gave a buffer, so it is not null and not longer than `isize::MAX`. LMCache writes nothing to an object that is being
    // stored: it holds a read lock until the result is taken.
    let buffer = unsafe { StoreBuffer::from_raw_parts(start, length, kept_elsewhere()) };
    Ok((buffer, lent))
}

/// The bytes of a memory object, to be written.
pub(crate) fn load_buffer(object: &Bound<'_, PyAny>) -> PyResult<(LoadBuffer, Lent)> {
    let lent = lend(object)?;
    if lent.bytes.readonly() {
        return Err(PyBufferError::new_err("a memory object to load into is read-only: pass a writable one"));
    }
    let (start, length) = (lent.bytes.buf_ptr().cast::<u8>(), lent.bytes.len_bytes());
    if length == 0 {
        return Ok((LoadBuffer::new(0).0, lent));
    }
    // SAFETY: as in `store_buffer`; the memory was handed out as writable, and LMCache neither reads nor writes an object that
    // is being loaded: it holds a write lock until the result is taken.
    let buffer = unsafe { LoadBuffer::from_raw_parts(start, length, kept_elsewhere()) };
    Ok((buffer, lent))
}

/// The server's L1 memory.
pub(crate) fn l1_arena((address, size_bytes, alignment_bytes): (usize, usize, usize)) -> PyResult<L1Arena> {
    if address == 0 || isize::try_from(size_bytes).is_err() || !alignment_bytes.is_power_of_two() {
        return Err(PyValueError::new_err(format!(
            "there is no L1 memory of {size_bytes} bytes at {address:#x} with an alignment of {alignment_bytes}"
        )));
    }
    let base = std::ptr::with_exposed_provenance(address);
    // SAFETY: LMCache guarantees that this memory exists and stays in place; it frees them after it has closed its adapters,
    // and writes no object that is being stored.
    Ok(unsafe { L1Arena::new(base, size_bytes, alignment_bytes) })
}

fn lend(object: &Bound<'_, PyAny>) -> PyResult<Lent> {
    let bytes = PyUntypedBuffer::get(&object.getattr(intern!(object.py(), "byte_array"))?)?;
    if bytes.is_c_contiguous() {
        Ok(Lent { bytes, _object: object.clone().unbind() })
    } else {
        Err(PyBufferError::new_err("a memory object's bytes are not contiguous: pass a contiguous one"))
    }
}

/// The adapter's threads must not drop Python's objects, because they would wait for the interpreter.
fn kept_elsewhere() -> KeepAlive {
    Arc::new(())
}
