package io.millrace.standalone.terminal;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** How many characters fit into a line of the terminal. */
final class TerminalSize {

  /** The least that a terminal is expected to have. */
  static final int USUAL_COLUMNS = 80;

  private static final int LEAST_COLUMNS = 20;
  private static final long TIMEOUT_MS = 1000;

  private TerminalSize() {}

  /** What {@code COLUMNS} or else the terminal itself says, or {@link #USUAL_COLUMNS}. */
  static int columns() {
    String columns = System.getenv("COLUMNS");
    return columns(columns != null ? columns : lastWord(askTerminal()));
  }

  /** A number of columns, or {@link #USUAL_COLUMNS} where the text is none that can be true. */
  static int columns(String text) {
    String digits = text.strip();
    int columns = digits.matches("\\d{1,5}") ? Integer.parseInt(digits) : 0;
    return columns < LEAST_COLUMNS ? USUAL_COLUMNS : columns;
  }

  /** Rows and columns as {@code stty size} prints them. */
  private static String askTerminal() {
    File terminal = new File("/dev/tty");
    Process process = null;
    try {
      process =
          new ProcessBuilder("stty", "size")
              .redirectInput(terminal)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(TIMEOUT_MS, TimeUnit.MILLISECONDS) && process.exitValue() == 0
          ? new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
          : "";
    } catch (IOException e) {
      return ""; // no terminal, or no stty
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    } finally {
      destroy(process);
    }
  }

  private static void destroy(@Nullable Process process) {
    if (process != null) {
      process.destroy();
    }
  }

  private static String lastWord(String text) {
    String stripped = text.strip();
    return stripped.substring(stripped.lastIndexOf(' ') + 1);
  }
}
