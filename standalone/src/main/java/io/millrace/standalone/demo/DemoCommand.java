package io.millrace.standalone.demo;

import io.millrace.standalone.UserError;
import io.millrace.standalone.process.ProcessEnd;
import io.millrace.standalone.up.Platform;
import io.millrace.standalone.up.PlatformOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

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
        "detection: a directory with COCO JSON or Pascal VOC annotations (default: rendered scenes)"
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
      description = "model configuration: nano or micro (default: ${DEFAULT-VALUE})")
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
    DemoPlans plans = new DemoPlans(stamp(), preset, steps, jdkPackage, data, prompt, out);
    // Everything a person can get wrong is found before anything starts.
    LanguageDemo.Plan language =
        task.includes(Task.LANGUAGE) ? plans.language(task == Task.ALL) : null;
    DetectionDemo.Plan detection =
        task.includes(Task.DETECTION) ? plans.detection(task == Task.ALL) : null;
    requireWritable(report);
    DemoReport.Language languageResult = null;
    DemoReport.Detection detectionResult = null;
    String error = null;
    try (Platform platform = Platform.start(options.settings(), System.out::println);
        GatewayClient gateway = new GatewayClient(platform.address(), platform.apiKey())) {
      System.out.printf("platform is up after %.1f s%n%n", platform.startSeconds());
      if (language != null) {
        languageResult = new LanguageDemo(gateway, System.out, language).run();
        DemoChecks.check(languageResult);
      }
      if (detection != null) {
        detectionResult = new DetectionDemo(gateway, System.out, detection).run();
        DemoChecks.check(detectionResult);
      }
    } catch (StageFailure | GatewayException e) {
      if (ProcessEnd.isAsked()) {
        throw e;
      }
      error = String.valueOf(e.getMessage());
    }
    DemoReport result =
        new DemoReport(
            error == null,
            (System.nanoTime() - begin) / 1e9,
            error,
            languageResult,
            detectionResult);
    System.out.println();
    System.out.print(DemoTable.of(result));
    write(result);
    if (error != null) {
      System.err.println("millrace: the demo failed: " + error);
      return FAILED;
    }
    return 0;
  }

  private void write(DemoReport result) {
    if (report == null) {
      return;
    }
    JsonMapper json = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    try {
      Files.writeString(report, json.writeValueAsString(result) + "\n");
    } catch (IOException e) {
      throw new UserError("--report " + report + " cannot be written: " + e.getMessage(), e);
    }
  }

  private static void requireWritable(@Nullable Path file) {
    if (file == null) {
      return;
    }
    Path parent = file.toAbsolutePath().getParent();
    if (Files.isDirectory(file) || parent == null || !Files.isDirectory(parent)) {
      throw new UserError("--report " + file + " is not a file in an existing directory");
    }
  }

  /**
   * Makes the names of a demo's datasets and models its own: a second demo finds the first one's.
   */
  private static String stamp() {
    return LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT));
  }
}
