package io.millrace.platform.store.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.store.DamagedObjectException;
import io.millrace.platform.store.Materialised;
import io.millrace.platform.store.ObjectStore;
import io.millrace.platform.store.ObjectStore.IfPresent;
import io.millrace.platform.store.ObjectStore.ObjectInfo;
import io.millrace.platform.store.ObjectStoreContract;
import io.millrace.testing.S3Gate;
import io.millrace.testing.TestServers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.exception.RetryableException;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;

/** The contract on a real S3 server, and what only a store that is not of files can get wrong. */
class S3ObjectStoreTest extends ObjectStoreContract {
  @TempDir private Path directory;
  private final TestBucket bucket = TestBucket.fresh();
  private final Requests requests = new Requests();
  private S3ObjectStore store;

  @BeforeEach
  void open() throws IOException {
    store = bucket.store(directory.resolve("cache"), requests);
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  @Override
  protected ObjectStore store() {
    return store;
  }

  @Test
  void listsOverPages() throws IOException {
    Path below = Files.createDirectories(bucket.file("many/0000")).resolveSibling("");
    Files.delete(bucket.file("many/0000"));
    for (int i = 0; i < 1003; i++) {
      Files.writeString(below.resolve("%04d".formatted(i)), "x");
    }

    assertThat(store.list("many"))
        .extracting(ObjectInfo::key)
        .containsExactlyElementsOf(
            IntStream.range(0, 1003).mapToObj("many/%04d"::formatted).toList());
    assertThat(requests.count("ListObjectsV2")).isEqualTo(2);
  }

  @Test
  void keepsWhatOthersPutThereApart() throws IOException {
    Files.createDirectories(bucket.file("m/_odd name").resolveSibling(""));
    Files.writeString(bucket.file("m/_odd name"), "x");
    Files.writeString(bucket.file("m/plain"), "copied by hand");

    // A name that is no key might lead anywhere once it is a path.
    assertThat(store.list("m")).extracting(ObjectInfo::key).containsExactly("m/plain");
    assertThat(store.read("m/plain", 100)).isEqualTo(bytes("copied by hand"));
    try (Materialised files = store.materialise("m")) {
      assertThat(files.directory().toFile().list()).containsExactly("plain");
      assertThat(files.directory().resolve("plain")).hasContent("copied by hand");
    }
  }

  @Test
  void refusesBytesThatAreNotThoseThatWereStored() throws IOException {
    store.put("m/a", bytes("right"), IfPresent.FAIL);
    damage("m/a", "wrong");

    assertThatThrownBy(() -> store.read("m/a", 10))
        .isInstanceOf(DamagedObjectException.class)
        .hasMessageContaining("m/a");
    assertThatThrownBy(() -> store.materialise("m"))
        .isInstanceOfSatisfying(
            DamagedObjectException.class, e -> assertThat(e.key()).isEqualTo("m/a"));
    assertThat(directory.resolve("cache/sha256")).isEmptyDirectory();
  }

  @Test
  void keepsCopiesAndChecksThem() throws IOException {
    store.put("m/a", bytes("right"), IfPresent.FAIL);
    store.materialise("m").close();
    store.materialise("m").close();
    assertThat(requests.count("GetObject")).isEqualTo(1);

    try (var kept = Files.list(directory.resolve("cache/sha256"))) {
      for (Path file : kept.toList()) {
        Files.writeString(file, "wrong");
      }
    }
    try (Materialised files = store.materialise("m")) {
      assertThat(files.directory().resolve("a")).hasContent("right");
    }
    assertThat(requests.count("GetObject")).isEqualTo(2);
  }

  @Test
  void downloadsOnceForManyWhoWantItAtTheSameTime() throws Exception {
    store.put("m/a", bytes("right"), IfPresent.FAIL);
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Materialised>> attempts =
          IntStream.range(0, 8)
              .mapToObj(i -> executor.submit(() -> store.materialise("m")))
              .toList();
      for (Future<Materialised> attempt : attempts) {
        try (Materialised files = attempt.get()) {
          assertThat(files.directory().resolve("a")).hasContent("right");
        }
      }
    }
    assertThat(requests.count("GetObject")).isOne();
  }

  @Test
  void sendsLargeFilesInParts() throws IOException {
    Path file = random(2 * TestBucket.PART_SIZE + 17);
    byte[] content = Files.readAllBytes(file);

    store.putFile("m/large", file, IfPresent.FAIL);

    assertThat(requests.count("UploadPart")).isEqualTo(3);
    assertThat(store.read("m/large", content.length)).isEqualTo(content);
    assertThat(file).doesNotExist();
    Path second = random(TestBucket.PART_SIZE + 1);
    assertCode(ErrorCode.ALREADY_EXISTS, () -> store.putFile("m/large", second, IfPresent.FAIL));
    assertThat(store.read("m/large", content.length)).isEqualTo(content);
    assertThat(unfinished()).isEmpty();
  }

  @Test
  void sendsWhatFitsOnePartInOneRequest() throws IOException {
    store.putFile("m/small", random(TestBucket.PART_SIZE), IfPresent.FAIL);

    assertThat(requests.count("UploadPart")).isZero();
    assertThat(requests.count("PutObject")).isOne();
  }

  @Test
  void takesItsOwnObjectForItsOwnWhenAnAnswerIsLost() throws IOException {
    Requests lossy =
        new Requests((request, count) -> {
          boolean writes =
              request instanceof PutObjectRequest
                  || request instanceof CompleteMultipartUploadRequest;
          if (writes && count == 1) {
            throw RetryableException.create("the answer was lost");
          }
        });
    try (S3ObjectStore unlucky = bucket.store(directory.resolve("second"), lossy)) {
      unlucky.put("m/a", bytes("mine"), IfPresent.FAIL);
      assertThat(lossy.count("PutObject")).isEqualTo(2);
      unlucky.putFile("m/b", random(TestBucket.PART_SIZE + 1), IfPresent.FAIL);
      assertThat(lossy.count("CompleteMultipartUpload")).isEqualTo(2);
      assertThat(unlucky.read("m/a", 10)).isEqualTo(bytes("mine"));
      assertCode(
          ErrorCode.ALREADY_EXISTS, () -> unlucky.put("m/a", bytes("other"), IfPresent.FAIL));
    }
  }

  @Test
  void givesUpAnUploadThatFails() throws IOException {
    Requests failing =
        new Requests((request, count) -> {
          if (request instanceof UploadPartRequest part && part.partNumber() == 2) {
            throw new IllegalStateException("a part was lost");
          }
        });
    try (S3ObjectStore unlucky = bucket.store(directory.resolve("second"), failing)) {
      Path file = random(3 * TestBucket.PART_SIZE);
      assertThatThrownBy(() -> unlucky.putFile("m/a", file, IfPresent.REPLACE))
          .hasMessageContaining("a part was lost");
      assertThat(file).exists();
    }
    assertThat(store.find("m/a")).isEmpty();
    assertThat(unfinished()).isEmpty();
  }

  @Test
  void saysWhatIsNotPermittedAnyMoreAndGoesOnOnceItIs() throws IOException {
    try (S3Gate gate = S3Gate.before(TestServers.s3());
        S3ObjectStore guarded = bucket.at(gate.endpoint()).store(directory.resolve("guarded"))) {
      guarded.put("m/a", bytes("right"), IfPresent.FAIL);
      Path small = random(100);
      Path large = random(2 * TestBucket.PART_SIZE);

      gate.deny(request -> request.startsWith("PUT ") || request.startsWith("POST "));
      denied("write object m/b", () -> guarded.put("m/b", bytes("b"), IfPresent.FAIL));
      denied("write object m/c", () -> guarded.putFile("m/c", small, IfPresent.REPLACE));
      denied("write object m/d", () -> guarded.putFile("m/d", large, IfPresent.REPLACE));
      gate.deny(request -> true);
      denied("read object m/a", () -> guarded.read("m/a", 10));
      denied("list objects below m", () -> guarded.materialise("m"));
      denied("list objects below m", () -> guarded.list("m"));
      denied("list objects below m", () -> guarded.writtenAt("m"));
      denied("find object m/a", () -> guarded.find("m/a"));
      denied("find object m/a", () -> guarded.delete("m/a"));
      denied("list unfinished uploads", () -> guarded.clearStaging(Duration.ZERO));
      // Only what somebody else is to blame for is tried again by the client itself.
      assertThat(gate.refused()).isEqualTo(10);

      gate.permitAll();
      guarded.put("m/b", bytes("b"), IfPresent.FAIL);
      guarded.putFile("m/d", large, IfPresent.REPLACE);
      assertThat(guarded.list("m"))
          .extracting(ObjectInfo::key)
          .containsExactly("m/a", "m/b", "m/d");
      assertThat(unfinished()).isEmpty();
    }
  }

  @Test
  void saysThatAnswersBreakOff() throws IOException {
    int size = 1 << 20;
    store.putFile("m/a", random(size), IfPresent.FAIL);
    try (S3Gate gate = S3Gate.before(TestServers.s3());
        S3ObjectStore guarded = bucket.at(gate.endpoint()).store(directory.resolve("guarded"))) {
      gate.breakOffAfter(size / 2);
      assertThatThrownBy(() -> guarded.read("m/a", size))
          .isInstanceOfSatisfying(
              MillraceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
          .hasMessageContainingAll("cannot read object m/a", bucket.name(), "broke off");

      gate.permitAll();
      assertThat(guarded.read("m/a", size)).hasSize(size);
    }
  }

  private void denied(String what, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            MillraceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
        .hasMessageStartingWith("cannot " + what + ": bucket " + bucket.name())
        .hasMessageContainingAll("answered 403", "millrace.objects.s3.bucket");
  }

  private List<String> unfinished() {
    try (var client = bucket.client()) {
      return client.listMultipartUploads(list -> list.bucket(bucket.name())).uploads().stream()
          .map(upload -> upload.key())
          .toList();
    }
  }

  /** Other bytes, with the object's metadata: the file's attributes stay. */
  private void damage(String key, String content) throws IOException {
    Files.write(bucket.file(key), bytes(content));
  }

  private Path random(int size) throws IOException {
    byte[] content = new byte[size];
    new java.util.Random(size).nextBytes(content);
    return Files.write(store.newStagingDirectory().resolve("file"), content);
  }
}
