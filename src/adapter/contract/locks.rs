//! Locks: locked keys are never deleted.

use super::{Subject, run::Run};

/// Without the ability nothing is deleted.
pub fn deleting_removes_only_unlocked_keys(subject: &Subject) {
    let run = Run::new(subject);
    assert!(run.store(&run.keys([0, 1, 2])).is_successful());
    run.reader.delete(run.keys([0, 7, 0]));
    if !subject.abilities.delete {
        assert_eq!(run.find(&run.keys([0, 1, 2])).count(), 3, "an adapter without deletion deleted a chunk");
        return;
    }
    assert_eq!(run.look_up(&run.keys([0, 1, 2])).ones().collect::<Vec<_>>(), [1, 2]);
    assert_eq!(run.load(&run.keys([0, 1, 2])).ones().collect::<Vec<_>>(), [1, 2]);

    run.reader.delete(run.keys([1, 2]));
    assert_eq!(run.load(&run.keys([1, 2])).count(), 2, "a locked chunk was deleted");
    run.reader.submit_unlock(run.keys([1]));
    run.reader.delete(run.keys([1, 2]));
    assert_eq!(run.find(&run.keys([1, 2])).ones().collect::<Vec<_>>(), [1], "only key 1 was unlocked");

    assert!(run.store(&run.keys([0])).is_successful());
    assert_eq!(run.load(&run.keys([0])).count(), 1, "a deleted chunk can be stored again");
}

/// A caller may not know that a request repeats a key, and then unlocks it once.
pub fn a_lookup_locks_each_key_once_and_unlocking_releases_one_lock(subject: &Subject) {
    if !subject.abilities.delete {
        return unlocking_is_ignored(subject);
    }
    let run = Run::new(subject);
    assert!(run.store(&run.keys([0, 1])).is_successful());
    let is_there_after_delete = |name| {
        run.reader.delete(run.keys([name]));
        run.load(&run.keys([name])).test(0)
    };
    run.look_up(&run.keys([0, 0]));
    run.reader.submit_unlock(run.keys([0]));
    assert!(!is_there_after_delete(0), "a lookup that names a key twice locked it twice");

    run.look_up(&run.keys([1]));
    run.look_up(&run.keys([1]));
    run.reader.submit_unlock(run.keys([1, 1]));
    assert!(is_there_after_delete(1), "one call of unlock released two locks of a key");
    run.reader.submit_unlock(run.keys([1]));
    assert!(!is_there_after_delete(1), "a lock was released and is still held");
}

/// Servers unlock every key they planned to load, found or not.
pub fn unlocking_an_unlocked_key_changes_nothing(subject: &Subject) {
    if !subject.abilities.delete {
        return unlocking_is_ignored(subject);
    }
    let run = Run::new(subject);
    assert!(run.store(&run.keys([0])).is_successful());
    run.reader.submit_unlock(run.keys([0, 9]));
    run.reader.submit_unlock(run.keys([0]));
    run.look_up(&run.keys([0]));
    run.reader.delete(run.keys([0]));
    assert_eq!(run.load(&run.keys([0])).count(), 1, "a chunk was unlocked in advance");
}

/// Without deletion a lock has no visible effect.
fn unlocking_is_ignored(subject: &Subject) {
    let run = Run::new(subject);
    assert!(run.store(&run.keys([0])).is_successful());
    run.look_up(&run.keys([0, 0]));
    (0..3).for_each(|_| run.reader.submit_unlock(run.keys([0, 9])));
    assert_eq!(run.load(&run.keys([0])).count(), 1);
}
