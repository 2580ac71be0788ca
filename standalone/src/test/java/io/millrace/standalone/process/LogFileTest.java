package io.millrace.standalone.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class LogFileTest {

  @TempDir Path directory;

  @Test
  void goesWhereTheHomeIsThoughSomethingHasLoggedBefore() throws IOException {
    Logger log = LoggerFactory.getLogger(LogFileTest.class);
    log.warn("before there is a home");
    LogFile.in(directory.resolve("one"));
    log.warn("at home");
    LogFile.in(directory.resolve("two"));
    log.warn("moved");

    assertThat(log("one")).contains("WARN", "at home").doesNotContain("before", "moved");
    assertThat(log("two")).contains("moved").doesNotContain("at home");
    assertThat(LogFile.directory()).contains(directory.resolve("two"));
  }

  private String log(String home) throws IOException {
    return Files.readString(directory.resolve(home).resolve("millrace.log"));
  }
}
