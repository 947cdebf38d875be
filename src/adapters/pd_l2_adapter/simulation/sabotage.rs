//! Machines that are broken on purpose, at the seam between a machine and its world: the checkers must catch each of them, or
//! they prove nothing.

/// A way to be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sabotage {
    /// Keys can be found when their slots are reserved, as in LMCache's PD backend.
    PublishAtReserve,
    /// A lookup finds keys that were never committed.
    FindEverything,
    /// A chunk is read from its neighbour's place.
    LoadFromElsewhere,
    /// The end of a lease counts as a death.
    TimerFreesSlots,
    /// A cancel frees slots although a write is in flight, as in LMCache's PD backend.
    CancelFreesUnderWrite,
    /// The sender closes connections while a write is in flight.
    CloseUnderWrite,
    /// The sender continues to write after the connection of its grants is lost and closed.
    GrantsOutliveConnection,
    /// A broken-off write counts as ended everywhere.
    BreachTakenForEnd,
    /// A poll of the receiver's channel takes nothing from its sockets.
    PollNothing,
    /// Taking over a name counts as a death of its owner.
    NameTakenForDeath,
    /// The end of an earlier connection counts as a death.
    EarlierCloseTakenForDeath,
    /// A broken peer stays broken after it is added again.
    KeepBrokenPeer,
    /// The channel reports that it could not add a peer that it has added.
    AddPeerInSecret,
    /// A write is reported as broken off while it continues.
    EarlyBreach,
    /// Staging memory is released before the write has ended.
    EarlyTerminalStatus,
    /// All chunks are staged in one place.
    StageInOnePlace,
    /// The receiver assumes more memory than it has.
    AdmitTooMuch,
    /// Slots disappear without a report.
    LoseDeletedKeys,
    /// A task never completes.
    LoseCompletion,
    /// A task completes twice.
    CompleteTwice,
    /// A task succeeds although its commit was refused.
    SucceedWithoutCommit,
    /// Cancels count as answered although they were not.
    SwallowCancels,
    /// A lookup is answered although one of its keys is being written.
    LookupsDoNotWait,
    /// A lookup continues to wait although a reserve call needs its room.
    LookupsKeepRoom,
}

impl Sabotage {
    /// All of them, each with the prefix of the failure that must catch it.
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
        (Self::LookupsDoNotWait, &["lookups:"]),
        (Self::LookupsKeepRoom, &["room:"]),
    ];
}
