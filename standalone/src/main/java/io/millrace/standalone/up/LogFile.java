package io.millrace.standalone.up;

import java.nio.file.Path;
import org.slf4j.LoggerFactory;

/** Sends the log of this process to a directory; must be called before the first logger is used. */
final class LogFile {

  private LogFile() {}

  static void in(Path directory) {
    System.setProperty("millrace.log.directory", directory.toString());
    // Four contexts share one Logback: none of them may set it up anew.
    System.setProperty("org.springframework.boot.logging.LoggingSystem", "none");
    // Servers start in threads side by side; two first users of SLF4J would make it print a
    // warning.
    LoggerFactory.getILoggerFactory();
  }
}
