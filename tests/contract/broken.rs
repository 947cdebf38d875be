//! The suite detects each fault, in the behaviour that tests for it.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use l2_adapter::adapter::contract::{self, Abilities, Deployment, Subject};

use crate::{
    faults::{Fault, Faulty},
    mock,
};

fn subject(fault: Fault) -> Subject {
    let mut subject = Subject::new(Abilities::ALL, move || Deployment::whole(Arc::new(Faulty::new(fault))));
    if fault.hangs() {
        subject.patience = Duration::from_secs(3);
    }
    subject
}

/// The message with which a behaviour fails.
fn failure(behaviour: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(behaviour)).expect_err("the fault is not detected");
    payload.downcast::<String>().map_or_else(|other| other.downcast::<&str>().unwrap().to_string(), |text| *text)
}

macro_rules! caught {
    ($($test:ident: $fault:ident by $behaviour:ident, $message:literal;)*) => {
        $(
            #[test]
            fn $test() {
                let message = failure(|| contract::$behaviour(&subject(Fault::$fault)));
                assert!(message.contains($message), "detected for another reason: {message}");
            }
        )*
    };
}

caught! {
    a_result_returned_twice_is_detected: ResultReturnedTwice by a_result_is_returned_once_and_only_for_its_own_kind,
        "the result of a load is returned twice";
    a_store_popped_twice_is_detected: StorePoppedTwice by a_result_is_returned_once_and_only_for_its_own_kind,
        "the result of a store is returned twice";
    an_id_of_two_kinds_is_detected: TaskIdsByKind by task_ids_are_distinct_over_all_kinds, "is used twice";
    a_submission_that_waits_is_detected: SubmitWaits by submitting_never_waits, "submitting waits after";
    an_event_before_its_result_is_detected: EventBeforeResult by an_event_is_signalled_after_its_result_and_reset_by_reading,
        "the lookup event was signalled before the result can be taken";
    a_missing_event_is_detected: EventMissing by an_event_is_signalled_after_its_result_and_reset_by_reading,
        "the LookupAndLock event was not signalled";
    a_task_that_never_completes_is_detected: TaskLost by stored_chunks_are_found_and_loaded_in_the_order_of_keys,
        "did not complete, or its event was not signalled";
    one_event_for_two_kinds_is_detected: EventShared by events_are_distinct_descriptors_that_do_not_block,
        "each adapter has a separate event for each kind";
    bits_in_another_order_are_detected: BitsInReverse by stored_chunks_are_found_and_loaded_in_the_order_of_keys,
        "[false, true, false, true, false, true]";
    a_chunk_that_is_stored_again_is_detected: DuplicatesCounted by a_present_chunk_is_not_stored_again,
        "bytes_transferred: 4096";
    a_buffer_that_is_not_released_is_detected: BufferKept by buffers_are_released_before_the_result,
        "buffers of a store are lent after its result";
    loading_a_part_of_a_chunk_is_detected: LengthIgnored by a_load_into_a_buffer_of_another_length_is_a_miss,
        "was loaded with other bytes than it was stored with";
    locks_without_effect_are_detected: LocksIgnored by deleting_removes_only_unlocked_keys, "a locked chunk was deleted";
    locks_that_are_never_released_are_detected: LocksLeaked by deleting_removes_only_unlocked_keys, "only key 1 was unlocked";
    a_lock_for_each_repetition_of_a_key_is_detected: LockForEachRepetition by a_lookup_locks_each_key_once_and_unlocking_releases_one_lock,
        "a lookup that names a key twice locked it twice";
    lookups_that_wait_for_each_other_are_detected: LookupsWaitForEachOther by a_waiting_lookup_delays_no_other_task,
        "did not complete, or its event was not signalled";
    a_lookup_that_never_completes_is_detected: TaskLost by a_lookup_of_keys_that_are_never_stored_completes,
        "did not complete, or its event was not signalled";
    a_lookup_that_closing_does_not_complete_is_detected: LookupsOutliveClose by closing_completes_waiting_lookups,
        "after close a lookup that waited has an answer";
    an_ignored_layout_is_detected: LayoutIgnored by a_chunk_of_another_layout_is_not_found,
        "a chunk of another layout is not found";
    an_unlock_that_counts_in_advance_is_detected: UnlockInAdvance by unlocking_an_unlocked_key_changes_nothing,
        "a chunk was unlocked in advance";
    locks_that_no_lookup_reported_are_detected: LocksLeaked by threads_that_use_the_same_keys_get_consistent_results,
        "a key has a lock that no lookup reported";
    usage_without_cache_salts_is_detected: UsageWithoutSalts by usage_counts_bytes_by_cache_salt, "bytes_by_cache_salt";
    a_deletion_without_a_notification_is_detected: DeletionsNotNotified by listeners_are_notified_of_stored_accessed_and_deleted_keys,
        "a listener was not notified of a chunk that was deleted";
    a_listener_called_under_a_lock_is_detected: ListenerUnderLock by a_listener_may_call_the_adapter,
        "or calls the adapter under a lock";
    a_closed_adapter_that_reports_health_is_detected: LooksHealthyWhenClosed by an_adapter_reports_whether_it_serves, "Healthy";
    tasks_lost_by_closing_are_detected: CloseLosesTasks by after_closing_tasks_complete_at_once_without_effect,
        "a store after close fails at once: None";
}

/// An adapter that has an ability although its subject denies it violates the contract.
#[test]
fn an_ability_that_the_subject_denies_is_detected() {
    let denied = Subject::new(Abilities::NONE, || Deployment::whole(mock::adapter()));
    for (behaviour, message) in [
        (contract::deleting_removes_only_unlocked_keys as fn(&Subject), "an adapter without deletion deleted a chunk"),
        (contract::usage_counts_bytes_by_cache_salt, "total_bytes_used"),
        (
            contract::listeners_are_notified_of_stored_accessed_and_deleted_keys,
            "an adapter without listeners notified one",
        ),
        (contract::a_listener_may_call_the_adapter, "an adapter without listeners notified one"),
    ] {
        let failure = failure(|| behaviour(&denied));
        assert!(failure.contains(message), "detected for another reason: {failure}");
    }
}

/// Leaked resources are counted in a separate process, which runs the ignored tests below.
#[cfg(target_os = "linux")]
mod leftovers {
    use super::*;

    #[test]
    #[ignore = "fails, as a part of another test"]
    fn descriptor() {
        contract::nothing_is_left_behind(&subject(Fault::DescriptorLeft), concat!(module_path!(), "::descriptor"));
    }

    #[test]
    #[ignore = "fails, as a part of another test"]
    fn thread() {
        contract::nothing_is_left_behind(&subject(Fault::ThreadLeft), concat!(module_path!(), "::thread"));
    }

    #[test]
    fn a_leaked_descriptor_is_detected() {
        let failure = failure(descriptor);
        assert!(failure.contains("were created and dropped, and leaked something"), "{failure}");
    }

    #[test]
    fn a_leaked_thread_is_detected() {
        let failure = failure(thread);
        assert!(failure.contains("were created and dropped, and leaked something"), "{failure}");
    }
}
