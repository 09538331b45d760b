//! One invocation, with the ids for its log lines.

use claims::Moment;

use crate::GatewayRequest;

/// The data of one invocation. [`crate::Audit::begin`] returns it.
#[derive(Clone, Debug)]
pub struct Call {
    /// The time at which the invocation began.
    pub now: Moment,
    /// The id that Lambda gave the invocation.
    pub request_id: String,
    /// The request that the invocation works on. Its members are `None` if the event does not have them.
    pub gateway: GatewayRequest,
    /// The id of the invocation's X-Ray trace, if there is one.
    pub xray_trace_id: Option<String>,
    /// Whether this is the first invocation of its process.
    pub cold_start: bool,
}

impl Call {
    /// Returns the id that the caller sees and can quote in questions about the request.
    #[must_use]
    pub fn shown_id(&self) -> &str {
        self.gateway.id.as_deref().unwrap_or(&self.request_id)
    }
}

/// Returns the id of the trace from X-Ray's tracing header, `Root=1-...;Parent=...;Sampled=...`.
pub(crate) fn root_trace_id(header: &str) -> Option<String> {
    let mut fields = header.split(';').map(str::trim);
    fields.find_map(|field| field.strip_prefix("Root=")).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const ROOT: Option<&str> = Some("1-5759e988-bd862e3fe1be46a994272793");

    #[rstest]
    #[case::alone("Root=1-5759e988-bd862e3fe1be46a994272793", ROOT)]
    #[case::sampled(
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:a:0",
        ROOT
    )]
    #[case::later("Self=1-0-0;Root=1-5759e988-bd862e3fe1be46a994272793", ROOT)]
    #[case::none("Sampled=0", None)]
    #[case::empty("", None)]
    fn a_trace_is_known_by_its_root(#[case] header: &str, #[case] expected: Option<&str>) {
        assert_eq!(root_trace_id(header).as_deref(), expected);
    }
}
