package io.millrace.platform.store.s3;

import io.millrace.platform.S3Settings;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.store.Materialised;
import io.millrace.platform.store.ObjectKeys;
import io.millrace.platform.store.ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Objects in a bucket. What must not exist yet is created under S3's condition {@code
 * If-None-Match: *}; large files go in parts; whatever is read is compared with the SHA-256 that
 * its writer left beside it. Names in the bucket that are no keys are not objects.
 *
 * <p>Materialised objects and staged files lie in a directory of this machine.
 */
public final class S3ObjectStore implements ObjectStore, AutoCloseable {
  private static final long PART_SIZE = 16 << 20;

  private final S3Client client;
  private final S3Bucket bucket;
  private final S3Reader reader;
  private final S3Writer writer;
  private final S3Parts parts;
  private final LocalCache cache;
  private final Clock clock;

  S3ObjectStore(S3Client client, S3Bucket bucket, LocalCache cache, long partSize, Clock clock) {
    this.client = client;
    this.bucket = bucket;
    this.reader = new S3Reader(client, bucket);
    this.parts = new S3Parts(client, bucket, partSize);
    this.writer = new S3Writer(client, bucket, parts);
    this.cache = cache;
    this.clock = clock;
  }

  /**
   * The store of the settings, once its bucket was found to be what the platform needs. Credentials
   * come from the standard chain of the AWS SDK.
   *
   * @throws MillraceException FAILED_PRECONDITION if it is not, naming the setting
   * @throws IOException if the cache's directory cannot be made or written
   */
  public static S3ObjectStore open(S3Settings settings) throws IOException {
    S3Bucket bucket = S3Bucket.of(settings);
    S3Client client = S3Clients.builder(settings).build();
    try {
      S3StartCheck.require(client, bucket);
      LocalCache cache = new LocalCache(settings.cache(), settings.cacheSize().toBytes());
      return new S3ObjectStore(client, bucket, cache, PART_SIZE, Clock.systemUTC());
    } catch (RuntimeException | IOException e) {
      client.close();
      throw e;
    }
  }

  @Override
  public void put(String key, byte[] content, IfPresent ifPresent) throws IOException {
    requirePlace(key);
    writer.write(key, content, ifPresent);
  }

  @Override
  public void putFile(String key, Path file, IfPresent ifPresent) throws IOException {
    requirePlace(key);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new NoSuchFileException(file.toString(), null, "not a regular file");
    }
    writer.write(key, file, ifPresent);
    Files.deleteIfExists(file);
  }

  @Override
  public byte[] read(String key, int limit) throws IOException {
    return reader.read(ObjectKeys.require(key), limit);
  }

  @Override
  public Materialised materialise(String prefix) throws IOException {
    List<ObjectInfo> objects = list(prefix);
    if (objects.isEmpty()) {
      throw MillraceException.notFound("objects", prefix);
    }
    Materialised files = cache.newDirectory();
    try {
      for (ObjectInfo object : objects) {
        Path target = files.directory().resolve(object.key().substring(prefix.length() + 1));
        Files.createDirectories(target.resolveSibling(""));
        S3Reader.Known known =
            reader
                .find(object.key())
                .orElseThrow(() -> MillraceException.notFound("object", object.key()));
        cache.place(target, known.sha256(), file -> reader.copy(object.key(), file));
      }
      return files;
    } catch (IOException | RuntimeException | Error e) {
      files.close();
      throw e;
    }
  }

  @Override
  public Optional<ObjectInfo> find(String key) throws IOException {
    return reader.find(ObjectKeys.require(key)).map(known -> new ObjectInfo(key, known.size()));
  }

  @Override
  public List<ObjectInfo> list(String prefix) throws IOException {
    String start = bucket.path(ObjectKeys.require(prefix)) + "/";
    List<ObjectInfo> objects = new ArrayList<>();
    try {
      client
          .listObjectsV2Paginator(list -> list.bucket(bucket.name()).prefix(start))
          .contents()
          .forEach(object -> {
            String key = object.key().substring(bucket.base().length());
            if (ObjectKeys.isKey(key)) {
              objects.add(new ObjectInfo(key, object.size()));
            }
          });
    } catch (SdkException e) {
      throw S3Faults.later(e, "list objects below " + prefix, bucket);
    }
    objects.sort(Comparator.comparing(ObjectInfo::key));
    return objects;
  }

  @Override
  public Optional<Instant> writtenAt(String prefix) throws IOException {
    String start = bucket.path(ObjectKeys.require(prefix)) + "/";
    try {
      return client
          .listObjectsV2Paginator(list -> list.bucket(bucket.name()).prefix(start))
          .contents()
          .stream()
          .map(S3Object::lastModified)
          .max(Comparator.naturalOrder());
    } catch (SdkException e) {
      throw S3Faults.later(e, "list objects below " + prefix, bucket);
    }
  }

  @Override
  public boolean delete(String key) throws IOException {
    if (find(key).isEmpty()) {
      return false;
    }
    try {
      client.deleteObject(delete -> delete.bucket(bucket.name()).key(bucket.path(key)));
      return true;
    } catch (SdkException e) {
      throw S3Faults.later(e, "delete object " + key, bucket);
    }
  }

  @Override
  public Path newStagingDirectory() throws IOException {
    return cache.newStagingDirectory();
  }

  /**
   * Gives up uploads that were begun before that time and are not finished; local files of
   * processes that died are deleted whenever a store is opened.
   */
  @Override
  public int clearStaging(Duration unused) throws IOException {
    try {
      return parts.abortBefore(clock.instant().minus(unused));
    } catch (SdkException e) {
      throw S3Faults.later(e, "list unfinished uploads", bucket);
    }
  }

  @Override
  public void close() throws IOException {
    try (client) {
      cache.close();
    }
  }

  /** An object is no directory: S3 itself would have both under one name. */
  private void requirePlace(String key) throws IOException {
    ObjectKeys.require(key);
    for (int end = key.indexOf('/'); end > 0; end = key.indexOf('/', end + 1)) {
      String above = key.substring(0, end);
      if (reader.find(above).isPresent()) {
        throw MillraceException.invalid(
            "key", "object " + key + " would lie below an object: " + above);
      }
    }
    if (isAbove(key)) {
      throw MillraceException.invalid("key", "there are objects below " + key);
    }
  }

  private boolean isAbove(String key) throws IOException {
    try {
      return client
          .listObjectsV2(
              list -> list.bucket(bucket.name()).prefix(bucket.path(key) + "/").maxKeys(1))
          .hasContents();
    } catch (SdkException e) {
      throw S3Faults.later(e, "look for objects below " + key, bucket);
    }
  }
}
