//! The name of a KV chunk, as LMCache gives it.

use std::fmt;

/// The unique name of one chunk: which tokens, of which model, which slice of the KV cache, for whom.
///
/// Its string form is LMCache's, `<model>@<kv_rank:08x>@<group:x>@<hash hex>[@<salt>]`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKey {
    chunk_hash: Box<[u8]>,
    model_name: Box<str>,
    kv_rank: u32,
    object_group_id: u32,
    cache_salt: Box<str>,
}

impl ObjectKey {
    /// A key without a salt, in object group 0.
    pub fn new(model_name: &str, kv_rank: u32, chunk_hash: &[u8]) -> Self {
        Self {
            chunk_hash: chunk_hash.into(),
            model_name: model_name.into(),
            kv_rank,
            object_group_id: 0,
            cache_salt: "".into(),
        }
    }

    /// A key of all its parts.
    pub(crate) fn from_parts(model: &str, kv_rank: u32, group: u32, chunk_hash: &[u8], cache_salt: &str) -> Self {
        Self { object_group_id: group, cache_salt: cache_salt.into(), ..Self::new(model, kv_rank, chunk_hash) }
    }

    /// The model's name.
    pub fn model_name(&self) -> &str {
        &self.model_name
    }

    /// Which slice of the KV cache this is: `world << 24 | global rank << 16 | local world << 8 | local rank`.
    pub fn kv_rank(&self) -> u32 {
        self.kv_rank
    }

    /// The global TP rank, byte 2 of [`kv_rank`](Self::kv_rank).
    pub fn tp_rank(&self) -> u8 {
        self.kv_rank.to_be_bytes()[1]
    }

    /// The index of the object group.
    pub fn object_group_id(&self) -> u32 {
        self.object_group_id
    }

    /// The hash of the tokens.
    pub fn chunk_hash(&self) -> &[u8] {
        &self.chunk_hash
    }

    /// The salt that keeps users apart; empty for none.
    pub fn cache_salt(&self) -> &str {
        &self.cache_salt
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{:08x}@{:x}@", self.model_name, self.kv_rank, self.object_group_id)?;
        self.chunk_hash.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        if self.cache_salt.is_empty() { Ok(()) } else { write!(f, "@{}", self.cache_salt) }
    }
}

impl fmt::Debug for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ObjectKey({self})")
    }
}
