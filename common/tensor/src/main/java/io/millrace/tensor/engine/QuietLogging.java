package io.millrace.tensor.engine;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import org.slf4j.LoggerFactory;

/**
 * Keeps what DJL reports about its start out of the log, unless someone set levels of its loggers
 * ({@code logging.level.ai.djl} in a service).
 *
 * <p>Does nothing where something else than Logback writes the log.
 */
final class QuietLogging {

  private QuietLogging() {}

  static void apply(DeviceChoice choice) {
    if (isLogback()) {
      Levels.apply(choice);
    }
  }

  private static boolean isLogback() {
    return LoggerFactory.getILoggerFactory()
        .getClass()
        .getName()
        .equals("ch.qos.logback.classic.LoggerContext");
  }

  /** Apart, so that Logback's classes are looked for only where they are. */
  private static final class Levels {

    static void apply(DeviceChoice choice) {
      LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
      setDefault(context.getLogger("ai.djl"), Level.WARN);
      if (choice instanceof DeviceChoice.Cpu) {
        // That CUDA cannot be used is no news to someone who asked for the processor.
        setDefault(context.getLogger("ai.djl.util.cuda"), Level.ERROR);
      }
    }

    private static void setDefault(Logger logger, Level level) {
      if (logger.getLevel() == null) {
        logger.setLevel(level);
      }
    }
  }
}
