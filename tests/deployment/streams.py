"""Hands the records of streams to functions, as Lambda does with the permissions of the function's role."""

import base64
import json

from moto.awslambda.models import lambda_backends

from .resources import MAPPINGS


class Streams:
    """The streams of an account, and which of their records have been handed over."""

    def __init__(self, cloud, account, region):
        self.cloud, self.backend = cloud, lambda_backends[account][region]
        self.seen = {}

    def pump(self):
        """Hands over all new records. Fails if a function does not handle one. Returns how many it handed over."""
        handed = 0
        for mapping in list(MAPPINGS):
            records = self.records(mapping)
            for start in range(0, len(records), 10):
                batch = records[start : start + 10]
                answer = self.cloud.functions.invoke(self.arn(mapping), {"Records": batch})
                if (answer or {}).get("batchItemFailures"):
                    raise AssertionError(f"{mapping.properties['FunctionName']}: a record was not handled")
                handed += len(batch)
        return handed

    def records(self, mapping):
        """Returns the new records that match the filter of a mapping."""
        stream = mapping.properties["EventSourceArn"]
        seen = self.seen.setdefault((mapping.reference, stream), set())
        read = [each for each in self.read(mapping, stream) if each["dynamodb"]["SequenceNumber"] not in seen]
        seen.update(each["dynamodb"]["SequenceNumber"] for each in read)
        criteria = mapping.properties.get("FilterCriteria", {}).get("Filters", [])
        patterns = [json.loads(each["Pattern"]) for each in criteria]
        events = [event_of(record, stream) for record in read]
        return [event for event in events if not patterns or any(matches(event, pattern) for pattern in patterns)]

    def read(self, mapping, stream):
        """Returns all records of a stream, shard by shard."""
        reader, records = self.client(mapping, "dynamodbstreams"), []
        for shard in reader.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]:
            place = {"StreamArn": stream, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
            iterator, found = reader.get_shard_iterator(**place)["ShardIterator"], True
            while iterator and found:
                answer = reader.get_records(ShardIterator=iterator)
                found, iterator = answer["Records"], answer.get("NextShardIterator")
                records += found
        return records

    def give_up(self):
        """Hands over all new records once, and puts those aside that were not handled. Returns how many."""
        put_aside = 0
        for mapping in list(MAPPINGS):
            for record in self.records(mapping):
                answer = self.cloud.functions.invoke(self.arn(mapping), {"Records": [record]})
                if answer["batchItemFailures"]:
                    target = mapping.properties["DestinationConfig"]["OnFailure"]["Destination"]
                    queue = self.cloud.client("sqs").get_queue_url(QueueName=target.split(":")[-1])["QueueUrl"]
                    self.client(mapping, "sqs").send_message(QueueUrl=queue, MessageBody=record["eventID"])
                    put_aside += 1
        return put_aside

    def client(self, mapping, service):
        """Returns a client with the credentials of the function's role."""
        role = self.backend.get_function(self.arn(mapping)).role
        return self.cloud.client(service, self.cloud.roles.key_id(role))

    def arn(self, mapping):
        return self.backend.get_function(mapping.properties["FunctionName"]).function_arn


def event_of(record, stream):
    """Returns a record as a function gets it: times as numbers, and bytes in base64."""
    described = {key: value for key, value in record["dynamodb"].items()}
    described["ApproximateCreationDateTime"] = described["ApproximateCreationDateTime"].timestamp()
    event = {**record, "dynamodb": described, "eventSourceARN": stream, "eventVersion": "1.1"}
    return json.loads(json.dumps(event, default=lambda value: base64.b64encode(value).decode()))


def matches(value, pattern):
    """Returns whether a record matches a pattern of EventBridge, of the forms that the template uses."""
    for key, wanted in pattern.items():
        inner = value.get(key) if isinstance(value, dict) else None
        if isinstance(wanted, dict):
            if not matches(inner, wanted):
                return False
        elif not any(accepts(inner, each) for each in wanted):
            return False
    return True


def accepts(value, wanted):
    """Returns whether one alternative of a pattern accepts a value."""
    if isinstance(wanted, dict):
        ((kind, argument),) = wanted.items()
        if kind != "exists":
            raise ValueError(f"a filter with {kind}")
        return (value is not None) == argument
    return value == wanted
