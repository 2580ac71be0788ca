package io.millrace.standalone.model;

import io.millrace.chart.BarChart;
import io.millrace.standalone.terminal.UserError;
import io.millrace.standalone.terminal.UserFiles;
import io.millrace.vision.box.SizeRange;
import io.millrace.vision.detector.DetectorConfig;
import io.millrace.vision.detector.DetectorConfigFile;
import io.millrace.vision.detector.DetectorFields;
import io.millrace.vision.detector.DetectorPresets;
import io.millrace.vision.detector.MapField;
import io.millrace.vision.receptive.Field;
import io.millrace.vision.receptive.KnownNetworks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** {@code millrace rf}: what the cells of a detector's maps see. */
@Command(
    name = "rf",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Prints what part of a picture each result of a detector can see (its receptive field), and what does"
          + " not fit the sizes of objects that it is for.",
      "Only its configuration is read, but with --effective the weights of a model folder too."
    })
public final class ReceptiveFieldCommand implements Callable<Integer> {
  private static final int MOST_BYTES = 1 << 20;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  @Parameters(
      paramLabel = "CONFIG",
      description =
          "a detector's config.json, a model folder, a preset such as fcos-nano, or a network of the"
              + " literature such as resnet-50, vgg-16, yolo-v1-paper")
  private String config = "";

  @Option(names = "--layers", description = "prints every layer on the way")
  private boolean layers;

  @Option(
      names = "--picture",
      paramLabel = "FILE",
      description = "also draws the fields as an SVG file; with --effective the gradients as PNG")
  private @Nullable Path picture;

  @Option(names = "--json", description = "prints JSON, with every layer")
  private boolean json;

  @Option(
      names = "--effective",
      description = {
        "measures by gradients what the cells of a detector's maps depend on: the side of the square that holds 95 %% of",
        "the squared gradients; of a model folder with its weights, else with random ones"
      })
  private boolean effective;

  @Option(
      names = "--pictures",
      paramLabel = "N",
      description = "random pictures to average gradients over (default: ${DEFAULT-VALUE})")
  private int pictures = 4;

  @Override
  public Integer call() {
    if (effective) {
      return new EffectiveFieldReport(config, json, picture).run(pictures);
    }
    DetectorFields fields = fields();
    if (picture != null) {
      draw(fields, picture);
    }
    if (json) {
      System.out.println(JSON.writeValueAsString(fields));
    } else {
      print(fields);
    }
    return 0;
  }

  private DetectorFields fields() {
    String name = config.toLowerCase(Locale.ROOT);
    if (DetectorPresets.NAMES.contains(name)) {
      return DetectorFields.of(DetectorPresets.of(name));
    }
    if (KnownNetworks.byName().containsKey(name)) {
      List<Field> known = Field.bottomUp(KnownNetworks.byName().get(name));
      int stride = (int) known.getLast().jump();
      MapField map = new MapField(stride, 0, /* everything= */ false, SizeRange.ALL, known);
      return new DetectorFields(List.of(map), List.of());
    }
    return DetectorFields.of(read(Path.of(config)));
  }

  /** A configuration's file, or that of a model folder. */
  static DetectorConfig read(Path path) {
    if (!Files.exists(path)) {
      throw new UserError(
          "%s is no file, no preset (%s) and no known network (%s)"
              .formatted(
                  path,
                  String.join(", ", DetectorPresets.NAMES),
                  String.join(", ", KnownNetworks.byName().keySet())));
    }
    Path file = Files.isDirectory(path) ? path.resolve(DetectorConfigFile.NAME) : path;
    try {
      return DetectorConfigFile.read(file.toString(), UserFiles.read(file, MOST_BYTES));
    } catch (IOException e) {
      throw new UserError(ModelSource.reason(e), e);
    }
  }

  private void print(DetectorFields fields) {
    for (MapField map : fields.maps()) {
      if (layers) {
        System.out.printf(Locale.ROOT, "stride %d, branch %d%n", map.stride(), map.branch());
        map.layers().forEach(field -> System.out.println("  " + row(field.name(), field)));
      } else {
        System.out.println(row(FieldText.title(map), map.field()) + "  " + FieldText.purpose(map));
      }
    }
    fields.advice().forEach(line -> System.out.println("note: " + line));
  }

  private static String row(String name, Field field) {
    return text(
        "%-28s size %7.1f  jump %5.1f  start %6.1f",
        name, field.size(), field.jump(), field.start());
  }

  private void draw(DetectorFields fields, Path file) {
    BarChart chart =
        new BarChart(
            "Receptive fields of " + Path.of(config).getFileName(),
            fields.maps().stream()
                .map(map ->
                    new BarChart.Bar(FieldText.title(map), map.field().size(), FieldText.size(map)))
                .toList());
    try {
      Files.writeString(file, chart.svg());
    } catch (IOException e) {
      throw new UserError("cannot write " + file + ": " + e, e);
    }
  }

  private static String text(String form, Object... values) {
    return String.format(Locale.ROOT, form, values);
  }
}
