package io.millrace.standalone.contract;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.LoggerFactory;

/** Listens to the log of this process for words that must not be in it. */
final class SecretsInLog extends AppenderBase<ILoggingEvent> implements AutoCloseable {
  private static final Logger ROOT = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);

  /** Where clients tell all their settings. */
  private static final Logger SETTINGS =
      (Logger) LoggerFactory.getLogger("org.apache.kafka.common.config.AbstractConfig");

  private final Level before = SETTINGS.getLevel();
  private final List<String> secrets;
  private final Queue<String> found = new ConcurrentLinkedQueue<>();
  private final Queue<String> loggers = new ConcurrentLinkedQueue<>();

  private SecretsInLog(List<String> secrets) {
    this.secrets = secrets;
  }

  static SecretsInLog listen(List<String> secrets) {
    SecretsInLog listener = new SecretsInLog(secrets);
    listener.setContext(ROOT.getLoggerContext());
    listener.start();
    ROOT.addAppender(listener);
    SETTINGS.setLevel(Level.INFO);
    return listener;
  }

  /** Lines that have one of the words. */
  List<String> found() {
    return List.copyOf(found);
  }

  /** How many lines were heard of a logger whose name begins so. */
  long heard(String logger) {
    return loggers.stream().filter(name -> name.startsWith(logger)).count();
  }

  @Override
  protected void append(ILoggingEvent event) {
    loggers.add(event.getLoggerName());
    String line =
        event.getFormattedMessage()
            + (event.getThrowableProxy() == null
                ? ""
                : ThrowableProxyUtil.asString(event.getThrowableProxy()));
    if (secrets.stream().anyMatch(line::contains)) {
      found.add(line);
    }
  }

  @Override
  public void close() {
    ROOT.detachAppender(this);
    SETTINGS.setLevel(before);
  }
}
