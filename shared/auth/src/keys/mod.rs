//! Keys: how they are read, followed and selected by time.

mod edge_key_reader;
mod edge_keys;
mod ports;
mod public_key_reader;
mod reader;
mod ring;

pub use edge_key_reader::{EdgeKeyFault, EdgeKeyReader};
pub use edge_keys::{EdgeKeys, InvalidEdgeKeys};
pub use ports::{
    KeySetVersion, KeySetVersions, PublishKeys, ReadKeySet, ReadPublicKeys, ReadSecret, ReplaceError, ReplaceKeySet,
    Signer,
};
pub use public_key_reader::{KnownKeys, PublicKeyReader};
pub use reader::{KEYS_STALE, KeyFault, KeyReader, KeysUnavailable};
pub use ring::{KeySets, Keyring, RefreshKeys};
