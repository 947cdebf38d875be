//! The name of a KV chunk, with LMCache's rules.
//!
//! The rules are those of `ObjectKey` in LMCache 0.5.6 (`v1/distributed/api.py`).

mod chunk_hash;
mod kv_rank;
mod text;

use std::sync::Arc;

use self::chunk_hash::ChunkHash;

pub use kv_rank::{KvRank, KvRankError};
pub use text::ObjectKeyError;

/// The unique name of one chunk: its tokens, model, slice of the KV cache and user.
///
/// Its string form is LMCache's, `<model>@<kv_rank:08x>@<group:x>@<hash hex>[@<salt>]`. Every key has exactly one
/// text, so texts may be compared instead of keys.
///
/// ```
/// use l2_adapter::adapter::{KvRank, ObjectKey};
///
/// let rank = KvRank { world_size: 8, global_rank: 5, local_world_size: 4, local_rank: 1 }.to_bits()?;
/// let key = ObjectKey::new("meta-llama/Llama-3.1-8B", rank, &[0xde, 0xad])?.with_cache_salt("tenant-1")?;
/// assert_eq!(key.to_string(), "meta-llama/Llama-3.1-8B@08050401@0@dead@tenant-1");
/// assert_eq!(key.to_string().parse(), Ok(key));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKey {
    chunk_hash: ChunkHash,
    /// Without `@`. Copies of a key, and keys of other tokens that were made from it, share it.
    model_name: Arc<str>,
    kv_rank: u32,
    object_group_id: u32,
    /// Not empty; without `@`, `/`, `\` and NUL; at most [`CACHE_SALT_MAX`](Self::CACHE_SALT_MAX) characters. Shared, too.
    cache_salt: Option<Arc<str>>,
}

impl ObjectKey {
    /// The largest length of a salt in characters. File names contain it with the rest of the key.
    pub const CACHE_SALT_MAX: usize = 128;

    /// A key without a salt, in object group 0.
    ///
    /// # Errors
    ///
    /// The model's name contains `@`, which separates the fields of a written key.
    pub fn new(model_name: &str, kv_rank: u32, chunk_hash: &[u8]) -> Result<Self, ObjectKeyError> {
        if let Some(position) = model_name.find('@') {
            return Err(ObjectKeyError::ModelName { position });
        }
        Ok(Self {
            chunk_hash: chunk_hash.into(),
            model_name: model_name.into(),
            kv_rank,
            object_group_id: 0,
            cache_salt: None,
        })
    }

    /// The key of other tokens, with everything else as in this one. A server's list of keys is made of one key in this way,
    /// with less work and memory than by [`new`](Self::new).
    ///
    /// ```
    /// use l2_adapter::adapter::ObjectKey;
    ///
    /// let first = ObjectKey::new("org/model", 0, &[1])?;
    /// assert_eq!(first.with_chunk_hash(&[2]), ObjectKey::new("org/model", 0, &[2])?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_chunk_hash(&self, chunk_hash: &[u8]) -> Self {
        Self {
            chunk_hash: chunk_hash.into(),
            model_name: Arc::clone(&self.model_name),
            kv_rank: self.kv_rank,
            object_group_id: self.object_group_id,
            cache_salt: self.cache_salt.clone(),
        }
    }

    /// The same key in another object group.
    #[must_use]
    pub fn with_object_group_id(self, object_group_id: u32) -> Self {
        Self { object_group_id, ..self }
    }

    /// The same key for another user; an empty salt is none.
    ///
    /// # Errors
    ///
    /// The salt contains `@`, `/`, `\` or NUL, or is longer than [`CACHE_SALT_MAX`](Self::CACHE_SALT_MAX).
    pub fn with_cache_salt(self, cache_salt: &str) -> Result<Self, ObjectKeyError> {
        if let Some((position, character)) =
            cache_salt.char_indices().find(|(_, character)| matches!(character, '@' | '/' | '\\' | '\0'))
        {
            return Err(ObjectKeyError::CacheSaltCharacter { character, position });
        }
        let characters = cache_salt.chars().count();
        if characters > Self::CACHE_SALT_MAX {
            return Err(ObjectKeyError::CacheSaltLength { characters });
        }
        Ok(Self { cache_salt: (!cache_salt.is_empty()).then(|| cache_salt.into()), ..self })
    }

    /// The model's name.
    pub fn model_name(&self) -> &str {
        &self.model_name
    }

    /// The slice of the KV cache; [`KvRank::from_bits`] decodes it.
    pub fn kv_rank(&self) -> u32 {
        self.kv_rank
    }

    /// The global TP rank, byte 2 of [`kv_rank`](Self::kv_rank).
    pub fn tp_rank(&self) -> u8 {
        KvRank::from_bits(self.kv_rank).global_rank
    }

    /// The index of the object group.
    pub fn object_group_id(&self) -> u32 {
        self.object_group_id
    }

    /// The hash of the tokens.
    pub fn chunk_hash(&self) -> &[u8] {
        &self.chunk_hash
    }

    /// The salt that separates users; empty for none.
    pub fn cache_salt(&self) -> &str {
        self.cache_salt.as_deref().unwrap_or_default()
    }
}
