package io.millrace.data.recipe;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** The recipe for Java in docs/kafka-producers.md; a test compares the two. */
final class JavaRecipe {

  private JavaRecipe() {}

  static void run(String servers, Path home, String topic)
      throws ExecutionException, InterruptedException, IOException {
    // recipe
    Properties settings = new Properties();
    try (Reader file = Files.newBufferedReader(home.resolve("producer.properties"))) {
      settings.load(file);
    }
    settings.put("bootstrap.servers", servers);
    settings.put("acks", "all");
    try (Producer<String, String> producer =
        new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      ProducerRecord<String, String> record =
          new ProducerRecord<>(topic, "fox-5", "The cheese falls down.");
      record.headers().add("content-type", "text/plain".getBytes(StandardCharsets.UTF_8));
      producer.send(record).get();
    }
    // end
  }
}
