//! The reported usage of an adapter.

use std::collections::BTreeMap;

use super::{Subject, run::Run};
use crate::adapter::Usage;

/// Quotas are by cache salt: a chunk counts once, under its own salt, until it is deleted.
pub fn usage_counts_bytes_by_cache_salt(subject: &Subject) {
    let run = Run::new(subject);
    let salted = run.key(2).with_cache_salt("tenant").unwrap();
    let capacity = run.reader.usage().total_capacity_bytes;
    let expected = |plain: usize, tenant: usize| {
        let salts = [("", plain), ("tenant", tenant)].into_iter().filter(|(_, chunks)| *chunks > 0);
        let bytes_by_cache_salt: BTreeMap<_, _> =
            salts.map(|(salt, chunks)| (salt.to_owned(), run.chunks_bytes(chunks))).collect();
        match subject.abilities.usage {
            true => Usage {
                total_bytes_used: run.chunks_bytes(plain + tenant),
                total_capacity_bytes: capacity,
                bytes_by_cache_salt,
            },
            false => Usage::default(),
        }
    };
    assert_eq!(run.reader.usage(), expected(0, 0));
    assert!(run.store(&run.keys([0, 1, 0])).is_successful());
    assert!(run.store(&[run.key(0), salted.clone()]).is_successful());
    run.pass();
    assert_eq!(run.reader.usage(), expected(2, 1));
    if subject.abilities.delete {
        run.reader.delete(vec![run.key(0), salted]);
        run.pass();
        assert_eq!(run.reader.usage(), expected(1, 0));
    }
    if run.is_split() {
        let Usage { total_bytes_used, bytes_by_cache_salt, .. } = run.writer.usage();
        assert_eq!(
            (total_bytes_used, bytes_by_cache_salt),
            (0, BTreeMap::new()),
            "the side that only writes keeps nothing"
        );
    }
}
