package io.millrace.benchmarks.chaos;

import io.millrace.benchmarks.served.ServedPlatform;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.StringSerializer;

/** Brings documents to a platform that may be gone at any moment, as a careful client does. */
final class Feed {
  private static final int PART = 200;
  private static final long RETRY_MILLIS = 200;

  private final String dataset;

  Feed(String dataset) {
    this.dataset = dataset;
  }

  /** The text of a document. */
  static String text(int number) {
    return "Document %d tells of %d stones, %d rivers and of the mill that turns between them."
        .formatted(number, number * 7919 % 1009, number * 104_729 % 997);
  }

  /**
   * Uploads documents in parts, each under a key of its own until it is taken.
   *
   * @param pace how many of them may be on their way now
   */
  void upload(ServedPlatform platform, int first, int end, Pace pace)
      throws IOException, InterruptedException {
    for (int from = first; from < end; from += PART) {
      int to = Math.min(end, from + PART);
      pace.await(to - first, end - first);
      String body =
          IntStream.range(from, to)
              .mapToObj(i -> "{\"id\": \"api-%d\", \"text\": \"%s\"}%n".formatted(i, text(i)))
              .collect(Collectors.joining());
      while (!taken(platform, "part-" + from, body)) {
        Thread.sleep(RETRY_MILLIS);
      }
    }
  }

  private boolean taken(ServedPlatform platform, String key, String body)
      throws IOException, InterruptedException {
    HttpResponse<byte[]> answer;
    try {
      answer =
          platform.send(
              platform
                  .request("/api/datasets/" + dataset + "/documents")
                  .header("Content-Type", "application/x-ndjson")
                  .header("Idempotency-Key", key)
                  .POST(BodyPublishers.ofString(body))
                  .build());
    } catch (IOException killed) {
      return false;
    }
    int status = answer.statusCode();
    // What a client repeats: the platform starts, or the first try is still under way.
    if (status == 429 || status == 409 || status >= 500) {
      return false;
    }
    platform.read(answer);
    return true;
  }

  /** Writes documents to Kafka by a producer that outlives the broker. */
  void produce(Properties settings, int first, int end, Pace pace)
      throws InterruptedException, ExecutionException {
    settings.put("acks", "all");
    settings.put("enable.idempotence", "true");
    settings.put("delivery.timeout.ms", "1800000");
    settings.put("max.block.ms", "1800000");
    settings.put("key.serializer", StringSerializer.class.getName());
    settings.put("value.serializer", StringSerializer.class.getName());
    try (KafkaProducer<String, String> producer = new KafkaProducer<>(settings)) {
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      for (int i = first; i < end; i++) {
        pace.await(i - first + 1, end - first);
        ProducerRecord<String, String> record =
            new ProducerRecord<>("documents." + dataset, "kafka-" + i, text(i));
        record
            .headers()
            .add(new RecordHeader("content-type", "text/plain".getBytes(StandardCharsets.UTF_8)));
        sent.add(producer.send(record));
      }
      for (Future<RecordMetadata> each : sent) {
        each.get();
      }
    }
  }

  /** Spreads documents over the lives of a platform. */
  static final class Pace {
    private final int lives;
    private int life;

    Pace(int lives) {
      this.lives = lives;
    }

    /** A life begins. */
    synchronized void next() {
      life++;
      notifyAll();
    }

    /** Returns when so many of all may have been sent. */
    synchronized void await(int sent, int all) throws InterruptedException {
      while ((long) sent * lives > (long) all * (life + 1)) {
        wait();
      }
    }
  }
}
