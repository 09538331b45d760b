//! The connections of an operator, whose network may have a proxy that presents certificates of its own.

mod proxy;
mod web;

use anyhow::Context as _;
use config::Environment;
use connections::{Connections, amazon_roots};
use rustls::pki_types::{CertificateDer, pem::PemObject as _};

use self::proxy::Proxied;
pub(crate) use self::web::{Answer, Web};

/// The variable with the path of further root certificates, as the AWS CLI reads it.
const BUNDLE: &str = "AWS_CA_BUNDLE";

/// Returns connections through the proxy of the environment, to hosts with a certificate of Amazon, of the system or of
/// `AWS_CA_BUNDLE`.
pub(crate) fn connections() -> anyhow::Result<Connections> {
    let mut roots = amazon_roots();
    // A system without certificates is not an error, because Amazon's are in the binary.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = Environment::from_process().get(BUNDLE)? {
        let cannot = || format!("{BUNDLE}: cannot read the certificates in {path}");
        let certificates = CertificateDer::pem_file_iter(path).with_context(cannot)?;
        roots.add_parsable_certificates(certificates.collect::<Result<Vec<_>, _>>().with_context(cannot)?);
    }
    Ok(Connections::new(Box::new(Proxied::from_environment()), roots))
}
