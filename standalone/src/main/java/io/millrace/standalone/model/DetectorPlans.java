package io.millrace.standalone.model;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.millrace.language.config.LanguagePresets;
import io.millrace.standalone.terminal.Table;
import io.millrace.standalone.terminal.UserError;
import io.millrace.vision.box.SizeRange;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.detector.DetectorConfigFile;
import io.millrace.vision.detector.DetectorFields;
import io.millrace.vision.detector.DetectorPlan;
import io.millrace.vision.detector.DetectorPresets;
import io.millrace.vision.detector.MapField;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** What {@code millrace plan} knows of detectors. */
final class DetectorPlans {

  private static final long MAX_BYTES = 1 << 20;

  private static final String[] UNITS = {"", "K", "M", "G", "T", "P"};

  private DetectorPlans() {}

  /** As JSON: the plan's fields, and what {@code rf --json} prints without the single layers. */
  record Costs(@JsonUnwrapped DetectorPlan plan, List<Seen> receptiveFields, List<String> advice) {

    Costs(DetectorPlan plan, DetectorFields fields) {
      this(plan, fields.maps().stream().map(Seen::of).toList(), fields.advice());
    }
  }

  /** A map's field in pixels, and the sizes of objects that it is for. */
  record Seen(int stride, int branch, boolean everything, double field, SizeRange sizes) {

    static Seen of(MapField map) {
      return new Seen(
          map.stride(), map.branch(), map.everything(), map.field().size(), map.sizes());
    }
  }

  /** The presets whose names are not those of language models too. */
  static List<String> presets() {
    return DetectorPresets.NAMES.stream()
        .filter(name -> !LanguagePresets.NAMES.contains(name))
        .toList();
  }

  /**
   * The detector of that name, or of a file or folder; null if it is none.
   *
   * @throws UserError if it is one that cannot be read
   */
  static @Nullable DetectorConfig find(String config) {
    if (presets().contains(config.toLowerCase(Locale.ROOT))) {
      return DetectorPresets.of(config);
    }
    Path path = Path.of(config);
    Path file = Files.isDirectory(path) ? path.resolve(DetectorConfigFile.NAME) : path;
    try {
      if (!Files.isRegularFile(file) || Files.size(file) > MAX_BYTES) {
        return null;
      }
      byte[] json = Files.readAllBytes(file);
      return isDetector(json) ? DetectorConfigFile.read(file.toString(), json) : null;
    } catch (IOException e) {
      throw new UserError(ModelSource.reason(e), e);
    }
  }

  private static boolean isDetector(byte[] json) {
    try {
      return JsonMapper.shared().readTree(json).has("architecture");
    } catch (JacksonException e) {
      return false; // The reader of language models says what is wrong with it.
    }
  }

  static Table table(String model, DetectorPlan plan, DetectorFields fields) {
    Table table = new Table().heading("Plan of " + model).heading("").heading("Parameters");
    table.row("total", PlanTable.parameters(plan.allParameters()));
    plan.parameters()
        .forEach((part, values) -> table.row("  " + part, PlanTable.parameters(values)));
    table
        .heading("")
        .heading(
            "Multiply-adds of a picture of %d x %d pixels"
                .formatted(plan.inputWidth(), plan.inputHeight()))
        .row("total", total(plan));
    for (String part : plan.parameters().keySet()) {
      Long known = plan.multiplyAdds().get(part);
      table.row("  " + part, known == null ? "not counted" : operations(known));
    }
    table
        .heading("")
        .heading("Bytes in float32")
        .row("weights", PlanTable.bytes(plan.weightBytes()))
        .row(
            "training",
            PlanTable.bytes(plan.trainingBytes()) + ", with gradients and moments, without maps")
        .row("results of layers", PlanTable.bytes(plan.mapBytes()) + " a picture")
        .heading("")
        .heading("Receptive field of a result, in pixels");
    for (MapField map : fields.maps()) {
      table.row("  " + FieldText.title(map), FieldText.size(map));
    }
    fields.advice().forEach(line -> table.heading("note: " + line));
    return table;
  }

  /** Without the parts that are not counted. */
  private static String total(DetectorPlan plan) {
    if (plan.multiplyAdds().isEmpty()) {
      return "not counted";
    }
    boolean all = plan.multiplyAdds().keySet().containsAll(plan.parameters().keySet());
    return operations(plan.allMultiplyAdds()) + (all ? "" : ", and what is not counted");
  }

  private static String operations(long value) {
    return PlanTable.scaled(value, UNITS, 2);
  }
}
