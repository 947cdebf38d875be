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
//! # l2_adapter::adapter::contract::what_is_stored_is_found_and_loaded_in_the_order_of_keys(&subject());
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
#![allow(clippy::unwrap_used, reason = "a test says what it expects by unwrapping")]

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
        a_chunk_that_is_there_is_not_stored_again, a_key_that_is_named_twice_is_one_chunk,
        a_load_into_a_buffer_of_another_length_is_a_miss, buffers_are_let_go_of_before_the_result,
        what_is_stored_is_found_and_loaded_in_the_order_of_keys,
    },
    closing::{
        after_the_end_tasks_complete_at_once_undone, closing_completes_every_task_once,
        results_can_be_taken_after_the_end_and_closing_again_changes_nothing,
    },
    events::{
        an_event_is_signalled_after_its_result_and_reset_by_reading, events_are_distinct_descriptors_that_do_not_block,
    },
    layouts::{a_chunk_of_another_layout_is_not_found, a_chunk_whose_size_is_not_that_of_a_layout_is_found},
    listeners::{a_listener_may_call_the_adapter, listeners_are_told_what_comes_is_read_and_goes},
    locks::{
        a_look_up_locks_once_and_unlocking_gives_back_one, deleting_forgets_what_is_not_locked,
        unlocking_what_is_not_locked_changes_nothing,
    },
    races::threads_that_use_the_same_keys_get_answers_that_add_up,
    results::{
        a_result_is_given_once_and_for_its_own_kind, submitting_waits_for_nobody, task_ids_are_distinct_over_all_kinds,
        tasks_without_keys_succeed,
    },
    sides::{an_adapter_says_whether_it_serves, each_side_completes_at_once_what_is_not_its_part},
    subject::{Abilities, CHUNKS_MAX, Deployment, Subject},
    usage::usage_counts_bytes_by_cache_salt,
    waits::{
        a_look_up_of_what_nobody_stores_is_answered, a_look_up_that_waits_holds_up_no_other_task,
        closing_ends_look_ups_that_wait,
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
            a_chunk_that_is_there_is_not_stored_again,
            a_chunk_whose_size_is_not_that_of_a_layout_is_found,
            a_key_that_is_named_twice_is_one_chunk,
            a_listener_may_call_the_adapter,
            a_load_into_a_buffer_of_another_length_is_a_miss,
            a_look_up_locks_once_and_unlocking_gives_back_one,
            a_look_up_of_what_nobody_stores_is_answered,
            a_look_up_that_waits_holds_up_no_other_task,
            a_result_is_given_once_and_for_its_own_kind,
            after_the_end_tasks_complete_at_once_undone,
            an_adapter_says_whether_it_serves,
            an_event_is_signalled_after_its_result_and_reset_by_reading,
            buffers_are_let_go_of_before_the_result,
            closing_completes_every_task_once,
            closing_ends_look_ups_that_wait,
            deleting_forgets_what_is_not_locked,
            each_side_completes_at_once_what_is_not_its_part,
            events_are_distinct_descriptors_that_do_not_block,
            listeners_are_told_what_comes_is_read_and_goes,
            results_can_be_taken_after_the_end_and_closing_again_changes_nothing,
            submitting_waits_for_nobody,
            task_ids_are_distinct_over_all_kinds,
            tasks_without_keys_succeed,
            threads_that_use_the_same_keys_get_answers_that_add_up,
            unlocking_what_is_not_locked_changes_nothing,
            usage_counts_bytes_by_cache_salt,
            what_is_stored_is_found_and_loaded_in_the_order_of_keys,
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
