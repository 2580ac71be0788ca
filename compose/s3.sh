#!/bin/sh
# Starts the S3 server with the credentials that Millrace has, and makes the bucket.
set -eu
key() { sed -n "s/^$1 = //p" /run/secrets/s3-credentials; }
printf '{"identities":[{"name":"millrace","credentials":[{"accessKey":"%s","secretKey":"%s"}],"actions":["Admin","Read","Write","List"]}]}' \
  "$(key aws_access_key_id)" "$(key aws_secret_access_key)" >/tmp/identities.json
(
  until echo "s3.bucket.create -name millrace" | weed shell -master=localhost:9333 2>/dev/null | grep -q .; do sleep 1; done
) &
exec weed server -dir=/data -ip=s3 -ip.bind=0.0.0.0 -s3 -s3.config=/tmp/identities.json
