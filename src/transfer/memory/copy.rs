//! Copying chunks past the cache.
//!
//! A chunk is larger than the cache, and another process or a GPU's driver reads it next. A plain copy would fill the cache with
//! useless bytes, and reading the destination's lines before overwriting them costs a third of the bandwidth.

/// For fewer bytes a plain copy is as fast, and leaves useful bytes in the cache.
const STREAM_MIN_BYTES: usize = 256 * 1024;

/// Copies `length` bytes.
///
/// # Safety
///
/// `length` bytes are readable at `from` and writable at `to`, the two ranges do not overlap, and nothing else writes to either
/// during the call.
pub(super) unsafe fn copy(from: *const u8, to: *mut u8, length: usize) {
    #[cfg(target_arch = "x86_64")]
    if length >= STREAM_MIN_BYTES && std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the caller's promises are passed on, and AVX2 is available.
        return unsafe { stream_avx2(from, to, length) };
    }
    // SAFETY: the caller's promises are passed on.
    unsafe { std::ptr::copy_nonoverlapping(from, to, length) }
}

/// Copies with stores that bypass the cache.
///
/// # Safety
///
/// As [`copy`].
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
unsafe fn stream_avx2(from: *const u8, to: *mut u8, length: usize) {
    use std::arch::x86_64::{__m256i, _mm_sfence, _mm256_loadu_si256, _mm256_stream_si256};

    const LINE: usize = 64;
    const HALF: usize = LINE / 2;

    let head = to.align_offset(LINE).min(length);
    let lines = (length - head) / LINE;
    // SAFETY: `head` is at most `length`.
    unsafe { std::ptr::copy_nonoverlapping(from, to, head) };
    for line in 0..lines {
        let at = head + line * LINE;
        // SAFETY: `at + LINE` is at most `length`, for which both sides are valid.
        let source = unsafe { from.add(at) };
        // SAFETY: as above.
        let target = unsafe { to.add(at) };
        // SAFETY: 32 bytes are readable at any alignment.
        let first = unsafe { _mm256_loadu_si256(source.cast::<__m256i>()) };
        // SAFETY: as above, 32 bytes further within the same line.
        let second = unsafe { _mm256_loadu_si256(source.add(HALF).cast::<__m256i>()) };
        // SAFETY: `target` is aligned to a line, and 64 bytes are writable.
        unsafe { _mm256_stream_si256(target.cast::<__m256i>(), first) };
        // SAFETY: as above.
        unsafe { _mm256_stream_si256(target.add(HALF).cast::<__m256i>(), second) };
    }
    _mm_sfence();
    let copied = head + lines * LINE;
    // SAFETY: `copied` is at most `length`.
    let source = unsafe { from.add(copied) };
    // SAFETY: as above.
    let target = unsafe { to.add(copied) };
    // SAFETY: the remaining bytes end at `length`.
    unsafe { std::ptr::copy_nonoverlapping(source, target, length - copied) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_at_any_alignment_writes_every_byte_and_nothing_beyond() {
        let source: Vec<u8> = (0..STREAM_MIN_BYTES + 300).map(|index| (index % 251) as u8).collect();
        for (skip, length) in [(0, 0), (1, 1), (3, 100), (0, STREAM_MIN_BYTES), (7, STREAM_MIN_BYTES + 131)] {
            for shift in [0, 1, 31, 63] {
                let mut target = vec![0xAA; STREAM_MIN_BYTES + 400];
                // SAFETY: both vectors are longer than what is copied.
                unsafe { copy(source[skip..].as_ptr(), target[shift..].as_mut_ptr(), length) };
                assert_eq!(target[shift..shift + length], source[skip..skip + length]);
                assert!(target[..shift].iter().chain(&target[shift + length..]).all(|byte| *byte == 0xAA));
            }
        }
    }
}
