//! The stream of a table, read through the API of DynamoDB Streams.

use anyhow::Context as _;
use aws_sdk_dynamodbstreams::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    types::ShardIteratorType,
};
use store::Aws;

use super::{position::Position, record::Record};

/// The maximum number of records that are read at once.
const MAX_READ: i32 = 1000;

/// The stream of a table.
#[derive(Clone, Debug)]
pub(super) struct Stream {
    client: Client,
    /// The ARN of the stream, which no other stream ever has.
    pub(super) arn: String,
}

/// A shard of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shard {
    pub(super) id: String,
    /// The shard whose records come before those of this shard.
    pub(super) parent: Option<String>,
}

/// The result of reading a shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Read {
    /// The next records, if there are any.
    Records {
        records: Vec<Record>,
        /// The place of the records after these, or `None` if the shard is closed and has no more records.
        next: Option<String>,
    },
    /// The place is no longer valid, so the shard has to be read again from the position that was reached.
    Expired,
    /// The stream no longer has the records at the position that was reached.
    Trimmed,
}

impl Stream {
    /// Finds the stream of a table.
    ///
    /// # Errors
    /// If there is no such table, it has no stream, or the engine cannot be reached.
    pub(super) async fn find(aws: &Aws, table: &str) -> anyhow::Result<Self> {
        let described = aws.dynamodb().describe_table().table_name(table).send().await;
        let described = described.with_context(|| format!("cannot describe the table {table}"))?;
        let arn = described.table().and_then(|table| table.latest_stream_arn());
        Ok(Self {
            arn: arn
                .with_context(|| format!("the table {table} has no stream: delete the database and start again"))?
                .to_owned(),
            client: Client::new(&aws.engine_config()),
        })
    }

    /// Returns all shards.
    ///
    /// # Errors
    /// If the engine refuses the request or cannot be reached.
    pub(super) async fn shards(&self) -> anyhow::Result<Vec<Shard>> {
        let (mut shards, mut last) = (Vec::new(), None);
        loop {
            let request = self.client.describe_stream().stream_arn(&self.arn);
            let page = request.set_exclusive_start_shard_id(last).send().await;
            let page = page.with_context(|| format!("cannot describe the stream {}", self.arn))?;
            let description = page.stream_description().context("a stream without a description")?;
            for shard in description.shards() {
                shards.push(Shard {
                    id: shard.shard_id().context("a shard without an id")?.to_owned(),
                    parent: shard.parent_shard_id().map(str::to_owned),
                });
            }
            last = description.last_evaluated_shard_id().map(str::to_owned);
            if last.is_none() {
                return Ok(shards);
            }
        }
    }

    /// Reads the records at `place`, which is what the last read of this shard returned. Without a place, reads the
    /// records after a position.
    ///
    /// # Errors
    /// If the engine refuses the request for another reason than those in [`Read`], or cannot be reached.
    pub(super) async fn read(&self, shard: &str, position: &Position, place: Option<String>) -> anyhow::Result<Read> {
        let place = match place {
            Some(place) => Ok(place),
            None => self.find_place(shard, position).await?,
        };
        let place = match place {
            Ok(place) => place,
            Err(read) => return Ok(read),
        };
        match self
            .client
            .get_records()
            .shard_iterator(place)
            .limit(MAX_READ)
            .send()
            .await
        {
            Ok(page) => {
                let records = page.records().iter();
                let records = records.map(|record| Record::of(record, &self.arn));
                Ok(Read::Records {
                    records: records.collect::<anyhow::Result<_>>()?,
                    next: page.next_shard_iterator().map(str::to_owned),
                })
            }
            Err(error) => {
                of_error(&error).map_or_else(|| Err(error).context(format!("cannot read the shard {shard}")), Ok)
            }
        }
    }

    async fn find_place(&self, shard: &str, position: &Position) -> anyhow::Result<Result<String, Read>> {
        let after = match position {
            Position::After(number) => Some(number.clone()),
            Position::Start | Position::Finished => None,
        };
        let kind = if after.is_some() {
            ShardIteratorType::AfterSequenceNumber
        } else {
            ShardIteratorType::TrimHorizon
        };
        let request = self.client.get_shard_iterator().stream_arn(&self.arn).shard_id(shard);
        match request
            .shard_iterator_type(kind)
            .set_sequence_number(after)
            .send()
            .await
        {
            Ok(found) => found.shard_iterator.map(Ok).context("a shard without an iterator"),
            Err(error) => match of_error(&error) {
                Some(read) => Ok(Err(read)),
                None => Err(error).context(format!("cannot read the shard {shard}")),
            },
        }
    }
}

/// Returns the result that an error stands for, if it is one that is expected of a stream.
fn of_error<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> Option<Read> {
    let SdkError::ServiceError(service) = error else {
        return None;
    };
    match service.err().code()? {
        "ExpiredIteratorException" => Some(Read::Expired),
        "TrimmedDataAccessException" => Some(Read::Trimmed),
        _ => None,
    }
}
