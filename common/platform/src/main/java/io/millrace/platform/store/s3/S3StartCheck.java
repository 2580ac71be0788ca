package io.millrace.platform.store.s3;

import io.millrace.platform.error.MillraceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * Whether a bucket can be listed and written and keeps the platform's main promise, that of two
 * writers of one object one learns that it is second.
 */
final class S3StartCheck {
  /** No key can name it. */
  static final String OBJECT = ".millrace";

  private S3StartCheck() {}

  /**
   * Asks the bucket.
   *
   * @throws MillraceException FAILED_PRECONDITION, naming the setting that is to blame
   */
  static void require(S3Client client, S3Bucket bucket) {
    try {
      client.listObjectsV2(list -> list.bucket(bucket.name()).prefix(bucket.base()).maxKeys(1));
      // The first start makes the object, which then refuses to be made a second time.
      boolean made = create(client, bucket);
      boolean madeAgain = made && create(client, bucket);
      if (madeAgain) {
        throw MillraceException.precondition(
            bucket
                + " ignores If-None-Match: two trainers could publish one checkpoint; change"
                + " millrace.objects.s3.endpoint to a server with conditional writes");
      }
    } catch (SdkException e) {
      throw S3Faults.atStart(e, bucket);
    }
  }

  private static boolean create(S3Client client, S3Bucket bucket) {
    try {
      client.putObject(
          put -> put.bucket(bucket.name()).key(bucket.path(OBJECT)).ifNoneMatch("*"),
          RequestBody.fromString("objects of Millrace"));
      return true;
    } catch (SdkException e) {
      // A conflict is another service that starts at the same moment.
      if (S3Faults.is(e, S3Faults.PRECONDITION_FAILED) || S3Faults.is(e, S3Faults.CONFLICT)) {
        return false;
      }
      throw e;
    }
  }
}
