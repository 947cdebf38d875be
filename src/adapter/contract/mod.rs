//! The contract of adapters as tests that run against any adapter: the sentences of [`L2Adapter`]'s documentation.
//!
//! A [`Subject`] describes an adapter: how to create it, its abilities, the size of its chunks. [`contract_tests!`] generates a
//! test for each behaviour:
//!
//! ```
//! use std::sync::Arc;
//! use l2_adapter::{
//!     adapter::{CreationContext, SystemClock, contract::{Abilities, Deployment, Subject}},
//!     registry,
//! };
//!
//! fn subject() -> Subject {
//!     Subject::new(Abilities::ALL, || {
//!         let specs = l2_adapter::specs::L2AdapterArgs::from_iter([r#"{"type": "mock", "max_size_gb": 1, "mock_bandwidth_gb": 1000}"#]).parse();
//!         let context = CreationContext::new(Arc::new(SystemClock::new()), 0);
//!         let adapter = registry::global().unwrap().create(&specs.unwrap()[0].value, &context).unwrap();
//!         Deployment::whole(adapter.into())
//!     })
//! }
//!
//! l2_adapter::contract_tests!(subject());
//! # l2_adapter::adapter::contract::stored_chunks_are_found_and_loaded_in_the_order_of_keys(&subject());
//! ```
//!
//! If an adapter lacks an ability, the tests check instead that it refuses as the contract requires. Nothing in here measures
//! time: waits have a bound, [`Subject::patience`], which only a hanging test reaches.
//!
//! Not tested: the fate of chunks under memory pressure, across restarts, or after the death of a peer, which differs by
//! adapter.
//!
//! ```text
//! results, events, chunks, locks, layouts, usage, listeners      the contract's topics
//! waits, races, sides, closing, leftovers                        lookups that wait, threads, roles, the end, leaks
//! run                                                            one run: a fresh deployment and a controller
//! subject                                                        the adapter under test
//! ```
//!
//! [`L2Adapter`]: crate::adapter::L2Adapter
//! [`contract_tests!`]: crate::contract_tests
#![allow(clippy::unwrap_used, reason = "a test states its expectations by unwrapping")]

mod chunks;
mod closing;
mod events;
mod layouts;
#[cfg(target_os = "linux")]
mod leftovers;
mod listeners;
mod locks;
mod races;
mod results;
mod run;
mod sides;
mod subject;
mod usage;
mod waits;

pub use self::{
    chunks::{
        a_load_into_a_buffer_of_another_length_is_a_miss, a_present_chunk_is_not_stored_again,
        a_repeated_key_is_one_chunk, buffers_are_released_before_the_result,
        stored_chunks_are_found_and_loaded_in_the_order_of_keys,
    },
    closing::{
        after_closing_tasks_complete_at_once_without_effect, closing_completes_every_task_once,
        results_can_be_taken_after_closing_twice,
    },
    events::{
        an_event_is_signalled_after_its_result_and_reset_by_reading, events_are_distinct_descriptors_that_do_not_block,
    },
    layouts::{a_chunk_of_another_layout_is_not_found, a_chunk_whose_size_differs_from_its_layout_is_found},
    listeners::{a_listener_may_call_the_adapter, listeners_are_notified_of_stored_accessed_and_deleted_keys},
    locks::{
        a_lookup_locks_each_key_once_and_unlocking_releases_one_lock, deleting_removes_only_unlocked_keys,
        unlocking_an_unlocked_key_changes_nothing,
    },
    races::threads_that_use_the_same_keys_get_consistent_results,
    results::{
        a_result_is_returned_once_and_only_for_its_own_kind, submitting_never_waits,
        task_ids_are_distinct_over_all_kinds, tasks_without_keys_succeed,
    },
    sides::{an_adapter_reports_whether_it_serves, each_side_completes_tasks_of_the_other_side_at_once},
    subject::{Abilities, CHUNKS_MAX, Deployment, Subject},
    usage::usage_counts_bytes_by_cache_salt,
    waits::{
        a_lookup_of_keys_that_are_never_stored_completes, a_waiting_lookup_delays_no_other_task,
        closing_completes_waiting_lookups,
    },
};
#[cfg(target_os = "linux")]
pub use leftovers::nothing_is_left_behind;

/// A test of each behaviour in [`adapter::contract`](crate::adapter::contract), for the adapter of a
/// [`Subject`](crate::adapter::contract::Subject). Each use of the macro also tests behaviours that are added later.
#[macro_export]
macro_rules! contract_tests {
    ($subject:expr) => {
        $crate::contract_tests! { @each $subject;
            a_chunk_of_another_layout_is_not_found,
            a_chunk_whose_size_differs_from_its_layout_is_found,
            a_listener_may_call_the_adapter,
            a_load_into_a_buffer_of_another_length_is_a_miss,
            a_lookup_locks_each_key_once_and_unlocking_releases_one_lock,
            a_lookup_of_keys_that_are_never_stored_completes,
            a_present_chunk_is_not_stored_again,
            a_repeated_key_is_one_chunk,
            a_result_is_returned_once_and_only_for_its_own_kind,
            a_waiting_lookup_delays_no_other_task,
            after_closing_tasks_complete_at_once_without_effect,
            an_adapter_reports_whether_it_serves,
            an_event_is_signalled_after_its_result_and_reset_by_reading,
            buffers_are_released_before_the_result,
            closing_completes_every_task_once,
            closing_completes_waiting_lookups,
            deleting_removes_only_unlocked_keys,
            each_side_completes_tasks_of_the_other_side_at_once,
            events_are_distinct_descriptors_that_do_not_block,
            listeners_are_notified_of_stored_accessed_and_deleted_keys,
            results_can_be_taken_after_closing_twice,
            stored_chunks_are_found_and_loaded_in_the_order_of_keys,
            submitting_never_waits,
            task_ids_are_distinct_over_all_kinds,
            tasks_without_keys_succeed,
            threads_that_use_the_same_keys_get_consistent_results,
            unlocking_an_unlocked_key_changes_nothing,
            usage_counts_bytes_by_cache_salt,
        }

        #[cfg(target_os = "linux")]
        #[test]
        fn nothing_is_left_behind() {
            let test = concat!(module_path!(), "::nothing_is_left_behind");
            $crate::adapter::contract::nothing_is_left_behind(&$subject, test);
        }
    };
    (@each $subject:expr; $($behaviour:ident),* $(,)?) => {
        $(
            #[test]
            fn $behaviour() {
                $crate::adapter::contract::$behaviour(&$subject);
            }
        )*
    };
}
