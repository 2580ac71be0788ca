package io.millrace.standalone.classify;

import io.millrace.standalone.client.PlatformClient;
import io.millrace.standalone.client.PlatformOptions;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code millrace classify}: the likeliest classes of texts, pictures and rows. */
@Command(
    name = "classify",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Classifies texts, PNG and JPEG files or rows with a model that a running platform serves, and prints what"
          + " they are."
    })
public final class ClassifyCommand implements Callable<Integer> {

  @Parameters(index = "0", paramLabel = "MODEL", description = "name of the classifier")
  private String model = "";

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "FILE|TEXT",
      description =
          "PNG or JPEG files, text files, *.jsonl files with an object a row in each line; what is no file is a text"
              + " itself")
  private List<String> inputs = List.of();

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "classes that are printed of each (default: 3)")
  private @Nullable Integer top;

  @Mixin private PlatformOptions platform = new PlatformOptions();

  private final PrintStream print;

  /** One that prints to the terminal. */
  public ClassifyCommand() {
    this(System.out);
  }

  /** One that prints elsewhere. */
  public ClassifyCommand(PrintStream print) {
    this.print = print;
  }

  @Override
  public Integer call() {
    try (PlatformClient client = platform.client()) {
      ClassifyRun run = new ClassifyRun(client, model, top == null ? 3 : top, print);
      for (String input : inputs) {
        run.classify(GivenInput.of(input));
      }
    }
    return 0;
  }
}
