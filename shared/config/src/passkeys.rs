//! The relying party of passkeys: the domain that they belong to, and where they may be used.

use webauthn::{Origin, RelyingParty, RpId};

use crate::{ConfigError, Environment, origins::origin_of};

impl Environment {
    /// Returns the relying party of passkeys. They belong to the domain in `PASSKEY_RP_ID`, default the host of `ISSUER`.
    /// They may be used at the origin of `ISSUER`, at those in `ALLOWED_ORIGINS` that belong to the domain, and at those
    /// in `PASSKEY_ORIGINS`: a comma-separated list of sites at other domains (related origins) and of Android apps,
    /// default empty. Returns `None` if `PASSKEY_RP_ID` is not set and the host is not a domain, such as an IP address:
    /// there are no passkeys then.
    ///
    /// # Errors
    /// If `PASSKEY_RP_ID` is not a domain, `PASSKEY_ORIGINS` has something else than an origin, or another of these
    /// variables is missing or invalid.
    pub fn relying_party(&self) -> Result<Option<RelyingParty>, ConfigError> {
        const DOMAIN: &str = "PASSKEY_RP_ID";
        const ORIGINS: &str = "PASSKEY_ORIGINS";
        let issuer = self.issuer()?;
        let rp_id = match self.get(DOMAIN)? {
            Some(domain) => Some(RpId::parse(domain).map_err(|fault| ConfigError::new(DOMAIN, &fault))?),
            None => RpId::parse(issuer.host()).ok(),
        };
        let Some(rp_id) = rp_id else {
            return Ok(None);
        };
        let listed = self.get(ORIGINS)?.unwrap_or_default().split(',').map(str::trim);
        let listed = listed.filter(|origin| !origin.is_empty()).map(Origin::parse);
        let mut origins: Vec<Origin> = listed
            .collect::<Result<_, _>>()
            .map_err(|fault| ConfigError::new(ORIGINS, &fault))?;
        let allowed = self.allowed_origins()?;
        let sites = allowed.iter().chain([origin_of(issuer.as_str())]);
        let sites = sites.filter_map(|site| Origin::parse(&site).ok());
        origins.extend(sites.filter(|site| site.belongs_to(&rp_id)));
        Ok(Some(RelyingParty::new(rp_id, origins)))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::own_domain("https://auth.example.com/prod", &[], Some("auth.example.com"))]
    #[case::port("http://localhost:3000", &[], Some("localhost"))]
    #[case::parent("https://auth.example.com", &[("PASSKEY_RP_ID", "example.com")], Some("example.com"))]
    #[case::ip_address("http://127.0.0.1:3000", &[], None)]
    fn passkeys_belong_to_the_host_of_the_issuer_or_to_the_given_domain(
        #[case] issuer: &str,
        #[case] more: &[(&str, &str)],
        #[case] domain: Option<&str>,
    ) {
        let relying_party = environment(issuer, more).relying_party().unwrap();

        assert_eq!(relying_party.as_ref().map(|found| found.rp_id().as_str()), domain);
    }

    #[rstest]
    #[case::own("https://auth.example.com", true)]
    #[case::allowed("https://app.example.com", true)]
    #[case::allowed_at_another_domain("https://other.example", false)]
    #[case::end_of_a_name("https://evilexample.com", false)]
    #[case::allowed_without_tls("http://shop.example.com", false)]
    #[case::app("android:apk-key-hash:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU", true)]
    #[case::related("https://example.org", true)]
    #[case::other("https://login.example.com", false)]
    fn passkeys_are_used_where_they_belong_and_where_the_list_says(#[case] origin: &str, #[case] accepted: bool) {
        let allowed =
            "https://App.example.com, https://other.example, https://evilexample.com, http://shop.example.com";
        let listed = "https://example.org, android:apk-key-hash:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
        let more = [
            ("PASSKEY_RP_ID", "example.com"),
            ("ALLOWED_ORIGINS", allowed),
            ("PASSKEY_ORIGINS", listed),
        ];
        let relying_party = environment("https://auth.example.com/prod", &more).relying_party();

        assert_eq!(relying_party.unwrap().unwrap().accepts(origin), accepted);
    }

    #[rstest]
    #[case("PASSKEY_RP_ID", "https://example.com")]
    #[case("PASSKEY_RP_ID", "127.0.0.1")]
    #[case("PASSKEY_ORIGINS", "http://example.com")]
    fn anything_else_is_refused_and_named(#[case] name: &str, #[case] value: &str) {
        let error = environment("https://auth.example.com", &[(name, value)])
            .relying_party()
            .unwrap_err();

        assert!(error.to_string().starts_with(name), "{error}");
    }

    fn environment(issuer: &str, more: &[(&str, &str)]) -> Environment {
        [("ISSUER", issuer)].into_iter().chain(more.iter().copied()).collect()
    }
}
