package io.millrace.platform.service;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;

/**
 * What a process of its own does before anything else, as system properties tell it to: they must
 * hold before the first library reads them.
 */
public final class ProcessSetup {
  private static final Logger LOG = LoggerFactory.getLogger(ProcessSetup.class);

  private ProcessSetup() {}

  /**
   * Applies the properties that are set.
   *
   * <ul>
   *   <li>{@code millrace.temp=own}: the directory that {@code java.io.tmpdir} names is the
   *       process's alone: it is emptied, made if need be, and deleted in the end.
   *   <li>{@code millrace.extra-ca}: a file with certificates of authorities (PEM) that are trusted
   *       beside those of the JVM.
   * </ul>
   */
  public static void apply() {
    if ("own".equals(System.getProperty("millrace.temp"))) {
      ownTemporaryDirectory(Path.of(System.getProperty("java.io.tmpdir")));
    }
    String authorities = System.getProperty("millrace.extra-ca", "");
    if (!authorities.isEmpty()) {
      ExtraAuthorities.trust(Path.of(authorities));
    }
  }

  private static void ownTemporaryDirectory(Path directory) {
    try {
      TemporaryDirectory temporary = TemporaryDirectory.open(directory);
      // Called when the service has stopped.
      SpringApplication.getShutdownHandlers().add(() -> delete(temporary));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot use " + directory + " for temporary files", e);
    }
  }

  private static void delete(TemporaryDirectory temporary) {
    try {
      temporary.close();
    } catch (IOException e) {
      LOG.warn("{} is left until the next start", temporary.path(), e);
    }
  }
}
