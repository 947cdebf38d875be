//! A sender made by hand: it says what it is told to say.

use tonic::Status;

use super::super::{
    client::{Connection, ConnectionHold, origin},
    encoding,
    generated::{
        AttachReply, ChallengeCall, HandshakeReply, ProvenCall, ReserveCall, pd_alloc_client::PdAllocClient,
        pd_init_client::PdInitClient,
    },
    incarnation::IncarnationKey,
    secret::{Nonce, SharedSecret, Statement},
};
use crate::adapters::pd_l2_adapter::protocol::{HandshakeRequest, PROTOCOL_VERSION, RequestId};

pub(super) const NONCE: Nonce = [7; 16];

/// A connection to the init port.
pub(super) struct InitPeer {
    pub(super) calls: PdInitClient<Connection>,
    _hold: ConnectionHold,
}

impl InitPeer {
    pub(super) async fn connect(port: u16) -> Self {
        let (connection, hold, _) = Connection::open("127.0.0.1", port).await.unwrap();
        Self { calls: PdInitClient::with_origin(connection, origin()), _hold: hold }
    }

    pub(super) async fn challenge(&mut self) -> Result<Vec<u8>, Status> {
        let reply = self.calls.challenge(ChallengeCall { sender_nonce: NONCE.to_vec() }).await?;
        Ok(reply.into_inner().receiver_nonce)
    }

    /// Introduces itself as it should, but for what the payload says.
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

/// A connection to the alloc port.
pub(super) struct AllocPeer {
    pub(super) calls: PdAllocClient<Connection>,
    pub(super) hold: ConnectionHold,
}

impl AllocPeer {
    pub(super) async fn connect(port: u16) -> Self {
        let (connection, hold, _) = Connection::open("127.0.0.1", port).await.unwrap();
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
    ) -> Result<AttachReply, Status> {
        let nonce = self.challenge().await?;
        let payload = prost::Message::encode_to_vec(&encoding::attachment(incarnation, attempt));
        let call = proven(secret, Statement::Attachment, &nonce, payload);
        Ok(self.calls.attach(call).await?.into_inner())
    }
}

pub(super) fn proven(secret: &SharedSecret, statement: Statement, theirs: &[u8], payload: Vec<u8>) -> ProvenCall {
    super::super::client::proven(secret, statement, (&NONCE, theirs), payload)
}

/// An introduction that is accepted.
pub(super) fn introduction(incarnation: &IncarnationKey) -> Vec<u8> {
    let request = HandshakeRequest {
        protocol_version: PROTOCOL_VERSION,
        epoch: incarnation.epoch(),
        node_name: None,
        tp_rank: 0,
        rank_count: 1,
        transfer_channel: "mock_memory".to_owned(),
        checksum: false,
        next_request: RequestId(1),
    };
    prost::Message::encode_to_vec(&encoding::introduction(&request, incarnation))
}

/// A reserve call of this many bytes.
pub(super) fn large_reserve_call(epoch: u64, bytes: usize) -> ReserveCall {
    let key = super::super::generated::ChunkKey { chunk_hash: vec![0; bytes], ..Default::default() };
    let chunk = super::super::generated::WantedChunk { key: Some(key), length_bytes: 1 };
    ReserveCall { epoch, request: 1, region: 1, chunks: vec![chunk], wait_ms: 0 }
}
