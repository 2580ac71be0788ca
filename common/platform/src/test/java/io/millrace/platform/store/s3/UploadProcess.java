package io.millrace.platform.store.s3;

import io.millrace.platform.store.ObjectStore.IfPresent;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;

/** Uploads a file and is gone, as if killed, when the server has its second part. */
final class UploadProcess {

  /** Status of a process that was gone in the midst of an upload. */
  static final int GONE = 9;

  private UploadProcess() {}

  public static void main(String[] arguments) throws Exception {
    TestBucket bucket = new TestBucket(URI.create(arguments[0]), arguments[1], arguments[2]);
    Path directory = Path.of(arguments[3]);
    Requests deadly =
        new Requests((request, count) -> {
          if (request instanceof UploadPartRequest && count == 2) {
            Runtime.getRuntime().halt(GONE);
          }
        });
    S3ObjectStore store = bucket.store(directory, deadly);
    Path file = store.newStagingDirectory().resolve("weights");
    Files.write(file, new byte[3 * TestBucket.PART_SIZE]);
    store.putFile(arguments[4], file, IfPresent.FAIL);
  }
}
