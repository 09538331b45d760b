//! The laws of `PublishKeys` and `ReadPublicKeys`.

use auth::keys::{PublishKeys, ReadPublicKeys};
use claims::Jwks;
use tests::jwks;

use crate::laws;

/// Both ports.
pub(crate) trait PublicKeys: PublishKeys + ReadPublicKeys {}
impl<P: PublishKeys + ReadPublicKeys> PublicKeys for P {}

laws! { public_keys:
    the_set_that_was_published_last_is_read
    before_the_first_there_is_none
}

async fn the_set_that_was_published_last_is_read(keys: &impl PublicKeys) {
    let none = Jwks::from_json(r#"{"keys":[]}"#).unwrap();
    for published in [&none, &jwks()] {
        keys.publish(published).await.unwrap();

        assert_eq!(keys.public_keys().await.unwrap(), Some(published.to_json()));
    }
}

async fn before_the_first_there_is_none(keys: &impl PublicKeys) {
    assert_eq!(keys.public_keys().await.unwrap(), None);
}
