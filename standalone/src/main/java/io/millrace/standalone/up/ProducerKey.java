package io.millrace.standalone.up;

import io.millrace.embedded.KafkaAccess;
import io.millrace.standalone.home.HomeDirectory;
import java.nio.file.Path;

/**
 * How producers of one's own are let in to Kafka: as the user {@code producer} with a key that lies
 * in the home directory, readable by its owner only.
 *
 * @param access the password, and that of the platform itself
 * @param isNew whether nobody was ever told it
 * @param settings a file that Kafka's own tools and clients take
 */
public record ProducerKey(KafkaAccess access, boolean isNew, Path settings) {
  /** The file with the key alone. */
  public static final String FILE = "producer-key";

  private static final String KAFKA_SECRET = "kafka-secret";
  private static final String SETTINGS = "producer.properties";

  /** The key of a home, made at its first start. */
  static ProducerKey of(HomeDirectory home) {
    boolean isNew = home.kept(FILE).isEmpty();
    String key = home.secret(FILE);
    KafkaAccess access = new KafkaAccess(home.secret(KAFKA_SECRET), key);
    home.keep(SETTINGS, access.producerSettings().strip());
    return new ProducerKey(access, isNew, home.root().resolve(SETTINGS));
  }
}
