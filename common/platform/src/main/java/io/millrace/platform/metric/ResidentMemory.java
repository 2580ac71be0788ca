package io.millrace.platform.metric;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Memory of a process as Linux counts it. */
final class ResidentMemory {
  private static final String RESIDENT = "VmRSS:";
  private static final long KIBIBYTE = 1024;

  private final Path status;

  /**
   * Of a process.
   *
   * @param status its file {@code /proc/PID/status}
   */
  ResidentMemory(Path status) {
    this.status = status;
  }

  /** In bytes; not a number where the system does not tell. */
  double bytes() {
    try (var lines = Files.lines(status)) {
      return lines
          .filter(line -> line.startsWith(RESIDENT))
          .mapToDouble(line -> KIBIBYTE * Double.parseDouble(line.replaceAll("\\D+", "")))
          .findFirst()
          .orElse(Double.NaN);
    } catch (IOException e) {
      return Double.NaN;
    }
  }
}
