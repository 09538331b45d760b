//! The certificate of `cargo dev --tls`, and the authority that a browser trusts because of it.
//!
//! The key of the authority is dropped as soon as it has signed the certificate. So nothing else can be signed in its
//! name, and anyone who trusts it trusts only the holder of the key in this folder, for this machine's own names.

use std::{
    fs::OpenOptions,
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use claims::{Span, Timestamp};
use jiff::{ToSpan as _, civil::Date, tz::Offset};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CidrSubnet, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, KeyPair, KeyUsagePurpose, NameConstraints,
};
use rustls::{
    RootCertStore, ServerConfig,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier as _},
    crypto::CryptoProvider,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject as _},
};

/// The name of the authority in the lists of browsers and operating systems.
pub(crate) const NAME: &str = "Gatehouse on localhost";
/// The file of the authority's certificate, which browsers and `curl` need.
const AUTHORITY: &str = "ca.pem";

/// The file of the certificate.
const CERTIFICATE: &str = "certificate.pem";
/// The file of the certificate's key.
const KEY: &str = "key.pem";
/// The names and addresses that the certificate is valid for.
const HOSTS: [&str; 3] = ["localhost", "127.0.0.1", "::1"];
/// How long a certificate is valid, in days. Safari refuses those that are valid for more than 398.
const LIFE: i64 = 397;
/// A certificate with less time left is replaced at the next start.
const RESERVE: Span = Span::seconds(7 * 86_400);

/// A certificate with its key, for a server.
#[derive(Debug)]
pub(crate) struct Certificate {
    /// The configuration of the server.
    pub(crate) server: Arc<ServerConfig>,
    /// The authority that clients have to trust.
    pub(crate) authority: Authority,
}

/// The authority of a certificate.
#[derive(Debug)]
pub(crate) struct Authority {
    /// The file with its own certificate.
    pub(crate) path: PathBuf,
    /// Whether it is new, so that no browser trusts it yet.
    pub(crate) is_new: bool,
}

impl Certificate {
    /// Returns the certificate in a folder. Makes a new one if there is none, or if a client that trusts its authority
    /// would soon refuse it.
    ///
    /// # Errors
    /// If a new certificate cannot be made or written.
    pub(crate) fn ensure(folder: &Path, now: Timestamp) -> anyhow::Result<Self> {
        let kept = load(folder, now.plus(RESERVE)).ok();
        let is_new = kept.is_none();
        let server = if let Some(server) = kept {
            server
        } else {
            write(folder, &sign(now)?)?;
            load(folder, now)?
        };
        Ok(Self {
            server: Arc::new(server),
            authority: Authority {
                path: folder.join(AUTHORITY),
                is_new,
            },
        })
    }
}

/// Reads the files of a folder, and checks them as a client would at this time.
fn load(folder: &Path, at: Timestamp) -> anyhow::Result<ServerConfig> {
    let authority = CertificateDer::from_pem_file(folder.join(AUTHORITY))?;
    let certificate = CertificateDer::from_pem_file(folder.join(CERTIFICATE))?;
    let key = PrivateKeyDer::from_pem_file(folder.join(KEY))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    verify(&certificate, authority, at, &provider)?;
    let mut server = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        // This fails if the key is another certificate's.
        .with_single_cert(vec![certificate], key)?;
    server.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(server)
}

fn verify(
    certificate: &CertificateDer<'_>,
    authority: CertificateDer<'_>,
    at: Timestamp,
    provider: &Arc<CryptoProvider>,
) -> anyhow::Result<()> {
    let mut roots = RootCertStore::empty();
    roots.add(authority)?;
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider)).build()?;
    let at = UnixTime::since_unix_epoch(Duration::from_secs(at.get()));
    for host in HOSTS {
        verifier.verify_server_cert(certificate, &[], &ServerName::try_from(host)?, &[], at)?;
    }
    Ok(())
}

/// A new certificate, its key and the certificate of its authority, in PEM.
struct Signed {
    authority: String,
    certificate: String,
    key: String,
}

fn sign(now: Timestamp) -> anyhow::Result<Signed> {
    let authority = make_authority(now)?;
    let mut wanted = parameters("localhost", now)?;
    wanted.subject_alt_names = CertificateParams::new(HOSTS.map(str::to_owned))?.subject_alt_names;
    wanted.is_ca = IsCa::ExplicitNoCa;
    wanted.use_authority_key_identifier_extension = true;
    wanted.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    wanted.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let key = KeyPair::generate()?;
    Ok(Signed {
        certificate: wanted.signed_by(&key, &authority)?.pem(),
        authority: authority.pem(),
        key: key.serialize_pem(),
    })
}

/// Returns a new authority with its key. It can only sign certificates for [`HOSTS`].
fn make_authority(now: Timestamp) -> anyhow::Result<CertifiedIssuer<'static, KeyPair>> {
    let mut wanted = parameters(NAME, now)?;
    wanted.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    wanted.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let permitted = HOSTS.map(|host| match host.parse() {
        // A prefix that is longer than the address covers this address only.
        Ok(address) => GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(address, u8::MAX)),
        Err(_) => GeneralSubtree::DnsName(host.to_owned()),
    });
    wanted.name_constraints = Some(NameConstraints {
        permitted_subtrees: permitted.into(),
        excluded_subtrees: Vec::new(),
    });
    Ok(CertifiedIssuer::self_signed(wanted, KeyPair::generate()?)?)
}

/// Returns the parameters of a certificate that is valid from yesterday, since another clock may be late.
fn parameters(name: &str, now: Timestamp) -> anyhow::Result<CertificateParams> {
    let seconds = i64::try_from(now.get())?;
    let today = Offset::UTC.to_datetime(jiff::Timestamp::from_second(seconds)?).date();
    let start = today.yesterday()?;
    let end = start.checked_add(LIFE.days())?;
    let midnight = |date: Date| -> anyhow::Result<_> {
        let (month, day) = (u8::try_from(date.month())?, u8::try_from(date.day())?);
        Ok(rcgen::date_time_ymd(date.year().into(), month, day))
    };
    let mut parameters = CertificateParams::default();
    (parameters.not_before, parameters.not_after) = (midnight(start)?, midnight(end)?);
    parameters.distinguished_name = DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, name);
    Ok(parameters)
}

/// Writes a new folder and renames it, so that the folder never contains files of two certificates.
fn write(folder: &Path, signed: &Signed) -> anyhow::Result<()> {
    let mut beside = folder.as_os_str().to_owned();
    beside.push(format!(".{}", std::process::id()));
    let beside = PathBuf::from(beside);
    let replace = || -> std::io::Result<()> {
        std::fs::create_dir_all(&beside)?;
        write_file(&beside.join(AUTHORITY), &signed.authority, 0o644)?;
        write_file(&beside.join(CERTIFICATE), &signed.certificate, 0o644)?;
        write_file(&beside.join(KEY), &signed.key, 0o600)?;
        if folder.exists() {
            std::fs::remove_dir_all(folder)?;
        }
        std::fs::rename(&beside, folder)
    };
    replace().with_context(|| format!("cannot write the certificate to {}", folder.display()))
}

fn write_file(path: &Path, text: &str, mode: u32) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    file.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use rstest::rstest;

    use super::*;

    const NOW: Timestamp = Timestamp::new(1_700_000_000);
    const DAY: u64 = 86_400;

    #[test]
    fn a_certificate_is_kept_until_a_week_before_its_end() {
        let folder = TestFolder::new("kept");

        let first = folder.ensure(NOW);
        let made = folder.read(AUTHORITY);
        let later = folder.ensure(after(388));
        let kept = folder.read(AUTHORITY);
        let last = folder.ensure(after(390));

        assert_eq!(
            [first, later, last].map(|one| one.authority.is_new),
            [true, false, true]
        );
        assert_eq!(made, kept);
        assert_ne!(made, folder.read(AUTHORITY));
        assert!(load(&folder.0, after(390 + 380)).is_ok());
    }

    #[test]
    fn a_certificate_is_valid_from_the_day_before_and_for_397_days() {
        let folder = TestFolder::new("life");
        folder.ensure(NOW);
        let midnight = |days| Timestamp::new((NOW.get() / DAY + days) * DAY);
        let (start, end) = (midnight(0).get() - DAY, midnight(396).get());

        let is_valid = |at| load(&folder.0, Timestamp::new(at)).is_ok();

        assert_eq!((end - start) / DAY, 397);
        assert!(!is_valid(start - 1) && is_valid(start));
        assert!(is_valid(end) && !is_valid(end + 1));
    }

    #[test]
    fn only_the_owner_can_read_the_key_and_no_file_has_the_key_of_the_authority() {
        let folder = TestFolder::new("mode");

        folder.ensure(NOW);

        let mode = |name| std::fs::metadata(folder.0.join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(KEY), 0o600);
        let mut names: Vec<_> = std::fs::read_dir(&folder.0)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        assert_eq!(names, [AUTHORITY, CERTIFICATE, KEY]);
        for name in [AUTHORITY, CERTIFICATE] {
            assert!(!folder.read(name).contains("PRIVATE KEY"), "{name}");
        }
        assert_eq!(folder.read(KEY).matches("PRIVATE KEY").count(), 2);
    }

    #[rstest]
    #[case::missing(KEY, None)]
    #[case::cut_off(CERTIFICATE, Some("-----BEGIN CERTIFICATE-----\n"))]
    #[case::of_another(KEY, Some("other"))]
    #[case::of_another_authority(AUTHORITY, Some("other"))]
    fn files_that_do_not_belong_together_are_replaced(#[case] name: &str, #[case] content: Option<&str>) {
        let length = content.map_or(0, str::len);
        let folder = TestFolder::new(&format!("damaged-{name}-{length}"));
        let other = TestFolder::new(&format!("other-{name}-{length}"));
        folder.ensure(NOW);
        other.ensure(NOW);
        let path = folder.0.join(name);
        match content {
            None => std::fs::remove_file(path).unwrap(),
            Some("other") => std::fs::write(path, other.read(name)).unwrap(),
            Some(text) => std::fs::write(path, text).unwrap(),
        }

        let replaced = folder.ensure(NOW);

        assert!(replaced.authority.is_new);
        assert!(load(&folder.0, NOW).is_ok());
    }

    #[rstest]
    #[case("localhost", true)]
    #[case("127.0.0.1", true)]
    #[case("::1", true)]
    #[case("example.com", false)]
    #[case("localhost.example.com", false)]
    #[case("127.0.0.2", false)]
    fn the_authority_is_trusted_for_this_machine_only(#[case] host: &str, #[case] is_trusted: bool) {
        let authority = make_authority(NOW).unwrap();
        let mut wanted = parameters("any", NOW).unwrap();
        wanted.subject_alt_names = CertificateParams::new([host.to_owned()]).unwrap().subject_alt_names;
        let certificate = wanted.signed_by(&KeyPair::generate().unwrap(), &authority).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(authority.der().clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
        let verifier = verifier.build().unwrap();
        let at = UnixTime::since_unix_epoch(Duration::from_secs(NOW.get()));

        let name = ServerName::try_from(host).unwrap();
        let verified = verifier.verify_server_cert(certificate.der(), &[], &name, &[], at);

        assert_eq!(verified.is_ok(), is_trusted, "{verified:?}");
    }

    fn after(days: u64) -> Timestamp {
        Timestamp::new(NOW.get().saturating_add(days.saturating_mul(DAY)))
    }

    struct TestFolder(PathBuf);

    impl TestFolder {
        fn new(name: &str) -> Self {
            let name = format!("gatehouse-certificate-{}-{name}", std::process::id());
            Self(std::env::temp_dir().join(name))
        }

        fn ensure(&self, now: Timestamp) -> Certificate {
            Certificate::ensure(&self.0, now).unwrap()
        }

        fn read(&self, name: &str) -> String {
            std::fs::read_to_string(self.0.join(name)).unwrap()
        }
    }

    impl Drop for TestFolder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}
