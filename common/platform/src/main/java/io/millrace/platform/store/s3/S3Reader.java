package io.millrace.platform.store.s3;

import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.store.DamagedObjectException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Optional;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;

/**
 * Reads objects and compares what it read with the SHA-256 that their writer left beside them. What
 * another program has put there has none and is taken as it comes.
 */
final class S3Reader {
  /** Of an answer that ends too soon, or comes damaged over the wire. */
  private static final int ATTEMPTS = 3;

  private final S3Client client;
  private final S3Bucket bucket;

  S3Reader(S3Client client, S3Bucket bucket) {
    this.client = client;
    this.bucket = bucket;
  }

  /**
   * What is known of an object without reading it.
   *
   * @param size in bytes
   * @param sha256 hexadecimal, if its writer told it
   */
  record Known(long size, Optional<String> sha256) {}

  Optional<Known> find(String key) throws IOException {
    try {
      HeadObjectResponse head =
          client.headObject(request -> request.bucket(bucket.name()).key(bucket.path(key)));
      return Optional.of(
          new Known(
              head.contentLength(), Optional.ofNullable(head.metadata().get(S3Writer.SHA256))));
    } catch (SdkException e) {
      if (S3Faults.is(e, S3Faults.NOT_FOUND)) {
        return Optional.empty();
      }
      throw S3Faults.later(e, "find object " + key, bucket);
    }
  }

  byte[] read(String key, int limit) throws IOException {
    return read(
        key,
        in -> {
          if (in.response().contentLength() > limit) {
            throw new MillraceException(
                ErrorCode.PAYLOAD_TOO_LARGE,
                "object " + key + " has more than " + limit + " bytes");
          }
          MessageDigest digest = Digests.sha256();
          byte[] bytes = new DigestInputStream(in, digest).readAllBytes();
          return new Read<>(bytes, Digests.hex(digest));
        });
  }

  /** Copies an object to a new file; SHA-256 of what it wrote, hexadecimal. */
  String copy(String key, Path file) throws IOException {
    return read(
        key,
        in -> {
          Files.deleteIfExists(file);
          MessageDigest digest = Digests.sha256();
          Files.copy(new DigestInputStream(in, digest), file);
          String sha256 = Digests.hex(digest);
          return new Read<>(sha256, sha256);
        });
  }

  /** What a reader made of an object, and the digest of all that it read. */
  private record Read<T>(T content, String sha256) {}

  /** Takes all bytes of an object. */
  @FunctionalInterface
  private interface Content<T> {
    Read<T> take(ResponseInputStream<GetObjectResponse> in) throws IOException;
  }

  private <T> T read(String key, Content<T> content) throws IOException {
    for (int left = ATTEMPTS - 1; ; left--) {
      try (ResponseInputStream<GetObjectResponse> in =
          client.getObject(get -> get.bucket(bucket.name()).key(bucket.path(key)))) {
        Read<T> read = takeOrAbort(in, content);
        String expected = in.response().metadata().get(S3Writer.SHA256);
        if (expected != null && !expected.equals(read.sha256())) {
          throw new DamagedObjectException(key, expected, read.sha256());
        }
        return read.content();
      } catch (SdkException e) {
        if (S3Faults.is(e, S3Faults.NOT_FOUND)) {
          throw MillraceException.notFound("object", key);
        }
        throw S3Faults.later(e, "read object " + key, bucket);
      } catch (IOException e) {
        if (e instanceof FileSystemException
            || (left == 0 && e instanceof DamagedObjectException)) {
          throw e;
        }
        if (left == 0) {
          throw S3Faults.later(e, "read object " + key, bucket);
        }
      }
    }
  }

  /** The rest of an answer that nobody wants is not read. */
  private static <T> Read<T> takeOrAbort(
      ResponseInputStream<GetObjectResponse> in, Content<T> content) throws IOException {
    try {
      return content.take(in);
    } catch (IOException | RuntimeException e) {
      in.abort();
      throw e;
    }
  }
}
