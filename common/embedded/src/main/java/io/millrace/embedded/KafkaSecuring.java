package io.millrace.embedded;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/**
 * Further listeners of a broker, which are secured; the first one, without, is for the broker
 * itself and for whoever administers it.
 *
 * @param listeners beyond the first
 * @param settings of the broker, e.g. {@code ssl.keystore.location}, beyond what each has
 * @param passwords by user, known to SCRAM from the first start on
 */
public record KafkaSecuring(
    List<Listener> listeners, Map<String, String> settings, Map<String, String> passwords) {

  /** No further listener. */
  public static final KafkaSecuring NONE = new KafkaSecuring(List.of(), Map.of(), Map.of());

  /**
   * A listener on 127.0.0.1.
   *
   * @param name in upper case, for settings that begin with {@code listener.name.} and it
   * @param protocol {@code SSL}, {@code SASL_SSL} or {@code SASL_PLAINTEXT}
   * @param port a free one
   */
  public record Listener(String name, String protocol, int port) {

    /** Where clients connect. */
    public String bootstrapServers() {
      return "127.0.0.1:" + port;
    }
  }

  void addTo(Properties broker) {
    for (Listener listener : listeners) {
      String address = "," + listener.name() + "://" + listener.bootstrapServers();
      append(broker, "listeners", address);
      append(broker, "advertised.listeners", address);
      append(
          broker,
          "listener.security.protocol.map",
          "," + listener.name() + ":" + listener.protocol());
    }
    settings.forEach(broker::setProperty);
  }

  /** What the storage is formatted with, as {@code kafka-storage.sh --add-scram} takes it. */
  List<String> scramArguments() {
    List<String> arguments = new ArrayList<>();
    new TreeMap<>(passwords)
        .forEach((user, password) -> {
          for (String mechanism : List.of("SCRAM-SHA-256", "SCRAM-SHA-512")) {
            arguments.add("%s=[name=\"%s\",password=\"%s\"]".formatted(mechanism, user, password));
          }
        });
    return arguments;
  }

  private static void append(Properties broker, String setting, String more) {
    broker.setProperty(setting, broker.getProperty(setting) + more);
  }
}
