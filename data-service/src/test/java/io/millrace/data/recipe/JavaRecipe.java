package io.millrace.data.recipe;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** The recipe for Java in docs/kafka-producers.md; a test compares the two. */
final class JavaRecipe {

  private JavaRecipe() {}

  static void run(String servers, String topic) throws ExecutionException, InterruptedException {
    // recipe
    try (Producer<String, String> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", servers, "acks", "all"),
            new StringSerializer(),
            new StringSerializer())) {
      ProducerRecord<String, String> record =
          new ProducerRecord<>(topic, "fox-5", "The cheese falls down.");
      record.headers().add("content-type", "text/plain".getBytes(StandardCharsets.UTF_8));
      producer.send(record).get();
    }
    // end
  }
}
