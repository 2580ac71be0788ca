package io.millrace.benchmarks.served;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessCountsTest {
  private final ProcessCounts counts = new ProcessCounts(ProcessHandle.current().pid());

  @TempDir private Path directory;

  @Test
  void countsThreadsFilesAndMemory() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    Path file = Files.writeString(directory.resolve("file"), "x");
    try (InputStream open = Files.newInputStream(file)) {
      Thread more = Thread.ofPlatform().start(() -> await(end));
      assertThat(open.read()).isEqualTo('x');
      assertThat(counts.threads()).isGreaterThan(1);
      assertThat(counts.files()).isGreaterThan(1);
      end.countDown();
      more.join();
    }
    // The kernel counts pages by processor and adds them up later.
    assertThat(counts.megabytes()).isBetween(1.0, counts.peakMegabytes() * 1.1);
  }

  @Test
  void countsProcessorTime() throws Exception {
    double before = counts.processorSeconds();
    long sum = 0;
    while (counts.processorSeconds() < before + 0.05) {
      sum++;
    }
    assertThat(sum).isPositive();
  }

  @Test
  void saysWhichProcessIsNotThere() {
    assertThatThrownBy(() -> new ProcessCounts(Integer.MAX_VALUE).threads())
        .isInstanceOf(IOException.class)
        .hasMessageContaining(String.valueOf(Integer.MAX_VALUE));
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
