package io.millrace.platform.store.s3;

import io.millrace.platform.S3Settings;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.store.ObjectKeys;

/**
 * Where in S3 the objects are, as users know it.
 *
 * @param name of the bucket
 * @param base what is before every key; ends with {@code /} unless it is empty
 * @param server for messages: the endpoint, or the region
 */
record S3Bucket(String name, String base, String server) {

  /**
   * The bucket of the settings.
   *
   * @throws MillraceException FAILED_PRECONDITION if there is none, or the prefix is not a key
   */
  static S3Bucket of(S3Settings settings) {
    if (settings.bucket().isBlank()) {
      throw MillraceException.precondition(
          "millrace.objects.s3.bucket must be set where millrace.objects.kind is s3");
    }
    String prefix = settings.prefix();
    if (!prefix.isEmpty() && !ObjectKeys.isKey(prefix)) {
      throw MillraceException.precondition(
          "millrace.objects.s3.prefix is '"
              + prefix
              + "': parts of A-Z, a-z, 0-9, '.', '_', '-', divided by '/', none at the ends");
    }
    String server =
        settings.endpoint() == null
            ? settings.region().isEmpty() ? "AWS" : "AWS " + settings.region()
            : settings.endpoint().toString();
    return new S3Bucket(settings.bucket(), prefix.isEmpty() ? "" : prefix + "/", server);
  }

  /** The name that an object has in the bucket. */
  String path(String key) {
    return base + key;
  }

  @Override
  public String toString() {
    return "bucket " + name + " at " + server;
  }
}
