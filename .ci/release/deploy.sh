#!/bin/sh
# Deploys this release with the AWS CLI. Each argument sets a parameter of the template, such as Audience=my-api; an
# update keeps the others. STACK and BUCKET name the stack and the bucket, ARCHITECTURE is arm64 or x86_64.
set -eu
cd "$(dirname "$0")"
STACK=${STACK:-gatehouse} ARCHITECTURE=${ARCHITECTURE:-arm64}
region=${AWS_REGION:-${AWS_DEFAULT_REGION:-$(aws configure get region)}}
export AWS_DEFAULT_REGION="$region" AWS_PAGER=
account=$(aws sts get-caller-identity --query Account --output text)
BUCKET=${BUCKET:-gatehouse-$account-$region}
describe() { aws cloudformation describe-stacks --stack-name "$STACK" --output text --query "Stacks[0].$1"; }
output() { describe "Outputs[?OutputKey=='$1'].OutputValue"; }

if command -v sha256sum >/dev/null; then sha256sum --check --quiet SHA256SUMS; else shasum -a 256 --check --quiet SHA256SUMS; fi
aws s3api head-bucket --bucket "$BUCKET" --expected-bucket-owner "$account" >/dev/null 2>&1 || aws s3 mb "s3://$BUCKET"
aws s3 sync --only-show-errors --size-only "functions/$ARCHITECTURE" "s3://$BUCKET/gatehouse/@BUILD@/$ARCHITECTURE"
# A stack whose creation failed can only be deleted.
if [ "$(describe StackStatus 2>/dev/null)" = ROLLBACK_COMPLETE ]; then
    aws cloudformation delete-stack --stack-name "$STACK"
    aws cloudformation wait stack-delete-complete --stack-name "$STACK"
fi
if ! aws cloudformation deploy --stack-name "$STACK" --template-file template.yaml --s3-bucket "$BUCKET" \
    --s3-prefix gatehouse/@BUILD@ --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND --no-fail-on-empty-changeset \
    --tags gatehouse:version=@VERSION@ \
    --parameter-overrides "ArtifactBucket=$BUCKET" "Architecture=$ARCHITECTURE" "$@"; then
    aws cloudformation describe-stack-events --stack-name "$STACK" --output text --max-items 50 --query \
        "StackEvents[?contains(ResourceStatus, 'FAILED')].[Timestamp, LogicalResourceId, ResourceStatusReason]" || true
    exit 1
fi
aws cloudformation describe-stacks --stack-name "$STACK" --query 'Stacks[0].Outputs[].[OutputKey, OutputValue]' --output text

# The first keys are made after the stack is complete.
[ "$(describe "Parameters[?ParameterKey=='AccessTokenAlgorithm'].ParameterValue")" != HS256 ] || exit 0
tries=${TRIES:-24}
while [ "$tries" -gt 0 ]; do
    for url in "$(output ApiUrl)" "$(output Issuer)"; do
        if curl --silent --fail --max-time 5 "$url/.well-known/jwks.json" 2>/dev/null | grep -q '"kid"'; then
            echo "Ready: $url/.well-known/jwks.json has a key."
            exit 0
        fi
    done
    tries=$((tries - 1))
    sleep "${PAUSE:-5}"
done
echo "There is no key yet. The function rotate-keys makes the keys. It logged these failures, if any:" >&2
aws logs filter-log-events --log-group-name "/aws/lambda/$STACK-rotate-keys" --filter-pattern '"key.rotation_failed"' \
    --query 'events[-3:].message' --output text >&2 || true
cat >&2 <<END
For its whole log, and to start the rotation again:
  aws logs filter-log-events --log-group-name /aws/lambda/$STACK-rotate-keys --query 'events[].message' --output text
  aws secretsmanager rotate-secret --secret-id $(output AccessKeysSecret)
END
exit 1
