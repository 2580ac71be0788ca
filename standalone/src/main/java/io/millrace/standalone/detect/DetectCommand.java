package io.millrace.standalone.detect;

import io.millrace.standalone.client.PlatformClient;
import io.millrace.standalone.client.PlatformOptions;
import io.millrace.standalone.home.WritablePlace;
import io.millrace.standalone.terminal.UserError;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace detect}: objects in pictures, as a table and as pictures with boxes. */
@Command(
    name = "detect",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Finds objects in PNG and JPEG files with a detector that a running platform serves, and prints them."
    })
public final class DetectCommand implements Callable<Integer> {

  @Parameters(index = "0", paramLabel = "MODEL", description = "name of the detector")
  private String model = "";

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "IMAGE",
      description = "PNG or JPEG files")
  private List<Path> images = List.of();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "writes each picture with its boxes there, as NAME.png")
  private @Nullable Path out;

  @Option(
      names = "--min-score",
      paramLabel = "S",
      description = "leaves out detections of lower scores (default: 0.3)")
  private @Nullable Double minScore;

  @Option(
      names = "--max",
      paramLabel = "N",
      description = "most detections of a picture (default: 100)")
  private @Nullable Integer max;

  @Option(
      names = "--slices",
      paramLabel = "PIXELS",
      description =
          "looks at overlapping windows of that width too, for small objects in large pictures")
  private @Nullable Integer slices;

  @Option(
      names = "--overlap",
      paramLabel = "SHARE",
      description = "of neighbouring slices (default: 0.2)")
  private @Nullable Double overlap;

  @Option(
      names = "--scales",
      paramLabel = "LIST",
      description = "looks at several scales, each for sizes of objects, like 2:0-40,1:20-")
  private @Nullable String scales;

  @Option(
      names = "--nms",
      paramLabel = "KIND",
      description =
          "which overlapping boxes go: none, iou, ios, merge, soft-linear or soft-gaussian")
  private @Nullable String nms;

  @Option(
      names = "--nms-threshold",
      paramLabel = "T",
      description = "overlap from which on they go")
  private @Nullable Double nmsThreshold;

  @Option(
      names = "--nms-agnostic",
      description = "boxes of other classes make them go too, not only those of the same class")
  private boolean nmsAgnostic;

  @Mixin private PlatformOptions platform = new PlatformOptions();

  private final PrintStream print;

  /** One that prints to the terminal. */
  public DetectCommand() {
    this(System.out);
  }

  /** One that prints elsewhere. */
  public DetectCommand(PrintStream print) {
    this.print = print;
  }

  @Override
  public Integer call() {
    Map<Path, Path> drawings = out == null ? Map.of() : drawings(out, images);
    try (PlatformClient client = platform.client()) {
      DetectRun run = new DetectRun(new DetectClient(client, model, options()), print);
      for (int i = 0; i < images.size(); i++) {
        find(run, images.get(i), drawings, images.size() - i - 1);
      }
    }
    return 0;
  }

  private static void find(DetectRun run, Path image, Map<Path, Path> drawings, int left) {
    try {
      run.find(image, drawings.get(image));
    } catch (UserError e) {
      throw left == 0
          ? e
          : new UserError("%s; %d more not looked at".formatted(e.getMessage(), left), e);
    }
  }

  /** By the names of the request's parameters. */
  private Map<String, String> options() {
    Map<String, String> options = new LinkedHashMap<>();
    put(options, "min_score", minScore);
    put(options, "max_detections", max);
    put(options, "slice_size", slices);
    put(options, "slice_overlap", overlap);
    put(options, "scales", scales);
    put(options, "nms", nms);
    put(options, "nms_threshold", nmsThreshold);
    put(options, "nms_agnostic", nmsAgnostic ? true : null);
    return options;
  }

  private static void put(Map<String, String> options, String name, @Nullable Object value) {
    if (value != null) {
      options.put(name, value.toString());
    }
  }

  /**
   * Where each picture is drawn.
   *
   * @throws UserError if two would be one file, or one would replace a picture that is given
   */
  static Map<Path, Path> drawings(Path directory, List<Path> images) {
    WritablePlace.require("--out", directory);
    Map<Path, Path> drawings = new LinkedHashMap<>();
    for (Path image : images) {
      String name = String.valueOf(image.getFileName());
      int dot = name.lastIndexOf('.');
      Path target = directory.resolve((dot > 0 ? name.substring(0, dot) : name) + ".png");
      if (drawings.containsValue(target) && !drawings.containsKey(image)) {
        throw new UserError(
            "two of the pictures would be drawn as %s: give them in two calls".formatted(target));
      }
      if (images.stream().anyMatch(one -> absolute(one).equals(absolute(target)))) {
        throw new UserError(
            "%s would be replaced by its drawing: choose another --out".formatted(target));
      }
      drawings.put(image, target);
    }
    return drawings;
  }

  private static Path absolute(Path path) {
    return path.toAbsolutePath().normalize();
  }
}
