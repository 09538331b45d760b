"""Tables, made in DynamoDB Local."""

from .engine import OWN_PLACE
from .stand_in import StandIn


class Table(StandIn):
    """A table. What protects it against deletion is kept here, because the engine has no such protection."""

    types = ("AWS::DynamoDB::Table",)
    # The client of the engine in each region, which the test sets.
    clients = {}
    has_stream = False

    @property
    def client(self):
        return self.clients[self.region]

    def make(self):
        wanted = {key: self.properties[key] for key in ("KeySchema", "AttributeDefinitions", "BillingMode")}
        self.reference = self.properties.get("TableName", self.name)
        self.client.create_table(TableName=self.reference, **wanted)
        expiry = self.properties.get("TimeToLiveSpecification")
        if expiry:
            self.client.update_time_to_live(TableName=self.reference, TimeToLiveSpecification=expiry)
        self.attributes = {"Arn": self.arn("dynamodb", f"table/{self.reference}")}
        self.begin_stream()

    def adopt(self, identifier):
        """Takes over a table, whose keys must be those of the template."""
        described = self.client.describe_table(TableName=identifier["TableName"])["Table"]
        if described["KeySchema"] != self.properties["KeySchema"]:
            raise ValueError(f"{identifier['TableName']}: the template has other keys")
        self.reference = identifier["TableName"]
        self.attributes = {"Arn": self.arn("dynamodb", f"table/{self.reference}")}

    def begin_stream(self):
        """Makes the stream, if the table has one. The engine makes no stream for a table that is being created."""
        wanted = self.properties.get("StreamSpecification")
        if wanted and not self.has_stream:
            made = self.client.update_table(
                TableName=self.reference, StreamSpecification={**wanted, "StreamEnabled": True}
            )["TableDescription"]
            place = f"{self.region}:{self.account}"
            self.attributes["StreamArn"] = made["LatestStreamArn"].replace(OWN_PLACE, place)
            self.has_stream = True

    def change(self, properties):
        if properties["KeySchema"] != self.properties["KeySchema"]:
            raise AssertionError(f"{self.reference}: an update replaces this table")
        self.properties = properties
        if self.has_stream and "StreamSpecification" not in properties:
            self.client.update_table(TableName=self.reference, StreamSpecification={"StreamEnabled": False})
            # The name stays, because what reads the stream is removed afterwards.
            self.has_stream = False
        self.begin_stream()

    @property
    def deletion_protection_enabled(self):
        return self.properties.get("DeletionProtectionEnabled", False)

    def remove(self):
        self.client.delete_table(TableName=self.reference)
