//! HTTPS on loopback with certificates of a test CA that is made anew at every start.
//!
//! The CA's key is thrown away once it has signed the only certificate, and the CA is constrained to loopback
//! names: whoever trusts it for a while trusts nothing else by it.

use std::io;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints,
};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivateKeyDer;

/// The names that the certificate holds, as they stand in an address.
pub(crate) const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];
/// For how many days the certificates are good: what clients on every platform still take.
const VALIDITY_DAYS: i64 = 365;

/// What a listener needs, and what a client has to trust.
pub(crate) struct Tls {
    pub(crate) server: ServerConfig,
    /// The CA's certificate, PEM.
    pub(crate) ca_pem: String,
}

impl Tls {
    /// Makes a CA, and a certificate for [`NAMES`].
    pub(crate) fn generate() -> io::Result<Self> {
        let authority_key = KeyPair::generate().map_err(io::Error::other)?;
        let authority = authority()?;
        let ca_pem = authority.self_signed(&authority_key).map_err(io::Error::other)?.pem();
        let issuer = Issuer::new(authority, authority_key);
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let certificate = server()?.signed_by(&key, &issuer).map_err(io::Error::other)?;
        let server = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(key.serialize_der().into()),
            )
            .map_err(io::Error::other)?;
        Ok(Self { server, ca_pem })
    }
}

fn authority() -> io::Result<CertificateParams> {
    let mut params = valid("m365-simulator test CA", Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let loopback = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![
            GeneralSubtree::DnsName("localhost".to_owned()),
            GeneralSubtree::IpAddress(CidrSubnet::from_v4_prefix([127, 0, 0, 0], 8)),
            GeneralSubtree::IpAddress(CidrSubnet::from_v6_prefix(loopback, 128)),
        ],
        excluded_subtrees: Vec::new(),
    });
    Ok(params)
}

fn server() -> io::Result<CertificateParams> {
    let names = NAMES.iter().map(|name| name.trim_matches(['[', ']']).to_owned()).collect();
    let mut params = valid("m365-simulator", names)?;
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    Ok(params)
}

/// From yesterday on: clocks of containers are not always right.
fn valid(name: &str, names: Vec<String>) -> io::Result<CertificateParams> {
    let mut params = CertificateParams::new(names).map_err(io::Error::other)?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    let today = TimeZone::UTC.to_datetime(Timestamp::now()).date();
    let day = |days: i64| -> io::Result<_> {
        let date: Date = today.checked_add(days.days()).map_err(io::Error::other)?;
        let (month, day) = (date.month().unsigned_abs(), date.day().unsigned_abs());
        Ok(rcgen::date_time_ymd(i32::from(date.year()), month, day))
    };
    params.not_before = day(-1)?;
    params.not_after = day(VALIDITY_DAYS)?;
    Ok(params)
}
