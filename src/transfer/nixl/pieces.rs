//! Converts the pieces of a write to NIXL's descriptors: contiguous at both ends, and inside one registered slice at each end.
//! Pure.

/// A length of bytes at an offset on each side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) local_offset_bytes: u64,
    pub(super) remote_offset_bytes: u64,
    pub(super) length_bytes: u64,
}

/// Cuts a span where a slice ends on either side. Both of its ends lie inside their memory.
pub(super) fn within_slices(span: Span, local_slice_bytes: u64, remote_slice_bytes: u64) -> impl Iterator<Item = Span> {
    let mut rest = span;
    std::iter::from_fn(move || {
        let local = local_slice_bytes - rest.local_offset_bytes % local_slice_bytes;
        let remote = remote_slice_bytes - rest.remote_offset_bytes % remote_slice_bytes;
        let length_bytes = rest.length_bytes.min(local).min(remote);
        let cut = Span { length_bytes, ..rest };
        rest.local_offset_bytes += length_bytes;
        rest.remote_offset_bytes += length_bytes;
        rest.length_bytes -= length_bytes;
        (length_bytes > 0).then_some(cut)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(local_offset_bytes: u64, remote_offset_bytes: u64, length_bytes: u64) -> Span {
        Span { local_offset_bytes, remote_offset_bytes, length_bytes }
    }

    #[test]
    fn a_span_inside_one_slice_stays_in_one_piece() {
        assert_eq!(within_slices(span(3, 5, 5), 10, 10).collect::<Vec<_>>(), [span(3, 5, 5)]);
        assert_eq!(within_slices(span(10, 0, 10), 10, 10).collect::<Vec<_>>(), [span(10, 0, 10)]);
    }

    #[test]
    fn a_span_over_several_slices_is_cut_at_the_slice_ends_of_both_sides() {
        let cuts: Vec<_> = within_slices(span(8, 1, 14), 10, 6).collect();
        assert_eq!(cuts, [span(8, 1, 2), span(10, 3, 3), span(13, 6, 6), span(19, 12, 1), span(20, 13, 2)]);
    }

    #[test]
    fn an_empty_span_gives_no_pieces() {
        assert_eq!(within_slices(span(0, 0, 0), 10, 10).next(), None);
    }
}
