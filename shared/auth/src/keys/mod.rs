//! Keys: how they are read, followed and selected by time.

mod edge_keys;
mod ports;
mod ring;
mod sources;
mod verify;

pub use edge_keys::{EdgeKeys, InvalidEdgeKeys};
pub use ports::{
    KeySetVersion, KeySetVersions, PublishKeys, ReadKeySet, ReadPublicKeys, ReadSecret, ReplaceError, ReplaceKeySet,
    Signer,
};
pub use ring::{KeySets, Keyring, RefreshKeys};
pub use sources::{KEYS_STALE, Published, Secret, follow_edge_keys, follow_key_set, follow_public_keys};
pub use verify::{TokenError, verify};
