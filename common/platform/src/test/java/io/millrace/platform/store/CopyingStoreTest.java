package io.millrace.platform.store;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What tests take for a store that is not of files keeps the contract too. */
class CopyingStoreTest extends ObjectStoreContract {
  @TempDir private Path directory;
  private ObjectStore store;

  @BeforeEach
  void open() throws IOException {
    store =
        new CopyingStore(
            new FileObjectStore(directory.resolve("objects")), directory.resolve("copies"));
  }

  @Override
  protected ObjectStore store() {
    return store;
  }
}
