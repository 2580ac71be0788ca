package io.millrace.standalone.up;

import io.millrace.embedded.KafkaAccess;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code millrace up}: starts everything and stays until Ctrl-C. */
@Command(
    name = "up",
    mixinStandardHelpOptions = true,
    description =
        "Starts PostgreSQL, Kafka and all services in this process; Ctrl-C stops them, data is kept.")
public final class UpCommand implements Callable<Integer> {

  @Mixin private PlatformOptions options = new PlatformOptions();

  @Override
  public Integer call() throws InterruptedException {
    Platform platform = Platform.start(options.settings(), System.err::println);
    System.out.printf(
        """

        Millrace is up (%.1f s).
          gateway   %s
          gRPC      %s
          Kafka     %s, for user '%s' with %s; settings of clients: %s
          API key   %s
          data      %s
          log       %s

        Try:  curl -H "Authorization: Bearer %s" %s/v1/models
        Ctrl-C stops it.
        """,
        platform.startSeconds(),
        platform.address(),
        platform.grpcAddress(),
        platform.kafkaAddress(),
        KafkaAccess.PRODUCER,
        key(platform.producerKey()),
        platform.producerKey().settings(),
        platform.apiKey(),
        platform.home(),
        platform.home().resolve("log/millrace.log"),
        platform.apiKey(),
        platform.address());
    // The platform stops with the process, see RunningParts.
    new CountDownLatch(1).await();
    return 0;
  }

  private static String key(ProducerKey producers) {
    String file = producers.settings().resolveSibling(ProducerKey.FILE).toString();
    return producers.isNew()
        ? "the key %s (shown this once, kept in %s)"
            .formatted(producers.access().producerPassword(), file)
        : "the key in " + file;
  }
}
