package io.millrace.embedded;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.kafka.common.utils.Exit;
import org.jspecify.annotations.Nullable;

/**
 * What happens when Kafka wants to end the process, which it takes for its own: the process's owner
 * is told, once, and does it.
 */
final class KafkaEnd implements Exit.Procedure {
  private static final long NOTHING_LEFT = 16 << 20;

  private final Path directory;
  private final Consumer<String> end;
  private final AtomicBoolean told = new AtomicBoolean();

  private KafkaEnd(Path directory, Consumer<String> end) {
    this.directory = directory;
    this.end = end;
  }

  /** Kafka keeps one such procedure for the whole process. */
  static void install(Path directory, Consumer<String> end) {
    KafkaEnd procedure = new KafkaEnd(directory, end);
    Exit.setExitProcedure(procedure);
    Exit.setHaltProcedure(procedure);
  }

  @Override
  public void execute(int status, @Nullable String message) {
    if (told.compareAndSet(false, true)) {
      end.accept(reason(message));
    }
    // Whoever calls this does not expect to go on.
    throw new IllegalStateException("Kafka cannot go on");
  }

  private String reason(@Nullable String message) {
    if (Files.exists(directory) && directory.toFile().getUsableSpace() < NOTHING_LEFT) {
      return "the disk of " + directory + " is full";
    }
    return message == null ? directory + " cannot be used any more, the log says why" : message;
  }
}
