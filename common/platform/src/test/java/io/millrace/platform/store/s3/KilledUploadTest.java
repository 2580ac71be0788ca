package io.millrace.platform.store.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.platform.checkpoint.CheckpointFiles;
import io.millrace.platform.store.Materialised;
import io.millrace.platform.store.ObjectStore.ObjectInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;

/** A process that dies between two parts of an upload leaves nothing that anybody sees. */
class KilledUploadTest {
  private static final String LOCATION = "models/shapes/r1-1";
  private static final String KEY = LOCATION + "/weights";

  @TempDir private Path directory;
  private final TestBucket bucket = TestBucket.fresh();

  @Test
  void isNotSeenAndInNobodysWay() throws Exception {
    Path cache = directory.resolve("cache");
    assertThat(upload(cache)).isEqualTo(UploadProcess.GONE);
    assertThat(rooms(cache)).hasSize(1);

    Clock tomorrow = Clock.offset(Clock.systemUTC(), Duration.ofDays(1));
    try (S3ObjectStore store = bucket.store(cache, tomorrow)) {
      assertThat(rooms(cache)).as("the dead process's files are gone, these are new").hasSize(1);
      assertThat(store.find(KEY)).isEmpty();
      assertThat(store.list("models")).isEmpty();
      assertThat(unfinished()).isOne();

      // The next attempt publishes a checkpoint in the same place.
      Path staged = store.newStagingDirectory();
      Files.write(staged.resolve("weights"), new byte[3 * TestBucket.PART_SIZE]);
      CheckpointFiles checkpoints = new CheckpointFiles(store);
      String digest = checkpoints.publish(LOCATION, staged).manifestSha256();
      checkpoints.verify(LOCATION, digest).close();

      assertThat(store.clearStaging(Duration.ofDays(2))).isZero();
      assertThat(unfinished()).isOne();
      assertThat(store.clearStaging(Duration.ofHours(6))).isOne();
      assertThat(unfinished()).isZero();
      assertThat(store.list("models"))
          .extracting(ObjectInfo::key)
          .containsExactly(LOCATION + "/manifest.json", KEY);
      try (Materialised files = checkpoints.verify(LOCATION, digest)) {
        assertThat(files.directory().resolve("weights")).hasSize(3L * TestBucket.PART_SIZE);
      }
    }
    assertThat(rooms(cache)).isEmpty();
  }

  private int upload(Path cache) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                UploadProcess.class.getName(),
                bucket.endpoint().toString(),
                bucket.name(),
                bucket.prefix(),
                cache.toString(),
                KEY)
            .inheritIO()
            .start();
    assertThat(process.waitFor(180, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  private int unfinished() {
    try (S3Client client = bucket.client()) {
      return client.listMultipartUploads(list -> list.bucket(bucket.name())).uploads().size();
    }
  }

  private static List<Path> rooms(Path cache) throws IOException {
    try (Stream<Path> files = Files.list(cache)) {
      return files.filter(file -> file.getFileName().toString().startsWith("room-")).toList();
    }
  }
}
