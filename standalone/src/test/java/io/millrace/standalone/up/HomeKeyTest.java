package io.millrace.standalone.up;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.standalone.home.HomeDirectory;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HomeKeyTest {
  @TempDir private Path directory;

  @Test
  void liesThereBeforeAGatewayMakesIt() {
    Path file = directory.resolve("api-key");
    try (HomeDirectory home = HomeDirectory.open(directory)) {
      String key = HomeKey.first(home);

      assertThat(key).matches("mr_[a-z0-9]{10}_[A-Za-z0-9]{43}");
      assertThat(file).content().isEqualToIgnoringNewLines(key);
      assertThat(HomeKey.first(home)).as("at the next start").isEmpty();
      assertThat(file).content().isEqualToIgnoringNewLines(key);
    }
  }
}
