//! The operators' log of a stack: a log group in CloudWatch.

use anyhow::{Context as _, ensure};
use auth::error::StoreError;
use aws_sdk_cloudwatchlogs::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    operation::{
        create_log_stream::CreateLogStreamError,
        put_log_events::{PutLogEventsError, PutLogEventsOutput},
    },
    types::InputLogEvent,
};
use claims::Moment;
use config::Environment;
use store::ServerTime;

use crate::{arguments::Target, clock::ServiceClock, output::date};

/// The environment variable with the URL of CloudWatch Logs, if it is not at its region's endpoint.
pub(crate) const LOGS_ENDPOINT: &str = "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS";
/// The environment variable with the URL of STS, if it is not at its region's endpoint.
const STS_ENDPOINT: &str = "AWS_ENDPOINT_URL_STS";
/// What the names of all such groups start and end with. The name of the stack is between them.
const GROUP: (&str, &str) = ("/gatehouse/", "/operators");

/// The log group.
#[derive(Debug)]
pub(super) struct CloudLog {
    /// The ARN of the caller.
    pub(super) caller: String,
    /// The clock of STS, since CloudWatch drops lines with a time that is hours ahead.
    pub(super) clock: ServiceClock,
    client: Client,
    group: String,
}

impl CloudLog {
    /// Asks STS who the caller is.
    ///
    /// # Errors
    /// If STS does not answer, or names nobody.
    pub(super) async fn open(group: String, target: &Target) -> anyhow::Result<Self> {
        let (aws, environment) = (&target.session().await?.aws, Environment::from_process());
        let sts = aws_sdk_sts::Client::new(&aws.service_config(&environment, STS_ENDPOINT)?);
        let time = ServerTime::default();
        let identity = sts.get_caller_identity().customize().interceptor(time.clone());
        let identity = identity.send().await;
        let identity = identity.map_err(|error| unavailable("get caller identity", &error))?;
        Ok(Self {
            caller: identity.arn.context("STS names no caller")?,
            clock: ServiceClock::new(time),
            client: Client::new(&aws.service_config(&environment, LOGS_ENDPOINT)?),
            group,
        })
    }

    /// Returns the name of the stack, if the group is named by its template.
    pub(super) fn stack(&self) -> Option<&str> {
        self.group.strip_prefix(GROUP.0)?.strip_suffix(GROUP.1)
    }

    /// Appends a line to the stream of the day, which the first line of a day creates.
    pub(super) async fn append(&self, line: &str, now: Moment) -> anyhow::Result<()> {
        let day = date(now.timestamp())?;
        let stream = day.split('T').next().unwrap_or(&day);
        let put = match self.put(stream, line, now).await {
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(PutLogEventsError::is_resource_not_found_exception) =>
            {
                self.create(stream).await?;
                self.put(stream, line, now).await
            }
            put => put,
        };
        let put = put
            .map_err(|error| unavailable("put log events", &error))
            .with_context(|| format!("cannot write to the log group {}", self.group))?;
        let is_dropped = put.rejected_log_events_info.is_some();
        ensure!(!is_dropped, "CloudWatch dropped the line: it refuses the time {day}");
        Ok(())
    }

    async fn put(
        &self,
        stream: &str,
        line: &str,
        now: Moment,
    ) -> Result<PutLogEventsOutput, SdkError<PutLogEventsError>> {
        let at = i64::try_from(now.get()).unwrap_or(i64::MAX);
        let event = InputLogEvent::builder().timestamp(at).message(line).build();
        let request = self
            .client
            .put_log_events()
            .log_group_name(&self.group)
            .log_stream_name(stream);
        request
            .log_events(event.map_err(SdkError::construction_failure)?)
            .send()
            .await
    }

    async fn create(&self, stream: &str) -> anyhow::Result<()> {
        let request = self.client.create_log_stream().log_group_name(&self.group);
        match request.log_stream_name(stream).send().await {
            Ok(_) => Ok(()),
            // Another operator created it in between.
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(CreateLogStreamError::is_resource_already_exists_exception) =>
            {
                Ok(())
            }
            Err(error) => Err(unavailable("create log stream", &error))
                .with_context(|| format!("cannot create a stream in the log group {}", self.group)),
        }
    }
}

/// Returns the error of a call, of which [`crate::hint`] finds the cause and the words of AWS.
pub(crate) fn unavailable<E>(operation: &'static str, error: &SdkError<E>) -> StoreError
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
{
    StoreError::Unavailable {
        operation,
        cause: store::cause(error).to_owned(),
    }
}
