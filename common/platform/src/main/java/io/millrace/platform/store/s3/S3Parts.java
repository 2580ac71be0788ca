package io.millrace.platform.store.s3;

import io.millrace.platform.store.ObjectStore.IfPresent;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

/**
 * Uploads in parts. Nobody sees an object before the last request, which makes it of all parts; an
 * upload that fails is given up, one whose process died is by {@link #abortBefore}.
 */
final class S3Parts {
  private static final Logger LOG = LoggerFactory.getLogger(S3Parts.class);

  /** S3's limit. */
  private static final int MOST_PARTS = 10_000;

  private static final int AT_ONCE = 4;

  private final S3Client client;
  private final S3Bucket bucket;
  private final long partSize;

  /**
   * Uploads to a bucket.
   *
   * @param partSize in bytes, at least 5 MiB; files of more than {@code MOST_PARTS} such parts get
   *     larger ones
   */
  S3Parts(S3Client client, S3Bucket bucket, long partSize) {
    this.client = client;
    this.bucket = bucket;
    this.partSize = partSize;
  }

  /** Whether a file of that size is uploaded in parts. */
  boolean needs(long size) {
    return size > partSize;
  }

  void upload(String key, FileRange file, Map<String, String> metadata, IfPresent ifPresent)
      throws IOException {
    String path = bucket.path(key);
    String id =
        client
            .createMultipartUpload(
                create -> create.bucket(bucket.name()).key(path).metadata(metadata))
            .uploadId();
    try {
      complete(path, id, send(path, id, file), ifPresent);
    } catch (RuntimeException | IOException e) {
      abort(path, id);
      throw e;
    }
  }

  /**
   * Gives up what was begun before a time and is not finished.
   *
   * @return how many uploads
   */
  int abortBefore(Instant time) {
    List<MultipartUpload> old = new ArrayList<>();
    client
        .listMultipartUploadsPaginator(list ->
            list.bucket(bucket.name()).prefix(bucket.base().isEmpty() ? null : bucket.base()))
        .uploads()
        .forEach(upload -> {
          if (upload.initiated() != null && upload.initiated().isBefore(time)) {
            old.add(upload);
          }
        });
    old.forEach(upload -> abort(upload.key(), upload.uploadId()));
    return old.size();
  }

  private List<CompletedPart> send(String path, String id, FileRange file) throws IOException {
    List<Future<CompletedPart>> sent = new ArrayList<>();
    try (ExecutorService threads =
        Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().name("s3-part").factory())) {
      long size = Math.max(partSize, Math.ceilDiv(file.length(), MOST_PARTS));
      for (long at = 0; at < file.length(); at += size) {
        FileRange part =
            new FileRange(file.file(), file.offset() + at, Math.min(size, file.length() - at));
        int number = sent.size() + 1;
        sent.add(threads.submit(() -> send(path, id, number, part)));
      }
      List<CompletedPart> parts = new ArrayList<>();
      try {
        for (Future<CompletedPart> part : sent) {
          parts.add(part.get());
        }
      } finally {
        threads.shutdownNow();
      }
      return parts;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException("cannot upload " + path, e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while uploading " + path, e);
    }
  }

  private CompletedPart send(String path, String id, int number, FileRange part)
      throws IOException {
    String md5 = part.md5();
    UploadPartResponse answer =
        client.uploadPart(
            upload ->
                upload
                    .bucket(bucket.name())
                    .key(path)
                    .uploadId(id)
                    .partNumber(number)
                    .contentLength(part.length())
                    .contentMD5(md5),
            part.body());
    return CompletedPart.builder().partNumber(number).eTag(answer.eTag()).build();
  }

  private void complete(String path, String id, List<CompletedPart> parts, IfPresent ifPresent) {
    CompleteMultipartUploadRequest.Builder complete =
        CompleteMultipartUploadRequest.builder()
            .bucket(bucket.name())
            .key(path)
            .uploadId(id)
            .multipartUpload(upload -> upload.parts(parts));
    switch (ifPresent) {
      case FAIL -> complete.ifNoneMatch("*");
      case REPLACE -> {}
    }
    client.completeMultipartUpload(complete.build());
  }

  private void abort(String path, String id) {
    try {
      client.abortMultipartUpload(abort -> abort.bucket(bucket.name()).key(path).uploadId(id));
    } catch (SdkException e) {
      if (!S3Faults.is(e, S3Faults.NOT_FOUND)) {
        LOG.warn("cannot give up the upload of {}: {}", path, e.toString());
      }
    }
  }
}
