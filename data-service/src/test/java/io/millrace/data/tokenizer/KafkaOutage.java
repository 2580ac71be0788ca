package io.millrace.data.tokenizer;

import io.millrace.platform.kafka.KafkaTransport;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;

/** Kafka's own clients, whose consumers do not work until the outage ends. */
final class KafkaOutage {
  private final Kind kind;
  private volatile boolean over;

  KafkaOutage(Kind kind) {
    this.kind = kind;
  }

  /** What does not work. */
  enum Kind {
    /** No consumer can be made: no broker's name is known. */
    NAMES("can be looked up"),
    /** A poll has nothing. */
    SILENCE("beyond offset 0"),
    /** Whoever asks where a consumer stands gets no answer. */
    TIMEOUTS("no answer about the position"),
    /** The broker refuses, which ends a consumer's use. */
    REFUSALS("may not read");

    private final String reason;

    Kind(String reason) {
      this.reason = reason;
    }

    /** Part of what a job says. */
    String reason() {
      return reason;
    }
  }

  void end() {
    over = true;
  }

  KafkaTransport transport() {
    return new KafkaTransport() {
      @Override
      public Producer<byte[], byte[]> producer(Map<String, Object> settings) {
        return NETWORK.producer(settings);
      }

      @Override
      public Consumer<byte[], byte[]> consumer(Map<String, Object> settings) {
        if (kind == Kind.NAMES && !over) {
          throw new KafkaException(
              "Failed to construct kafka consumer",
              new ConfigException("No resolvable bootstrap urls given in bootstrap.servers"));
        }
        return troubled(NETWORK.consumer(settings));
      }

      @Override
      public Admin admin(Map<String, Object> settings) {
        return NETWORK.admin(settings);
      }
    };
  }

  @SuppressWarnings("unchecked")
  private Consumer<byte[], byte[]> troubled(Consumer<byte[], byte[]> real) {
    return (Consumer<byte[], byte[]>)
        Proxy.newProxyInstance(
            KafkaOutage.class.getClassLoader(),
            new Class<?>[] {Consumer.class},
            (proxy, method, arguments) -> {
              if (!over && method.getName().equals("poll")) {
                switch (kind) {
                  case SILENCE -> {
                    return ConsumerRecords.empty();
                  }
                  case REFUSALS -> throw new TopicAuthorizationException("may not read");
                  case NAMES, TIMEOUTS -> {}
                }
              }
              if (!over && kind == Kind.TIMEOUTS && method.getName().equals("position")) {
                throw new TimeoutException("no answer about the position");
              }
              try {
                return method.invoke(real, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
