package io.millrace.standalone.demo;

import io.millrace.standalone.terminal.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;

/**
 * Where {@code --report} goes. It is written before anything starts, so that one that cannot be
 * written is known then, and one of a demo that was killed does not say that all is well.
 */
final class ReportFile {

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .addModule(
              new SimpleModule()
                  .addSerializer(double.class, new FiniteNumbers())
                  .addSerializer(Double.class, new FiniteNumbers()))
          .build();

  private final @Nullable Path file;

  private ReportFile(@Nullable Path file) {
    this.file = file;
  }

  /**
   * Says that the demo has not ended.
   *
   * @param file null: nothing is ever written
   * @throws UserError if it cannot be written
   */
  static ReportFile begin(@Nullable Path file) {
    ReportFile report = new ReportFile(file);
    report.write(new DemoReport(false, 0, "the demo did not come to its end", null, null));
    return report;
  }

  /**
   * Replaces what the file says.
   *
   * @throws UserError if it cannot be written
   */
  void write(DemoReport report) {
    if (file == null) {
      return;
    }
    try {
      Files.writeString(file, json(report) + "\n");
    } catch (IOException e) {
      String reason =
          Files.isDirectory(file)
              ? "it is a directory"
              : e.getClass().getSimpleName() + ", " + e.getMessage();
      throw new UserError("--report " + file + " cannot be written: " + reason, e);
    }
  }

  static String json(DemoReport report) {
    return JSON.writeValueAsString(report);
  }

  /** JSON has no number for what is none: null stands there, never a text. */
  private static final class FiniteNumbers extends StdSerializer<Double> {

    FiniteNumbers() {
      super(Double.class);
    }

    @Override
    public void serialize(Double value, JsonGenerator json, SerializationContext context) {
      if (Double.isFinite(value)) {
        json.writeNumber(value);
      } else {
        json.writeNull();
      }
    }
  }
}
