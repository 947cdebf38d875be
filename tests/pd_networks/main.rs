//! A prefill node and a decode node on real networks, which are cut.
//!
//! Each scenario has a network of namespaces with addresses that exist only inside it. Scenarios mostly wait, so run all of them
//! at once: `cargo test --features nixl --test pd_networks -- --test-threads 64`. They need root, NIXL, and Debian's packages
//! iproute2 and nftables. If something is missing the tests say so and pass; if the environment variable `CI` is set they fail.
//!
//! ```text
//! cuts, data_path, late_bytes     a cut link; NIXL's own connections; bytes that arrive late
//! restarts, names, faults         power loss; names of hosts; random faults
//! nodes                           nodes on the hosts of a network, and what must hold for them
//! network, namespace              hosts around a hub; the kernel's namespaces
//! ```

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test says what it expects by unwrapping")]

#[path = "../pd_processes/child.rs"]
mod child;
mod cuts;
mod data_path;
mod faults;
mod late_bytes;
mod names;
mod namespace;
mod network;
#[allow(dead_code, reason = "shared with tests/pd, which uses all of it")]
#[path = "../pd/node.rs"]
mod node;
mod nodes;
#[allow(dead_code, reason = "shared with tests/pd_processes, which uses all of it")]
#[path = "../pd_processes/process.rs"]
mod process;
mod restarts;

/// Not a test but a node: the tests start it in a separate process.
#[test]
#[ignore = "the other tests run it as a node's process"]
fn node_process() {
    child::serve();
}

/// Whether scenarios can run on this machine. If not, it names the test that was not checked, or fails in CI.
fn can_run(test: &str) -> bool {
    let Some(obstacle) = namespace::obstacle().or_else(nodes::obstacle) else { return true };
    let is_ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false");
    assert!(!is_ci, "{test} cannot run here: {obstacle}");
    nodes::say(&format!("NOT CHECKED: {test}, because {obstacle}"));
    false
}

#[test]
fn namespaces_of_a_killed_run_are_removed_with_their_processes() {
    if can_run("namespaces_of_a_killed_run_are_removed_with_their_processes") {
        namespace::check_that_stale_namespaces_are_removed();
    }
}

/// Declares scenarios as tests: name and expression.
macro_rules! scenarios {
    ($($(#[$attribute:meta])* $name:ident: $run:expr;)*) => {
        $(
            #[test]
            $(#[$attribute])*
            fn $name() {
                if can_run(stringify!($name)) {
                    $run;
                }
            }
        )*
    };
}

mod bytes_move_again_after {
    use crate::{
        can_run,
        cuts::{
            Traffic::{Idle, MidTransfer},
            bytes_move_again,
        },
        network::LinkFault::{NothingArrives, NothingLeaves, Unplugged},
    };

    scenarios! {
        an_idle_link_was_down_for_5_s: bytes_move_again(Unplugged, 5, Idle);
        an_idle_link_was_down_for_20_s: bytes_move_again(Unplugged, 20, Idle);
        an_idle_link_was_down_for_45_s: bytes_move_again(Unplugged, 45, Idle);
        an_idle_sender_was_not_heard_for_5_s: bytes_move_again(NothingLeaves, 5, Idle);
        an_idle_sender_was_not_heard_for_20_s: bytes_move_again(NothingLeaves, 20, Idle);
        an_idle_sender_was_not_heard_for_45_s: bytes_move_again(NothingLeaves, 45, Idle);
        an_idle_sender_heard_nothing_for_5_s: bytes_move_again(NothingArrives, 5, Idle);
        an_idle_sender_heard_nothing_for_20_s: bytes_move_again(NothingArrives, 20, Idle);
        an_idle_sender_heard_nothing_for_45_s: bytes_move_again(NothingArrives, 45, Idle);
        a_link_was_down_for_5_s_in_mid_transfer: bytes_move_again(Unplugged, 5, MidTransfer);
        a_link_was_down_for_20_s_in_mid_transfer: bytes_move_again(Unplugged, 20, MidTransfer);
        a_link_was_down_for_45_s_in_mid_transfer: bytes_move_again(Unplugged, 45, MidTransfer);
        a_sender_was_not_heard_for_5_s_in_mid_transfer: bytes_move_again(NothingLeaves, 5, MidTransfer);
        a_sender_was_not_heard_for_20_s_in_mid_transfer: bytes_move_again(NothingLeaves, 20, MidTransfer);
        a_sender_was_not_heard_for_45_s_in_mid_transfer: bytes_move_again(NothingLeaves, 45, MidTransfer);
        a_sender_heard_nothing_for_5_s_in_mid_transfer: bytes_move_again(NothingArrives, 5, MidTransfer);
        a_sender_heard_nothing_for_20_s_in_mid_transfer: bytes_move_again(NothingArrives, 20, MidTransfer);
        a_sender_heard_nothing_for_45_s_in_mid_transfer: bytes_move_again(NothingArrives, 45, MidTransfer);
    }
}

mod data_path_faults {
    use crate::{
        can_run,
        cuts::Traffic::{Idle, MidTransfer},
        data_path::{
            self as scenario,
            Side::{Receiver, Sender},
        },
        network::LinkFault::{DataDropped, DataRejected},
    };

    scenarios! {
        blocked_data_ports_are_reported_and_opened_ones_used:
            scenario::blocked_data_ports_are_reported_and_opened_ones_used();
        a_sender_that_starts_while_data_ports_are_dropped_keeps_its_deadlines:
            scenario::a_sender_that_starts_while_data_ports_are_blocked_keeps_its_deadlines(DataDropped);
        a_sender_that_starts_while_data_ports_are_rejected_keeps_its_deadlines:
            scenario::a_sender_that_starts_while_data_ports_are_blocked_keeps_its_deadlines(DataRejected);
        a_path_that_drops_packets_of_more_than_600_bytes_is_reported:
            scenario::a_path_that_drops_large_packets_is_reported(600);
        a_path_that_drops_packets_of_more_than_1400_bytes_is_reported:
            scenario::a_path_that_drops_large_packets_is_reported(1400);
        a_node_starts_only_while_its_link_is_up:
            scenario::a_node_starts_only_while_its_link_is_up();
        a_connection_closed_by_the_senders_kernel_is_replaced:
            scenario::a_data_connection_that_ends_is_replaced(Sender, Idle);
        a_connection_closed_by_the_receivers_kernel_is_replaced:
            scenario::a_data_connection_that_ends_is_replaced(Receiver, Idle);
        a_connection_closed_by_the_senders_kernel_in_mid_transfer_is_replaced:
            scenario::a_data_connection_that_ends_is_replaced(Sender, MidTransfer);
        a_connection_closed_by_the_receivers_kernel_in_mid_transfer_is_replaced:
            scenario::a_data_connection_that_ends_is_replaced(Receiver, MidTransfer);
        a_receiver_survives_two_cuts_and_keeps_no_old_connection:
            scenario::a_receiver_survives_two_cuts_and_keeps_no_old_connection();
        every_chunk_arrives_over_a_link_that_loses_1_percent:
            scenario::every_chunk_arrives_over_a_link_that_loses_packets(1);
        every_chunk_arrives_over_a_link_that_loses_10_percent:
            scenario::every_chunk_arrives_over_a_link_that_loses_packets(10);
    }
}

mod machines_without_power {
    use crate::{
        can_run,
        cuts::Traffic::{Idle, MidTransfer},
        restarts as scenario,
    };

    scenarios! {
        a_receiver_that_restarts_on_another_machine_is_found:
            scenario::a_receiver_that_restarts_on_another_machine_is_found(Idle);
        a_receiver_that_restarts_on_another_machine_in_mid_transfer_is_found:
            scenario::a_receiver_that_restarts_on_another_machine_is_found(MidTransfer);
        memory_of_a_sender_whose_machine_loses_power_is_freed:
            scenario::memory_of_a_sender_whose_machine_loses_power_is_freed();
    }
}

mod names_of_hosts {
    use crate::{can_run, names as scenario};

    scenarios! {
        a_node_closes_in_time_during_name_resolution:
            scenario::a_node_closes_in_time_during_name_resolution();
        a_receiver_is_reached_by_the_second_address_of_its_name:
            scenario::a_receiver_is_reached_by_the_second_address_of_its_name();
        a_command_that_is_still_starting_ends_on_a_signal: scenario::a_command_that_is_still_starting_ends_on_a_signal();
        a_receiver_whose_name_resolves_to_loopback_warns: scenario::a_receiver_whose_name_resolves_to_loopback_warns();
        a_receiver_is_reached_by_an_address_with_a_scope: scenario::a_receiver_is_reached_by_an_address_with_a_scope();
    }
}

mod late_bytes_hit_no_chunk {
    use crate::{
        can_run, late_bytes as scenario,
        network::LinkFault::{DataDropped, NothingLeaves},
    };

    scenarios! {
        slots_of_a_sender_that_was_cut_off_for_8_s_are_not_used_again_too_early:
            scenario::slots_of_a_sender_that_was_cut_off_are_not_used_again_too_early(8);
        slots_of_a_sender_that_was_cut_off_for_25_s_are_not_used_again_too_early:
            scenario::slots_of_a_sender_that_was_cut_off_are_not_used_again_too_early(25);
        slots_of_a_sender_that_was_killed_while_cut_off_are_not_used_again_too_early:
            scenario::slots_of_a_sender_that_was_killed_behind_a_fault_are_not_used_again_too_early(NothingLeaves);
        slots_of_a_sender_that_was_killed_while_its_data_was_held_up_are_not_used_again_too_early:
            scenario::slots_of_a_sender_that_was_killed_behind_a_fault_are_not_used_again_too_early(DataDropped);
        slots_of_an_interrupted_write_are_not_used_again_before_its_bytes_were_read:
            scenario::slots_of_an_interrupted_write_are_not_used_again_before_its_bytes_were_read();
        a_second_sender_of_the_same_name_frees_no_slot_that_bytes_may_reach:
            scenario::a_second_sender_of_the_same_name_frees_no_slot_that_bytes_may_reach();
    }
}

/// Run by hand, with the default times: `cargo test --features nixl --test pd_networks -- --ignored --test-threads 64
/// with_default_times`.
mod bytes_move_again_with_default_times_after {
    use crate::{
        can_run,
        cuts::{
            Traffic::{Idle, MidTransfer},
            bytes_move_again_with_default_times as bytes_move_again,
        },
        network::LinkFault::{NothingArrives, NothingLeaves, Unplugged},
    };

    scenarios! {
        #[ignore = "by hand: it takes minutes"]
        an_idle_link_was_down_for_100_s: bytes_move_again(Unplugged, 100, Idle);
        #[ignore = "by hand: it takes minutes"]
        an_idle_sender_was_not_heard_for_100_s: bytes_move_again(NothingLeaves, 100, Idle);
        #[ignore = "by hand: it takes minutes"]
        an_idle_sender_heard_nothing_for_100_s: bytes_move_again(NothingArrives, 100, Idle);
        #[ignore = "by hand: it takes minutes"]
        a_link_was_down_for_100_s_in_mid_transfer: bytes_move_again(Unplugged, 100, MidTransfer);
        #[ignore = "by hand: it takes minutes"]
        a_sender_was_not_heard_for_100_s_in_mid_transfer: bytes_move_again(NothingLeaves, 100, MidTransfer);
        #[ignore = "by hand: it takes minutes"]
        a_sender_heard_nothing_for_100_s_in_mid_transfer: bytes_move_again(NothingArrives, 100, MidTransfer);
    }
}

/// `scripts/pd-faults` runs it and sets these variables.
#[test]
#[ignore = "it takes up to an hour: scripts/pd-faults runs it"]
fn random_faults_leave_no_wrong_byte_lost_chunk_or_hang() {
    let variable = |name: &str, default: u64| std::env::var(name).map_or(default, |value| value.parse().unwrap());
    if can_run("random_faults_leave_no_wrong_byte_lost_chunk_or_hang") {
        let seed = variable("PD_FAULTS_SEED", u64::from(std::process::id()));
        faults::random_faults(variable("PD_FAULTS", 1000) as u32, seed, variable("PD_FAULTS_DEPLOYMENTS", 8));
    }
}
