package io.millrace.standalone.demo;

import io.millrace.standalone.process.ProcessEnd;
import io.millrace.standalone.up.Platform;
import io.millrace.standalone.up.PlatformOptions;
import io.millrace.standalone.up.PlatformSettings;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace demo}: the main job end to end, and a report of what really happened. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Streams real data through Kafka, trains a language model and a detector from it, swaps every"
          + " checkpoint in under load, and shows what they have learned.",
      "Exit status 0 only if every stage really happened."
    })
public final class DemoCommand implements Callable<Integer> {

  private static final Logger LOG = LoggerFactory.getLogger(DemoCommand.class);
  private static final int FAILED = 1;

  @Mixin private PlatformOptions options = new PlatformOptions();

  @Option(
      names = "--task",
      defaultValue = "all",
      description = "language, detection or all (default: all)")
  private Task task = Task.ALL;

  @Option(
      names = "--data",
      paramLabel = "PATH",
      description = {
        "language: a text, source code or JSONL file, or a directory of them (default: sources of the running JDK)",
        "detection: a directory with COCO, Pascal VOC or YOLO annotations (default: rendered scenes)"
      })
  private @Nullable Path data;

  @Option(
      names = "--package",
      defaultValue = "java/util",
      description = "package of the JDK's sources to learn from (default: ${DEFAULT-VALUE})")
  private String jdkPackage = "java/util";

  @Option(
      names = "--preset",
      defaultValue = "nano",
      description = {
        "model configuration (default: ${DEFAULT-VALUE})",
        "language: nano or micro; detection: any that `plan` lists, such as fcos-nano"
      })
  private String preset = "nano";

  @Option(names = "--steps", paramLabel = "N", description = "optimizer steps of each task")
  private @Nullable Long steps;

  @Option(
      names = "--prompt",
      description = "what the completions continue (default: the beginning of a Java method)")
  private @Nullable String prompt;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "millrace-demo",
      description = "where pictures with detected boxes go (default: ${DEFAULT-VALUE})")
  private Path out = Path.of("millrace-demo");

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "write the final table as JSON too")
  private @Nullable Path report;

  /** Which half to run. */
  enum Task {
    LANGUAGE,
    DETECTION,
    ALL;

    boolean includes(Task other) {
      return this == ALL || this == other;
    }
  }

  @Override
  public Integer call() {
    long begin = System.nanoTime();
    ReportFile file = ReportFile.begin(report);
    Results results = new Results();
    String error = null;
    try {
      run(results);
    } catch (RuntimeException e) {
      if (ProcessEnd.isAsked()) {
        throw e;
      }
      error = String.valueOf(e.getMessage());
      if (!(e instanceof StageFailure)) {
        file.write(results.report(begin, error));
        throw e;
      }
      LOG.error("the demo failed", e);
    }
    DemoReport result = results.report(begin, error);
    System.out.println();
    System.out.print(DemoTable.of(result));
    file.write(result);
    if (error != null) {
      System.err.println("millrace: the demo failed: " + error);
      return FAILED;
    }
    return 0;
  }

  private void run(Results results) {
    // Everything a person can get wrong is found before anything starts.
    PlatformSettings settings = options.settings();
    Platform.requirePossible(settings);
    DemoPlans plans = new DemoPlans(stamp(), preset, steps, jdkPackage, data, prompt, out);
    LanguageDemo.Plan language =
        task.includes(Task.LANGUAGE)
            ? Stage.of("read the documents", () -> plans.language(task == Task.ALL))
            : null;
    DetectionDemo.Plan detection =
        task.includes(Task.DETECTION)
            ? Stage.of("read the pictures", () -> plans.detection(task == Task.ALL))
            : null;
    try (Platform platform =
            Stage.of("start the platform", () -> Platform.start(settings, System.out::println));
        GatewayClient gateway = new GatewayClient(platform.address(), platform.apiKey())) {
      System.out.printf("platform is up after %.1f s%n%n", platform.startSeconds());
      if (language != null) {
        results.language = new LanguageDemo(gateway, System.out, language).run();
        DemoChecks.check(results.language);
      }
      if (detection != null) {
        results.detection = new DetectionDemo(gateway, System.out, detection).run();
        DemoChecks.check(results.detection);
      }
    }
  }

  /** What has come of the demo so far. */
  private static final class Results {

    private DemoReport.@Nullable Language language;
    private DemoReport.@Nullable Detection detection;

    DemoReport report(long begin, @Nullable String error) {
      double seconds = (System.nanoTime() - begin) / 1e9;
      return new DemoReport(error == null, seconds, error, language, detection);
    }
  }

  /**
   * Makes the names of a demo's datasets and models its own: a second demo finds the first one's.
   */
  private static String stamp() {
    return LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT));
  }
}
