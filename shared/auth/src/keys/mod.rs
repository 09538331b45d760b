//! Keys: how they are read, kept up to date, and used to sign and verify.

mod challenges;
mod edge_keys;
mod link_keys;
mod ports;
mod ring;
mod sources;
mod verify;

pub use challenges::ChallengeKeys;
pub(crate) use challenges::Issuer;
pub use edge_keys::{EdgeKeys, InvalidEdgeKeys};
pub use link_keys::LinkKeys;
pub use ports::{
    KeySetVersion, KeySetVersions, PublishKeys, PublishSchedule, ReadKeySet, ReadPublicKeys, ReadSchedule, ReadSecret,
    ReplaceError, ReplaceKeySet, Signer,
};
pub use ring::{KeySets, Keyring, RefreshKeys};
pub(crate) use sources::follow_secret;
pub use sources::{KEYS_STALE, Published, Secret, follow_edge_keys, follow_key_set, follow_public_keys};
pub use verify::{TokenError, verify};
