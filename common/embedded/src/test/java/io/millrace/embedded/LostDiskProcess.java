package io.millrace.embedded;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/** Both servers in a process of its own, which takes Kafka's directory away from it. */
final class LostDiskProcess {
  static final int STATUS = 3;

  private LostDiskProcess() {}

  public static void main(String[] arguments) throws Exception {
    Path directory = Path.of(arguments[0]);
    EmbeddedPostgres postgres = EmbeddedPostgres.start(directory.resolve("postgres"));
    EmbeddedKafka kafka =
        EmbeddedKafka.start(
            directory.resolve("kafka"),
            0,
            new KafkaAccess("owner", "producer"),
            reason -> {
              System.out.println("told: " + reason);
              postgres.close();
              Runtime.getRuntime().halt(STATUS);
            });
    try (Admin admin = Admin.create(GuardedClients.owner(kafka, "owner"))) {
      Directories.delete(directory.resolve("kafka/log"));
      admin
          .createTopics(List.of(new NewTopic("lost", 1, (short) 1)))
          .all()
          .get(120, TimeUnit.SECONDS);
      Thread.sleep(TimeUnit.SECONDS.toMillis(120));
    }
  }
}
