package io.millrace.platform.store.s3;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheRoomTest {
  @TempDir private Path cache;

  /** A replica that ends and its successor, which deletes what the dead have left. */
  @Test
  void opensWhileAnotherOneCloses() throws Exception {
    List<Future<?>> replicas = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int replica = 0; replica < 4; replica++) {
        replicas.add(
            threads.submit(() -> {
              for (int round = 0; round < 50; round++) {
                openAndClose();
              }
              return null;
            }));
      }
      for (Future<?> replica : replicas) {
        replica.get();
      }
    }
    assertThat(cache).isDirectoryNotContaining("glob:**/room-*");
  }

  private void openAndClose() throws IOException {
    try (CacheRoom room = CacheRoom.open(cache)) {
      for (int file = 0; file < 5; file++) {
        Files.createFile(room.directory().resolve("file-" + file));
      }
    }
  }
}
