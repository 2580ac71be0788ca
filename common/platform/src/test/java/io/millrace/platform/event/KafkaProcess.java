package io.millrace.platform.event;

import io.millrace.embedded.EmbeddedKafka;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A broker in a process of its own, which can be paused. */
final class KafkaProcess {
  private KafkaProcess() {}

  public static void main(String[] arguments) throws Exception {
    Path directory = Path.of(arguments[0]);
    EmbeddedKafka kafka = EmbeddedKafka.start(directory.resolve("kafka"), 0);
    // In one step, so that whoever waits for it finds it whole.
    Path servers = Files.writeString(directory.resolve("servers"), kafka.bootstrapServers());
    Files.move(servers, directory.resolve("ready"), StandardCopyOption.ATOMIC_MOVE);
    Thread.sleep(Long.MAX_VALUE);
  }
}
