package io.millrace.standalone.process;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.joran.spi.JoranException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The log of this process: nowhere, until there is a home directory. */
public final class LogFile {

  private static final String DIRECTORY = "millrace.log.directory";
  private static final String APPENDER = "home";

  private LogFile() {}

  /** Sends the log to a directory from now on, and no longer to an earlier one. */
  public static synchronized void in(Path directory) {
    // Four contexts share one Logback: none of them may set it up anew.
    System.setProperty("org.springframework.boot.logging.LoggingSystem", "none");
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    Appender<ILoggingEvent> earlier =
        context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender(APPENDER);
    if (earlier != null) {
      context.getLogger(Logger.ROOT_LOGGER_NAME).detachAppender(earlier);
      earlier.stop();
    }
    System.setProperty(DIRECTORY, directory.toString());
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    try {
      configurator.doConfigure(
          Objects.requireNonNull(LogFile.class.getResource("/millrace-log.xml")));
    } catch (JoranException e) {
      throw new IllegalStateException("the log cannot be set up", e);
    }
  }

  /** Where the log is, if there is one. */
  public static Optional<Path> directory() {
    return Optional.ofNullable(System.getProperty(DIRECTORY)).map(Path::of);
  }
}
