package io.millrace.platform.store.s3;

import io.millrace.platform.error.MillraceException;
import io.millrace.platform.store.ObjectStore.IfPresent;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/**
 * Writes objects, the large ones in parts. An object carries its SHA-256 and the name of the write
 * that made it: a request that is sent again because its answer was lost finds its own object, and
 * must not take it for another's.
 */
final class S3Writer {
  /** Metadata: SHA-256 of the bytes, hexadecimal. */
  static final String SHA256 = "millrace-sha256";

  /** Metadata: one for each write. */
  static final String WRITE = "millrace-write";

  private static final int ATTEMPTS = 5;

  private final S3Client client;
  private final S3Bucket bucket;
  private final S3Parts parts;

  S3Writer(S3Client client, S3Bucket bucket, S3Parts parts) {
    this.client = client;
    this.bucket = bucket;
    this.parts = parts;
  }

  void write(String key, byte[] content, IfPresent ifPresent) throws IOException {
    Map<String, String> metadata = metadata(Digests.sha256(new ByteArrayInputStream(content)));
    String md5 = Digests.md5(new ByteArrayInputStream(content));
    write(
        key,
        metadata,
        ifPresent,
        () -> client.putObject(put(key, md5, metadata, ifPresent), RequestBody.fromBytes(content)));
  }

  void write(String key, Path file, IfPresent ifPresent) throws IOException {
    FileRange all = new FileRange(file, 0, Files.size(file));
    Map<String, String> metadata;
    try (InputStream in = all.open()) {
      metadata = metadata(Digests.sha256(in));
    }
    if (parts.needs(all.length())) {
      write(key, metadata, ifPresent, () -> parts.upload(key, all, metadata, ifPresent));
      return;
    }
    String md5 = all.md5();
    write(
        key,
        metadata,
        ifPresent,
        () -> client.putObject(put(key, md5, metadata, ifPresent), all.body()));
  }

  /** One try of a write. */
  @FunctionalInterface
  private interface Attempt {
    void run() throws IOException;
  }

  private void write(String key, Map<String, String> metadata, IfPresent ifPresent, Attempt attempt)
      throws IOException {
    for (int left = ATTEMPTS - 1; ; left--) {
      try {
        attempt.run();
        return;
      } catch (SdkException e) {
        boolean second = ifPresent == IfPresent.FAIL && isRefused(e);
        if ((second || S3Faults.is(e, S3Faults.NOT_FOUND)) && isThere(key, metadata)) {
          return;
        }
        if (second && (left == 0 || S3Faults.is(e, S3Faults.PRECONDITION_FAILED))) {
          throw MillraceException.alreadyExists("object", key);
        }
        if (left == 0 || !S3Faults.is(e, S3Faults.CONFLICT)) {
          throw S3Faults.later(e, "write object " + key, bucket);
        }
      }
    }
  }

  /** There is an object, or another write of it is under way. */
  private static boolean isRefused(SdkException e) {
    return S3Faults.is(e, S3Faults.PRECONDITION_FAILED) || S3Faults.is(e, S3Faults.CONFLICT);
  }

  /** Whether the object is what this very write made. */
  private boolean isThere(String key, Map<String, String> metadata) {
    try {
      Map<String, String> found =
          client.headObject(head -> head.bucket(bucket.name()).key(bucket.path(key))).metadata();
      return String.valueOf(metadata.get(WRITE)).equals(found.get(WRITE));
    } catch (SdkException e) {
      // What the write itself was refused for is what is reported.
      return false;
    }
  }

  private PutObjectRequest put(
      String key, String md5, Map<String, String> metadata, IfPresent ifPresent) {
    PutObjectRequest.Builder put =
        PutObjectRequest.builder()
            .bucket(bucket.name())
            .key(bucket.path(key))
            .contentMD5(md5)
            .metadata(metadata);
    return switch (ifPresent) {
      case FAIL -> put.ifNoneMatch("*").build();
      case REPLACE -> put.build();
    };
  }

  private static Map<String, String> metadata(String sha256) {
    Map<String, String> metadata = new HashMap<>();
    metadata.put(SHA256, sha256);
    metadata.put(WRITE, UUID.randomUUID().toString());
    return metadata;
  }
}
