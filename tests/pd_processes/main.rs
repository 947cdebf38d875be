//! A prefill node and a decode node as separate processes, which are killed, frozen, restarted and sent garbage.
//!
//! Every scenario is a function of the transfer channel's name; `over_every_channel!` makes tests of them.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test says what it expects by unwrapping")]

mod child;
mod garbage;
mod misdirected;
#[allow(dead_code, reason = "shared with tests/pd, which uses all of it")]
#[path = "../pd/node.rs"]
mod node;
mod process;
mod scenarios;

/// Not a test but a node: the tests start it in a separate process.
#[test]
#[ignore = "the other tests run it as a node's process"]
fn node_process() {
    child::serve();
}

/// Tests every scenario over every channel that is built.
macro_rules! over_every_channel {
    ($($module:ident::$scenario:ident,)*) => {
        mod mock_memory {
            $(
                #[test]
                fn $scenario() {
                    crate::$module::$scenario("mock_memory");
                }
            )*
        }

        #[cfg(feature = "nixl")]
        mod nixl {
            $(
                #[test]
                fn $scenario() {
                    crate::$module::$scenario("nixl");
                }
            )*
        }
    };
}

over_every_channel! {
    scenarios::a_sender_killed_during_a_write_leaves_no_slot_behind,
    scenarios::a_receiver_killed_during_a_write_and_restarted_gets_the_task_again,
    scenarios::a_receiver_frozen_for_longer_than_a_lease_does_not_declare_its_senders_dead,
    scenarios::a_frozen_receiver_is_reported_as_not_responding,
    scenarios::either_side_may_be_restarted_between_transfers,
    scenarios::late_bytes_of_a_frozen_sender_hit_no_slot_of_another_sender,
    scenarios::the_memory_of_a_frozen_sender_is_replaced_once_no_other_chunk_is_in_it,
    scenarios::a_full_receiver_serves_three_senders_that_need_four_times_its_memory,
    scenarios::closing_during_a_transfer_completes_every_task_once,
    scenarios::ten_thousand_requests_leave_nothing_behind,
    misdirected::no_order_of_port_lists_of_two_ranks_moves_a_wrong_byte,
    misdirected::no_order_of_the_port_lists_of_four_ranks_moves_a_wrong_byte,
    misdirected::ports_of_two_receivers_are_detected_and_named,
    misdirected::an_alloc_port_given_as_an_init_port_is_named,
    misdirected::a_port_that_is_forwarded_elsewhere_is_detected,
    misdirected::after_a_restart_of_the_receiver_between_handshake_and_attachment_the_sender_reconnects,
    garbage::garbage_on_every_port_has_no_effect_and_leaks_nothing,
}
