//! A hand-made sender, which sends what a test wants it to send.

use tonic::Status;

use super::super::{
    client::{Connection, ConnectionHold, origin},
    connection::{HeldStream, SocketsStayOpen},
    encoding,
    generated::{
        AttachReply, CallRefusal, ChallengeCall, HandshakeReply, ProvenCall, ReserveCall, attach_reply,
        pd_alloc_client::PdAllocClient, pd_init_client::PdInitClient,
    },
    incarnation::IncarnationKey,
    naming,
    secret::{Nonce, SharedSecret, Statement},
};
use super::MEMORY;
use crate::adapters::pd_l2_adapter::protocol::{Destination, HandshakeRequest, PROTOCOL_VERSION, RequestId};

pub(super) const NONCE: Nonce = [7; 16];

/// A connection to the init port.
pub(super) struct InitPeer {
    pub(super) calls: PdInitClient<Connection>,
    _hold: ConnectionHold,
}

impl InitPeer {
    pub(super) async fn connect(port: u16) -> Self {
        let (connection, hold) = connected(port).await;
        Self { calls: PdInitClient::with_origin(connection, origin()), _hold: hold }
    }

    pub(super) async fn challenge(&mut self) -> Result<Vec<u8>, Status> {
        let reply = self.calls.challenge(ChallengeCall { sender_nonce: NONCE.to_vec() }).await?;
        Ok(reply.into_inner().receiver_nonce)
    }

    /// Introduces itself correctly, except for what the payload contains.
    pub(super) async fn introduce(
        &mut self,
        secret: &SharedSecret,
        payload: Vec<u8>,
    ) -> Result<HandshakeReply, Status> {
        let nonce = self.challenge().await?;
        let call = proven(secret, Statement::Introduction, &nonce, payload);
        Ok(self.calls.handshake(call).await?.into_inner())
    }
}

async fn connected(port: u16) -> (Connection, ConnectionHold) {
    let reached = HeldStream::connect(([127, 0, 0, 1], port).into(), SocketsStayOpen::default()).await.unwrap();
    let (connection, hold, _) = Connection::over(reached).await.unwrap();
    (connection, hold)
}

/// A connection to the alloc port.
pub(super) struct AllocPeer {
    pub(super) calls: PdAllocClient<Connection>,
    pub(super) hold: ConnectionHold,
}

impl AllocPeer {
    pub(super) async fn connect(port: u16) -> Self {
        let (connection, hold) = connected(port).await;
        Self { calls: PdAllocClient::with_origin(connection, origin()), hold }
    }

    pub(super) async fn challenge(&mut self) -> Result<Vec<u8>, Status> {
        let reply = self.calls.challenge(ChallengeCall { sender_nonce: NONCE.to_vec() }).await?;
        Ok(reply.into_inner().receiver_nonce)
    }

    pub(super) async fn attach(
        &mut self,
        secret: &SharedSecret,
        incarnation: &IncarnationKey,
        attempt: u64,
        to: Destination,
    ) -> Result<AttachReply, Status> {
        let nonce = self.challenge().await?;
        let payload = prost::Message::encode_to_vec(&naming::attachment(incarnation, attempt, to));
        let call = proven(secret, Statement::Attachment, &nonce, payload);
        Ok(self.calls.attach(call).await?.into_inner())
    }

    /// Attaches to the memory of the test's receiver. Returns the reason if it is refused.
    pub(super) async fn attach_to_memory(
        &mut self,
        secret: &SharedSecret,
        incarnation: &IncarnationKey,
        attempt: u64,
    ) -> Result<Option<CallRefusal>, Status> {
        Ok(refusal(self.attach(secret, incarnation, attempt, MEMORY).await?))
    }
}

/// Why an attachment was refused.
pub(super) fn refusal(reply: AttachReply) -> Option<CallRefusal> {
    match reply.outcome.unwrap() {
        attach_reply::Outcome::Refusal(refusal) => Some(refusal),
        attach_reply::Outcome::Attached(_) => None,
    }
}

pub(super) fn proven(secret: &SharedSecret, statement: Statement, theirs: &[u8], payload: Vec<u8>) -> ProvenCall {
    super::super::client::proven(secret, statement, (&NONCE, theirs), payload)
}

/// An introduction that is accepted.
pub(super) fn introduction(incarnation: &IncarnationKey) -> Vec<u8> {
    prost::Message::encode_to_vec(&encoding::introduction(&handshake(incarnation), incarnation))
}

/// A handshake that is accepted.
pub(super) fn handshake(incarnation: &IncarnationKey) -> HandshakeRequest {
    HandshakeRequest {
        protocol_version: PROTOCOL_VERSION,
        epoch: incarnation.epoch(),
        node_name: None,
        tp_rank: 0,
        rank_count: 1,
        transfer_channel: "mock_memory".to_owned(),
        checksum: false,
        next_request: RequestId(1),
    }
}

/// A reserve call of this many bytes.
pub(super) fn large_reserve_call(epoch: u64, bytes: usize) -> ReserveCall {
    let key = super::super::generated::ChunkKey { chunk_hash: vec![0; bytes], ..Default::default() };
    let chunk = super::super::generated::WantedChunk { key: Some(key), length_bytes: 1 };
    ReserveCall { epoch, request: 1, destination: None, chunks: vec![chunk], wait_ms: 0 }
}
