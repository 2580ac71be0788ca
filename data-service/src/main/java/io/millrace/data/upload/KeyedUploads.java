package io.millrace.data.upload;

import io.millrace.data.DataProperties;
import io.millrace.data.log.DatasetLog;
import io.millrace.data.log.RangeReader;
import io.millrace.data.upload.UploadStore.Recorded;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.registry.DatasetEntry;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.springframework.stereotype.Component;

/**
 * Uploads that may be sent again. PostgreSQL knows which key stands for which upload and where in
 * the log it began; what of it was accepted is read from the log itself, so that a crash between
 * the two can neither lose a document nor add it again.
 */
@Component
class KeyedUploads {
  private final UploadStore store;
  private final DatasetLog log;
  private final KafkaClients kafka;
  private final DataProperties settings;
  private final Clock clock;

  KeyedUploads(
      UploadStore store, DatasetLog log, KafkaClients kafka, DataProperties settings, Clock clock) {
    this.store = store;
    this.log = log;
    this.kafka = kafka;
    this.settings = settings;
    this.clock = clock;
  }

  /**
   * Begins an upload, or goes on with it.
   *
   * @throws MillraceException FAILED_PRECONDITION if a request with this key is going on,
   *     UNAVAILABLE if the log cannot be read
   */
  KeyedUpload begin(DatasetEntry dataset, String key) {
    store.forgetOlder(clock.instant().minus(settings.idempotency()));
    store.add(dataset, key, List.copyOf(log.documentEnds(dataset).values()));
    UUID owner = UUID.randomUUID();
    long claimed = System.nanoTime();
    Recorded recorded =
        store
            .claim(dataset, key, owner, settings.jobTakeover())
            .orElseThrow(() ->
                MillraceException.precondition(
                    "an upload with the %s '%s' is going on; send it again once that has ended, or %d s after its process died"
                        .formatted(UploadKey.HEADER, key, settings.jobTakeover().toSeconds())));
    AcceptedDocuments accepted = new AcceptedDocuments();
    KeyedUpload upload =
        KeyedUpload.start(store, owner, recorded, accepted, settings.jobTakeover(), claimed);
    try {
      find(dataset, recorded, accepted);
      return upload;
    } catch (RuntimeException e) {
      upload.close();
      throw e;
    }
  }

  /** Finds the documents of an upload that are in the log. */
  private void find(DatasetEntry dataset, Recorded upload, AcceptedDocuments accepted) {
    Map<Integer, Long> ends = log.documentEnds(dataset);
    String topic = log.names(dataset).documents();
    try (RangeReader reader = new RangeReader(kafka, "data-upload-" + dataset.name())) {
      ends.forEach((partition, end) ->
          reader.read(
              new TopicPartition(topic, partition),
              upload.begins().get(partition),
              end,
              record -> {
                UploadMark mark = UploadMark.read(record);
                if (mark != null && mark.upload().equals(upload.id())) {
                  accepted.add(mark);
                }
                return true;
              }));
    } catch (KafkaException e) {
      throw MillraceException.unavailable(
          "cannot find out what was accepted of the upload: " + e.getMessage());
    }
  }
}
