//! The laws of `PublishKeys` and `ReadPublicKeys`.

use auth::keys::{PublishKeys, ReadPublicKeys};
use claims::{Access, Algorithm, Jwks, KeySet, Timestamp};
use rand::{SeedableRng as _, rngs::StdRng};

use crate::laws;

/// The ports that publish and read public keys.
pub(crate) trait PublicKeys: PublishKeys + ReadPublicKeys {}
impl<P: PublishKeys + ReadPublicKeys> PublicKeys for P {}

laws! { public_keys, public_key_reads:
    the_set_that_was_published_last_is_read
    before_the_first_there_is_none
}

async fn the_set_that_was_published_last_is_read(keys: &impl PublicKeys) {
    let none = Jwks::from_json(r#"{"keys":[]}"#).unwrap();
    for published in [&none, &one_key()] {
        keys.publish(published).await.unwrap();

        assert_eq!(keys.public_keys().await.unwrap(), Some(published.to_json()));
    }
}

async fn before_the_first_there_is_none(keys: &impl PublicKeys) {
    assert_eq!(keys.public_keys().await.unwrap(), None);
}

/// Returns a set with one public key.
fn one_key() -> Jwks {
    let rng = &mut StdRng::seed_from_u64(1);
    let keys = keygen::access_key_set(Algorithm::ES256, Timestamp::new(1_600_000_000), rng).unwrap();
    KeySet::<Access>::from_json(&keys).unwrap().jwks()
}
