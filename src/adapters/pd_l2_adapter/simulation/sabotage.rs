//! Machines that are broken on purpose, at the seam between a machine and its world: each must be caught, or the checkers
//! prove nothing.

/// A way to be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sabotage {
    /// Keys can be found when their slots are reserved, as in LMCache's PD backend.
    PublishAtReserve,
    /// A look-up finds what was never committed.
    FindEverything,
    /// A chunk is read from its neighbour's place.
    LoadFromElsewhere,
    /// A lease that runs out is taken for death.
    TimerFreesSlots,
    /// A cancel frees slots though a write is in flight, as in LMCache's PD backend.
    CancelFreesUnderWrite,
    /// The sender closes connections while a write is in flight.
    CloseUnderWrite,
    /// The sender writes on, though the connection it was granted slots over is gone and closed.
    GrantsOutliveConnection,
    /// A write whose connection broke is taken for one that has ended everywhere.
    BreachTakenForEnd,
    /// The receiver takes a poll of its channel for one that took nothing from its sockets.
    PollNothing,
    /// A name that another sender takes over is taken for a death.
    NameTakenForDeath,
    /// The end of a connection before the latest is taken for a death.
    EarlierCloseTakenForDeath,
    /// A peer that broke stays broken, though it is added again.
    KeepBrokenPeer,
    /// The channel says that it could not add a peer that it has added.
    AddPeerInSecret,
    /// A write is reported as broken off while it goes on.
    EarlyBreach,
    /// Staging memory comes back before the write has ended.
    EarlyTerminalStatus,
    /// All chunks are staged in one place.
    StageInOnePlace,
    /// The receiver believes it has more memory than there is.
    AdmitTooMuch,
    /// Slots vanish without a word.
    LoseDeletedKeys,
    /// A task completes never.
    LoseCompletion,
    /// A task completes twice.
    CompleteTwice,
    /// A task whose commit was refused succeeds.
    SucceedWithoutCommit,
    /// Cancels are taken for heard that were not.
    SwallowCancels,
    /// A look-up is answered though one of its keys is being written.
    LookupsDoNotWait,
    /// A look-up goes on though a reserve call needs the room that it holds.
    LookupsKeepRoom,
}

impl Sabotage {
    /// Each of them, and how the message begins of the check that must catch it.
    pub(super) const ALL: &[(Self, &[&str])] = &[
        (Self::PublishAtReserve, &["bytes:"]),
        (Self::FindEverything, &["visibility:"]),
        (Self::LoadFromElsewhere, &["bytes:"]),
        (Self::TimerFreesSlots, &["tenancy:"]),
        (Self::CancelFreesUnderWrite, &["tenancy:"]),
        (Self::CloseUnderWrite, &["tenancy:"]),
        (Self::GrantsOutliveConnection, &["tenancy:"]),
        (Self::BreachTakenForEnd, &["tenancy:"]),
        (Self::PollNothing, &["tenancy:"]),
        (Self::NameTakenForDeath, &["tenancy:"]),
        (Self::EarlierCloseTakenForDeath, &["tenancy:"]),
        (Self::KeepBrokenPeer, &["drain:"]),
        (Self::AddPeerInSecret, &["peer:"]),
        (Self::EarlyBreach, &["peer:", "tenancy:", "staging:"]),
        (Self::EarlyTerminalStatus, &["bytes:", "tenancy:", "staging:"]),
        (Self::StageInOnePlace, &["staging:"]),
        (Self::AdmitTooMuch, &["admission:"]),
        (Self::LoseDeletedKeys, &["conservation:"]),
        (Self::LoseCompletion, &["tasks:"]),
        (Self::CompleteTwice, &["tasks:"]),
        (Self::SucceedWithoutCommit, &["tasks:"]),
        (Self::SwallowCancels, &["drain:"]),
        (Self::LookupsDoNotWait, &["look-ups:"]),
        (Self::LookupsKeepRoom, &["room:"]),
    ];
}
