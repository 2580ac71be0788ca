package io.millrace.embedded;

import java.util.HashMap;
import java.util.Map;

/** Settings of clients of a broker that asks for passwords. */
final class GuardedClients {
  private GuardedClients() {}

  static Map<String, Object> owner(EmbeddedKafka kafka, String password) {
    return client(kafka.bootstrapServers(), "SCRAM-SHA-512", KafkaAccess.OWNER, password);
  }

  static Map<String, Object> producer(EmbeddedKafka kafka, String password) {
    return client(kafka.producerServers(), "SCRAM-SHA-256", KafkaAccess.PRODUCER, password);
  }

  /** Nobody in particular. */
  static Map<String, Object> anonymous(String servers) {
    return Map.of(
        "bootstrap.servers", servers, "default.api.timeout.ms", 2000, "request.timeout.ms", 1500);
  }

  private static Map<String, Object> client(
      String servers, String mechanism, String user, String password) {
    Map<String, Object> client = new HashMap<>();
    client.put("bootstrap.servers", servers);
    client.put("security.protocol", "SASL_PLAINTEXT");
    client.put("sasl.mechanism", mechanism);
    client.put(
        "sasl.jaas.config",
        "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\";"
            .formatted(user, password));
    return client;
  }
}
