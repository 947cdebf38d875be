//! The stored chunks by key, up to a capacity, with their locks. The least recently used chunk is evicted first.
#![deny(clippy::disallowed_methods)]

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use crate::adapter::{Bitmap, ChunkLayout, GroupLayouts, ObjectKey, Usage, UsageLedger};

/// Invariants: `by_use` has every chunk under its last use; `used_bytes` and `locked_bytes` are the sums of all and of the
/// locked ones; `used_bytes` is at most `capacity_bytes`.
#[derive(Debug)]
pub(super) struct Chunks {
    capacity_bytes: u64,
    used_bytes: u64,
    locked_bytes: u64,
    chunks: HashMap<ObjectKey, Chunk>,
    by_use: BTreeMap<u64, ObjectKey>,
    next_use: u64,
    ledger: UsageLedger,
}

#[derive(Debug)]
struct Chunk {
    bytes: Arc<[u8]>,
    layout: Option<ChunkLayout>,
    locks: u64,
    last_use: u64,
}

/// The bytes of a chunk, with their layout if it is known.
pub(super) type Content = (Arc<[u8]>, Option<ChunkLayout>);

/// Keys with their sizes in bytes.
pub(super) type Sized = Vec<(ObjectKey, u64)>;

/// The changes made by a store.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) stored: Sized,
    pub(super) evicted: Sized,
}

/// There is no room, even after evictions.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the task's chunks have {needed_bytes} bytes and {evictable_bytes} can be made free: raise `max_size_gb`, or store less \
     at a time"
)]
pub(super) struct NoRoom {
    needed_bytes: u64,
    evictable_bytes: u64,
}

impl Chunks {
    pub(super) fn new(capacity_bytes: u64) -> Self {
        Self {
            capacity_bytes,
            used_bytes: 0,
            locked_bytes: 0,
            chunks: HashMap::new(),
            by_use: BTreeMap::new(),
            next_use: 0,
            ledger: UsageLedger::default(),
        }
    }

    pub(super) fn contains(&self, key: &ObjectKey) -> bool {
        self.chunks.contains_key(key)
    }

    /// Keeps all chunks of a task, or none. `None` instead of bytes is for chunks that are already present.
    pub(super) fn store(&mut self, task: Vec<(ObjectKey, Option<Content>)>) -> Result<Stored, NoRoom> {
        let needed_bytes = self.needed_bytes(&task);
        let evictable_bytes = self.capacity_bytes - self.locked_bytes;
        if needed_bytes > evictable_bytes {
            return Err(NoRoom { needed_bytes, evictable_bytes });
        }
        // The task's keys count as used now, so they are not evicted for the rest of it.
        task.iter().for_each(|(key, _)| self.touch(key));
        let mut changed = Stored::default();
        for (key, content) in task {
            let Some((bytes, layout)) = content.filter(|_| !self.contains(&key)) else { continue };
            let length = bytes.len() as u64;
            self.evict(length, &mut changed.evicted);
            changed.stored.push((key.clone(), length));
            self.insert(key, (bytes, layout));
        }
        self.ledger.remove(&changed.evicted);
        self.ledger.add(&changed.stored);
        Ok(changed)
    }

    pub(super) fn lookup_and_lock(&mut self, keys: &[ObjectKey], layouts: &GroupLayouts) -> Bitmap {
        let found = keys.iter().map(|key| self.contains_as(key, layouts)).collect::<Bitmap>();
        for key in found.ones().filter_map(|index| keys.get(index)).collect::<HashSet<_>>() {
            self.touch(key);
            if let Some(chunk) = self.chunks.get_mut(key) {
                chunk.locks += 1;
                if chunk.locks == 1 {
                    self.locked_bytes += chunk.bytes.len() as u64;
                }
            }
        }
        found
    }

    fn contains_as(&self, key: &ObjectKey, layouts: &GroupLayouts) -> bool {
        self.chunks.get(key).is_some_and(|chunk| {
            let length_bytes = chunk.bytes.len() as u64;
            layouts.of(key).is_none_or(|wanted| wanted.is_met_by(chunk.layout.as_ref(), length_bytes))
        })
    }

    pub(super) fn unlock(&mut self, keys: &[ObjectKey]) {
        for key in HashSet::<&ObjectKey>::from_iter(keys) {
            if let Some(chunk) = self.chunks.get_mut(key).filter(|chunk| chunk.locks > 0) {
                chunk.locks -= 1;
                if chunk.locks == 0 {
                    self.locked_bytes -= chunk.bytes.len() as u64;
                }
            }
        }
    }

    /// The bytes of a chunk of exactly this length.
    pub(super) fn load(&mut self, key: &ObjectKey, length: usize) -> Option<Arc<[u8]>> {
        let bytes = self.chunks.get(key).map(|chunk| Arc::clone(&chunk.bytes)).filter(|bytes| bytes.len() == length)?;
        self.touch(key);
        Some(bytes)
    }

    /// Deletes keys that are not locked.
    pub(super) fn delete(&mut self, keys: &[ObjectKey]) -> Sized {
        let deleted: Sized = keys.iter().filter_map(|key| self.remove(key)).collect();
        self.ledger.remove(&deleted);
        deleted
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        *self = Self::new(self.capacity_bytes);
    }

    pub(super) fn usage(&self) -> Usage {
        self.ledger.usage(Some(self.capacity_bytes))
    }

    /// The unlocked bytes that a task needs: its new chunks, and its present chunks that must stay.
    fn needed_bytes(&self, task: &[(ObjectKey, Option<Content>)]) -> u64 {
        let distinct: HashMap<_, _> = task.iter().map(|(key, content)| (key, content)).collect();
        let needed = distinct.into_iter().map(|(key, content)| match (self.chunks.get(key), content) {
            (Some(chunk), _) if chunk.locks > 0 => 0,
            (Some(chunk), _) => chunk.bytes.len() as u64,
            (None, content) => content.as_ref().map_or(0, |(bytes, _)| bytes.len() as u64),
        });
        needed.sum()
    }

    /// Makes room by evictions. [`store`](Self::store) has checked that this is possible.
    fn evict(&mut self, bytes: u64, evicted: &mut Sized) {
        let unlocked = |key: &&ObjectKey| self.chunks.get(*key).is_some_and(|chunk| chunk.locks == 0);
        let mut oldest: Vec<ObjectKey> = Vec::new();
        let mut free = self.capacity_bytes - self.used_bytes;
        for key in self.by_use.values().filter(unlocked) {
            if free >= bytes {
                break;
            }
            free += self.chunks.get(key).map_or(0, |chunk| chunk.bytes.len() as u64);
            oldest.push(key.clone());
        }
        evicted.extend(oldest.iter().filter_map(|key| self.remove(key)));
    }

    fn insert(&mut self, key: ObjectKey, (bytes, layout): Content) {
        self.used_bytes += bytes.len() as u64;
        self.by_use.insert(self.next_use, key.clone());
        self.chunks.insert(key, Chunk { bytes, layout, locks: 0, last_use: self.next_use });
        self.next_use += 1;
    }

    fn remove(&mut self, key: &ObjectKey) -> Option<(ObjectKey, u64)> {
        self.chunks.get(key).filter(|chunk| chunk.locks == 0)?;
        let (key, chunk) = self.chunks.remove_entry(key)?;
        self.by_use.remove(&chunk.last_use);
        let length = chunk.bytes.len() as u64;
        self.used_bytes -= length;
        Some((key, length))
    }

    fn touch(&mut self, key: &ObjectKey) {
        if let Some(chunk) = self.chunks.get_mut(key)
            && let Some(key) = self.by_use.remove(&chunk.last_use)
        {
            chunk.last_use = self.next_use;
            self.by_use.insert(self.next_use, key);
            self.next_use += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: u8) -> ObjectKey {
        ObjectKey::new("model", 0, &[name]).unwrap()
    }

    fn task(chunks: &[(u8, usize)]) -> Vec<(ObjectKey, Option<Content>)> {
        chunks.iter().map(|(name, length)| (key(*name), Some((vec![*name; *length].into(), None)))).collect()
    }

    fn names(sized: &[(ObjectKey, u64)]) -> Vec<u8> {
        sized.iter().map(|(key, _)| key.chunk_hash()[0]).collect()
    }

    #[test]
    fn the_least_recently_used_chunk_is_evicted() {
        let mut chunks = Chunks::new(30);
        chunks.store(task(&[(1, 10), (2, 10), (3, 10)])).unwrap();
        assert!(chunks.load(&key(1), 10).is_some());
        let stored = chunks.store(task(&[(4, 20)])).unwrap();
        assert_eq!((names(&stored.evicted), names(&stored.stored)), (vec![2, 3], vec![4]));
        assert_eq!(chunks.usage().total_bytes_used, 30);
    }

    #[test]
    fn a_task_larger_than_the_capacity_changes_nothing() {
        let mut chunks = Chunks::new(30);
        chunks.store(task(&[(1, 30)])).unwrap();
        let refused = chunks.store(task(&[(2, 15), (3, 16)]));
        assert_eq!(refused, Err(NoRoom { needed_bytes: 31, evictable_bytes: 30 }));
        assert!(chunks.contains(&key(1)));
        assert_eq!(names(&chunks.store(task(&[(2, 15), (3, 15)])).unwrap().evicted), [1]);
    }

    #[test]
    fn chunks_of_one_task_do_not_evict_each_other() {
        let mut chunks = Chunks::new(30);
        chunks.store(task(&[(1, 10), (2, 10)])).unwrap();
        assert_eq!(
            chunks.store(task(&[(3, 21), (1, 10)])),
            Err(NoRoom { needed_bytes: 31, evictable_bytes: 30 }),
            "1 is there and has to stay"
        );
        assert_eq!(names(&chunks.store(task(&[(3, 20), (1, 10)])).unwrap().evicted), [2]);
    }

    #[test]
    fn locked_chunks_are_neither_evicted_nor_deleted() {
        let mut chunks = Chunks::new(30);
        chunks.store(task(&[(1, 10), (2, 10)])).unwrap();
        chunks.lookup_and_lock(&[key(1), key(1)], &GroupLayouts::default());
        assert_eq!(chunks.store(task(&[(3, 21)])), Err(NoRoom { needed_bytes: 21, evictable_bytes: 20 }));
        assert_eq!(names(&chunks.store(task(&[(3, 20)])).unwrap().evicted), [2]);
        assert_eq!(chunks.delete(&[key(1)]), []);
        chunks.unlock(&[key(1)]);
        assert_eq!(names(&chunks.delete(&[key(1), key(1)])), [1]);
        assert_eq!((chunks.locked_bytes, chunks.used_bytes, chunks.usage().total_bytes_used), (0, 20, 20));
    }

    #[test]
    fn a_present_key_is_not_stored_again() {
        let mut chunks = Chunks::new(30);
        assert_eq!(names(&chunks.store(task(&[(1, 10), (1, 10)])).unwrap().stored), [1]);
        assert_eq!(chunks.store(task(&[(1, 10)])), Ok(Stored::default()));
    }
}
