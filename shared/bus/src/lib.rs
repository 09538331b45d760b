//! An event bus of Amazon EventBridge, for the functions that put events on one.

use aws_sdk_eventbridge::{
    Client,
    types::{PutEventsRequestEntry, PutEventsResultEntry},
};
use config::{ConfigError, Environment};
use serde::Serialize;
use store::{Aws, Patience};

/// The environment variable with the URL of EventBridge, if it is not at its region's endpoint.
const ENDPOINT: &str = "AWS_ENDPOINT_URL_EVENTBRIDGE";
/// The source of the events, by which rules select them.
const SOURCE: &str = "gatehouse";

/// An event bus. EventBridge may deliver an event more than once, and each event may be put more than once, so receivers
/// have to recognise an event by an id in its detail.
#[derive(Clone, Debug)]
pub struct Bus {
    client: Client,
    name: String,
}

/// Why an event is not on the bus.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BusError {
    /// The bus will never accept the event.
    #[error("the bus refuses the event: {0}")]
    Refused(String),
    /// The event may or may not be on the bus. Another try may succeed.
    #[error("the event could not be put on the bus: {0}")]
    Unavailable(String),
}

impl Bus {
    /// Creates the client of the bus with this name or ARN. It connects on its first call.
    ///
    /// # Errors
    /// If the variable of the endpoint is invalid.
    pub fn new(environment: &Environment, aws: &Aws, name: String) -> Result<Self, ConfigError> {
        let aws = aws.clone().with_patience(Patience::for_mail());
        Ok(Self {
            client: Client::new(&aws.service_config(environment, ENDPOINT)?),
            name,
        })
    }

    /// Puts an event on the bus. It is there when EventBridge has accepted it. `kind` is the event's detail type.
    ///
    /// # Errors
    /// If the bus refuses the event, or cannot be reached.
    pub async fn put(&self, kind: &str, detail: &impl Serialize) -> Result<(), BusError> {
        let detail = serde_json::to_string(detail);
        let detail = detail.map_err(|_| BusError::Refused("the event is not JSON".to_owned()))?;
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(&self.name)
            .source(SOURCE)
            .detail_type(kind)
            .detail(detail);
        let call = self.client.put_events().entries(entry.build());
        // Boxed, because the future of a call is large.
        let answer = Box::pin(call.send()).await;
        let answer = answer.map_err(|error| BusError::Unavailable(store::cause(&error).to_owned()))?;
        match answer.entries() {
            [entry] if answer.failed_entry_count() == 0 && entry.event_id().is_some() => Ok(()),
            [entry] => Err(entry_error(entry)),
            _ => {
                let cause = "the answer does not have one entry";
                Err(BusError::Unavailable(cause.to_owned()))
            }
        }
    }
}

/// Returns the error for an event that the bus did not accept. The call itself succeeds in this case.
///
/// Only `MalformedDetail` concerns the event itself. The other codes concern the bus, the permissions or the load, and so
/// every event, and operators can repair that.
fn entry_error(entry: &PutEventsResultEntry) -> BusError {
    match entry.error_code() {
        Some(code @ "MalformedDetail") => BusError::Refused(code.to_owned()),
        Some(code) => BusError::Unavailable(code.to_owned()),
        None => BusError::Unavailable("an error without a code".to_owned()),
    }
}
