//! The causes of a failed call to AWS, by the words that the adapters use for them.

use store::{NO_CREDENTIALS, NetworkFault, UNSENT};

use crate::exit::Exit;

/// The cause of a key file that does not exist.
const NO_FILE: &str = "entity not found";

/// Why a call failed, as far as an operator can do something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// No answer came over the network.
    Network(NetworkFault),
    /// There are no credentials.
    NoCredentials,
    /// The credentials have expired or are not valid.
    InvalidCredentials,
    /// The signature is not the expected one.
    Signature,
    /// The credentials do not permit the request.
    Denied,
    /// There is no such table, secret or stack in this region.
    NotFound,
    /// There were too many requests.
    Throttled,
    /// The request does not fit the state of the resource.
    Conflict,
    /// The service failed.
    Service,
    /// Anything else.
    Unknown,
}

impl Cause {
    /// Returns the cause that these words of an adapter name: the error code of the service, or a fixed message.
    pub(crate) fn from_text(text: &str) -> Self {
        if let Some(fault) = NetworkFault::from_text(text) {
            return Self::Network(fault);
        }
        match text {
            NO_CREDENTIALS => Self::NoCredentials,
            UNSENT => Self::Network(NetworkFault::Broken),
            "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" => Self::Denied,
            "ExpiredToken"
            | "ExpiredTokenException"
            | "UnrecognizedClientException"
            | "InvalidClientTokenId"
            | "MissingAuthenticationTokenException" => Self::InvalidCredentials,
            "InvalidSignatureException" | "SignatureDoesNotMatch" | "RequestTimeTooSkewed" | "RequestExpired" => {
                Self::Signature
            }
            "ResourceNotFoundException" | "NotFoundException" | NO_FILE => Self::NotFound,
            "ThrottlingException"
            | "Throttling"
            | "ProvisionedThroughputExceededException"
            | "RequestLimitExceeded"
            | "TooManyRequestsException"
            | "DynamoDB processed nothing" => Self::Throttled,
            "InvalidRequestException" => Self::Conflict,
            "InternalServerError"
            | "InternalServiceError"
            | "InternalFailure"
            | "ServiceUnavailable"
            | "ServiceUnavailableException"
            | "TransactionInProgressException"
            | "TransactionCanceledException" => Self::Service,
            _ => Self::Unknown,
        }
    }

    /// Returns whether the same request may succeed in a moment.
    pub(crate) const fn is_temporary(self) -> bool {
        match self {
            Self::Network(_) | Self::Throttled | Self::Service | Self::Unknown => true,
            Self::NoCredentials
            | Self::InvalidCredentials
            | Self::Signature
            | Self::Denied
            | Self::NotFound
            | Self::Conflict => false,
        }
    }

    pub(crate) const fn exit(self) -> Exit {
        match self {
            Self::Network(_) | Self::Throttled | Self::Service => Exit::Unavailable,
            Self::NoCredentials | Self::InvalidCredentials | Self::Signature | Self::Denied => Exit::Denied,
            Self::NotFound => Exit::NotFound,
            Self::Conflict | Self::Unknown => Exit::Failed,
        }
    }

    /// Returns what an operator of a stack in AWS can do.
    pub(crate) const fn advice(self) -> &'static str {
        match self {
            Self::Network(NetworkFault::Dns) => {
                "cannot reach AWS: check the network, and that --region or AWS_REGION names a region"
            }
            Self::Network(NetworkFault::Proxy) => {
                "cannot reach AWS through the proxy: check HTTPS_PROXY (http://host:port) and NO_PROXY"
            }
            Self::Network(NetworkFault::Tls) => {
                "cannot reach AWS: if your network inspects TLS, set AWS_CA_BUNDLE to the file of its certificates"
            }
            Self::Network(_) => "cannot reach AWS over this network: run this again",
            Self::NoCredentials => {
                "no AWS credentials: pass --profile <name>, log in with `aws sso login`, or set AWS_ACCESS_KEY_ID and \
                 AWS_SECRET_ACCESS_KEY"
            }
            Self::InvalidCredentials => "AWS does not accept the credentials: log in again, or pass another --profile",
            Self::Signature => {
                "AWS does not accept the signature: check the clock of this computer, and AWS_SECRET_ACCESS_KEY"
            }
            Self::Denied => "AWS does not permit this: grant the action, or pass another --profile",
            Self::NotFound => "not in this account and region: check --stack, --profile and --region",
            Self::Throttled => "AWS throttles the requests: run this again in a minute",
            Self::Conflict => {
                "AWS refuses this in the present state: an earlier rotation may not be finished, see `authctl key list`"
            }
            Self::Service => "AWS failed: run this again",
            Self::Unknown => "AWS refused the request",
        }
    }
}
