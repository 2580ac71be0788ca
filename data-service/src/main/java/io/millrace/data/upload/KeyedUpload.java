package io.millrace.data.upload;

import io.millrace.contracts.data.v1.Document;
import io.millrace.data.upload.UploadStore.Recorded;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/**
 * The part of an upload with a key that knows what was accepted before. It belongs to one request
 * as long as that has a heartbeat; a request that lost it sends nothing more.
 */
final class KeyedUpload implements AutoCloseable {
  /** Most documents of an upload with a key: what is remembered of each is kept in memory. */
  static final int MOST_DOCUMENTS = 1_000_000;

  private static final Logger LOG = LoggerFactory.getLogger(KeyedUpload.class);
  private static final int BEATS = 5;

  private final UploadStore store;
  private final UUID owner;
  private final Recorded recorded;
  private final AcceptedDocuments accepted;
  private final Duration takeover;
  private final Thread heart;
  private volatile long lastBeat;
  private volatile boolean lost;

  private KeyedUpload(
      UploadStore store,
      UUID owner,
      Recorded recorded,
      AcceptedDocuments accepted,
      Duration takeover,
      long claimed) {
    this.store = store;
    this.owner = owner;
    this.recorded = recorded;
    this.accepted = accepted;
    this.takeover = takeover;
    this.lastBeat = claimed;
    this.heart = Thread.ofVirtual().name("upload-" + recorded.id()).unstarted(this::beat);
  }

  /**
   * An upload that the owner has just claimed.
   *
   * @param claimed when it did, by {@link System#nanoTime()}
   */
  static KeyedUpload start(
      UploadStore store,
      UUID owner,
      Recorded recorded,
      AcceptedDocuments accepted,
      Duration takeover,
      long claimed) {
    KeyedUpload upload = new KeyedUpload(store, owner, recorded, accepted, takeover, claimed);
    upload.heart.start();
    return upload;
  }

  /**
   * What a document is to be sent with; null if it was accepted before.
   *
   * @throws MillraceException FAILED_PRECONDITION if this is another upload than the first with the
   *     key, PAYLOAD_TOO_LARGE if it has too many documents, UNAVAILABLE if the request has lost
   *     the upload
   */
  @Nullable UploadMark next(long index, Document document) {
    if (index >= MOST_DOCUMENTS) {
      throw new MillraceException(
          ErrorCode.PAYLOAD_TOO_LARGE,
          "an upload with an %s takes at most %d documents; split it"
              .formatted(UploadKey.HEADER, MOST_DOCUMENTS));
    }
    requireOwned();
    UploadMark mark = UploadMark.of(recorded.id(), Math.toIntExact(index), document);
    if (!accepted.has(mark.index())) {
      requireOpen(index + 1);
      return mark;
    }
    if (!accepted.isSame(mark)) {
      throw another("its document " + (index + 1) + " was another one");
    }
    return null;
  }

  /**
   * Notes that all documents are in the log.
   *
   * @throws MillraceException FAILED_PRECONDITION if the first upload with the key had more
   */
  void complete(long documents) {
    Long before = recorded.documents();
    if (before != null && before != documents) {
      throw another("it had " + before + " documents");
    }
    requireOwned();
    store.complete(owner, documents);
  }

  @Override
  public void close() {
    heart.interrupt();
    try {
      heart.join();
      store.release(owner);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (DataAccessException e) {
      LOG.warn("Upload {} is free again in {}: {}", recorded.id(), takeover, e.getMessage());
    }
  }

  private void requireOpen(long documents) {
    Long before = recorded.documents();
    if (before != null && documents > before) {
      throw another("it had " + before + " documents");
    }
  }

  private static MillraceException another(String how) {
    return MillraceException.precondition(
        "the %s was used for another upload: %s; use a new key".formatted(UploadKey.HEADER, how));
  }

  private void requireOwned() {
    if (lost || System.nanoTime() - lastBeat > takeover.toNanos()) {
      throw MillraceException.unavailable("the upload was interrupted; send it again");
    }
  }

  private void beat() {
    try {
      while (true) {
        Thread.sleep(takeover.dividedBy(BEATS));
        long now = System.nanoTime();
        try {
          if (!store.heartbeat(owner)) {
            lost = true;
            return;
          }
          lastBeat = now;
        } catch (DataAccessException e) {
          LOG.warn("No heartbeat for upload {}: {}", recorded.id(), e.getMessage());
        }
      }
    } catch (InterruptedException e) {
      return; // The upload has ended.
    }
  }
}
